/* The definition of done: ticking a task's points, and what a missing one does. */
import { say, send } from "./core.js";

const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));

document.addEventListener("change", async (event) => {
  const box = event.target.closest("[data-criterion]");
  if (!box) return;
  const met = box.checked;
  box.closest(".work-line")?.classList.toggle("done", met);
  try {
    const body = { criterion_id: Number(box.dataset.criterion), met };
    await send(`/api/projects/tasks/${box.dataset.task}/tick`, body);
  } catch (refusal) {
    box.checked = !met;
    box.closest(".work-line")?.classList.toggle("done", !met);
    say(refusal.message, "bad");
  }
  stale();
});

document.addEventListener("change", async (event) => {
  const choice = event.target.closest("[data-mode-of] input");
  if (!choice) return;
  const group = choice.closest("[data-mode-of]");
  try {
    const { changeSet } = await send(`/api/projects/projects/${group.dataset.modeOf}/insist`, { mode: choice.value });
    say(group.dataset.said, "", changeSet);
  } catch (refusal) {
    for (const one of group.querySelectorAll("input")) one.checked = one.defaultChecked;
    say(refusal.message, "bad");
  }
  stale();
});

export function start() {}
