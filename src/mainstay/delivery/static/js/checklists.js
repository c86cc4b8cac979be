/* Steps and checklists: ticking, the order by drag, finger and keyboard, clocks that run. */
import { $, $$, say, send } from "./core.js";
import { dragging } from "./drag.js";

const TURN_MS = 20_000;
const started = new WeakSet();
const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
const lines = (list) => $$(":scope > [data-id]", list);

/* A tick is sent at once; what is refused goes back, with the reason. */
async function turn(box) {
  const on = box.checked;
  box.toggleAttribute("aria-busy", true);
  box.closest(".work-line")?.classList.toggle("done", on);
  try {
    const { changeSet } = await send(on ? box.dataset.tickOn : box.dataset.tickOff, {});
    const words = box.closest("[data-undone]")?.dataset.undone;
    if (on && words) say(words, "", changeSet);
  } catch (refusal) {
    box.checked = !on;
    say(refusal.message, "bad");
  } finally {
    box.removeAttribute("aria-busy");
    stale();
  }
}

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-tick-on]");
  if (box) turn(box);
});

/* What cannot be ticked yet says why, and stays open. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-tick-on][aria-disabled]")) event.preventDefault();
});

/* Say between which two a line stands now. */
async function settle(list, line) {
  const all = lines(list);
  const at = all.indexOf(line);
  const body = at ? { after_id: Number(all[at - 1].dataset.id) } : { before_id: Number(all[1]?.dataset.id) || null };
  try {
    const { changeSet } = await send(`${list.dataset.order}/${line.dataset.id}/move`, body);
    const words = list.closest("[data-moved]").dataset.moved;
    say(words.replace("{name}", line.dataset.name).replace("{num}", at + 1), "", changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  stale();
}

function drags(list) {
  let held = null;
  let before = null;
  dragging(list, {
    grip: (event) => event.target.closest("[data-grip]")?.closest("[data-id]"),
    lift(line) {
      held = line;
      before = lines(list);
      line.classList.add("lifted");
      list.closest("[data-pane]")?.setAttribute("data-holding", "");
      return [line];
    },
    move(x, y) {
      const over = document.elementFromPoint(x, y)?.closest("[data-id]");
      if (!over || over === held || over.parentElement !== list) return;
      const { top, height } = over.getBoundingClientRect();
      over[y < top + height / 2 ? "before" : "after"](held);
    },
    drop() {
      const line = down();
      if (lines(list).some((one, at) => one !== before[at])) settle(list, line);
    },
    cancel() {
      down();
      list.append(...before);
    },
  });

  function down() {
    const line = held;
    line.classList.remove("lifted");
    list.closest("[data-pane]")?.removeAttribute("data-holding");
    held = null;
    return line;
  }
}

/* Alt and an arrow move the line that has the focus. */
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
  const line = event.target.closest?.("[data-order] > [data-id]");
  if (!line || !$("[data-grip]", line)) return;
  event.preventDefault();
  const list = line.parentElement;
  const all = lines(list);
  const to = all.indexOf(line) + (event.key === "ArrowUp" ? -1 : 1);
  if (to < 0 || to >= all.length) return;
  all[to][event.key === "ArrowUp" ? "before" : "after"](line);
  $("[data-grip]", line).focus();
  settle(list, line);
});

/* Clocks count on between two readings of the page. */
function count() {
  for (const clock of $$("time[data-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 60_000));
    clock.textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  }
}
setInterval(() => { if (!document.hidden) count(); }, TURN_MS);
document.addEventListener("htmx:after:swap", wire);

function wire() {
  count();
  for (const list of $$("[data-order]")) {
    if (started.has(list) || !$("[data-grip]", list)) continue;
    started.add(list);
    drags(list);
  }
}

export const start = wire;
