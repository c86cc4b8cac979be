/* Planning a project anew: sent as it was looked at, with the way back in the message. */
import { $, say, send, visit } from "./core.js";

export function start(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    delete given._csrf;
    if (given.solver) given.solver = true;
    const button = $(".primary", form);
    button.disabled = true;
    try {
      const kept = await send(form.dataset.api, given);
      await visit(form.dataset.back, { swap: "outerHTML", push: "true" });
      say(form.dataset.said, "", kept.changeSet);
    } catch (refusal) {
      button.disabled = false;
      say(refusal.message, "bad");
    }
  });
}
