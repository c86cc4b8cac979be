/* The threads of a record: react, answer, edit and remove where the comment stands. */
import { $, main, say, send } from "./core.js";

const stale = () => document.dispatchEvent(new CustomEvent("page:stale"));
const pane = (element) => element.closest("[data-pane]") ?? main();
const article = (button) => button.closest(".said");

/* The form to answer stands below its thread; focusing an open one again keeps its words. */
async function answer(button) {
  const place = $(".answer-place", button.closest(".thread"));
  if (!$("form", place)) await htmx.ajax("GET", `/say/${button.dataset.comment}/answer`, { target: place, swap: "innerHTML" });
  $("textarea", place)?.focus();
}

async function edit(button) {
  const holder = $(".said-words", article(button));
  pane(button).dataset.holding = "comment";
  await htmx.ajax("GET", `/say/${button.dataset.comment}/edit`, { target: holder, swap: "innerHTML" });
  $("textarea", holder)?.focus();
}

async function remove(button) {
  try {
    const gone = await send(`/api/comments/comments/${button.dataset.comment}`, undefined, "DELETE");
    say($("#words")?.dataset.removed || $("#words")?.dataset.undone, "", gone.changeSet);
    stale();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
}

/* The sign is counted at once; a refusal takes the count back. */
async function react(button) {
  const { comment, sign } = button.dataset;
  const menu = button.closest("details.menu");
  if (menu) menu.open = false;
  const shown = menu ? null : button;
  const flip = () => {
    if (!shown) return;
    const given = shown.getAttribute("aria-pressed") === "true";
    const count = $("span:nth-child(2)", shown);
    shown.setAttribute("aria-pressed", String(!given));
    count.textContent = String(Number(count.textContent) + (given ? -1 : 1));
  };
  flip();
  try {
    await send(`/api/comments/comments/${comment}/react`, { emoji: sign });
    stale();
  } catch (refusal) {
    flip();
    say(refusal.message, "bad");
  }
}

const deeds = { answer, edit, remove, react };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-say]");
  if (button) deeds[button.dataset.say]?.(button);
});

document.addEventListener("composer:done", (event) => {
  const form = event.target;
  const place = form.closest(".answer-place");
  if (place) place.replaceChildren();
  if (form.dataset.editing) delete pane(form).dataset.holding;
  if (place || form.dataset.editing) stale();
});

export function start() {}
