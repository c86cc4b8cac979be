/* A retrospective: votes, notes that move between columns by drag and keyboard, new actions. */
import { $, $$, say, send } from "./core.js";
import { dragging } from "./drag.js";

const started = new WeakSet();
const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
const notes = (list) => $$(":scope > [data-note]", list);

/* A vote says what is wanted, so that pressing twice is never counted twice. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-vote]");
  if (!button || button.hasAttribute("aria-busy")) return;
  const agree = button.getAttribute("aria-pressed") !== "true";
  const shown = $("[data-votes]", button);
  const show = (on) => {
    button.setAttribute("aria-pressed", String(on));
    shown.textContent = Number(shown.textContent) + (on ? 1 : -1);
  };
  show(agree);
  button.setAttribute("aria-busy", "true");
  try {
    await send(`/api/scrum/retrospective-notes/${button.dataset.vote}/vote`, { agree });
  } catch (refusal) {
    show(!agree);
    say(refusal.message, "bad");
  }
  button.removeAttribute("aria-busy");
  stale();
});

document.addEventListener("change", async (event) => {
  const pick = event.target.closest("[data-moods] input");
  if (!pick) return;
  const id = pick.closest("[data-moods]").dataset.moods;
  try {
    const { changeSet } = await send(`/api/scrum/retrospectives/${id}`, { team_mood: Number(pick.value) }, "PATCH");
    say(pick.closest("label").title, "", changeSet);
  } catch (refusal) {
    pick.checked = false;
    say(refusal.message, "bad");
  }
  pick.blur();
  stale();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-act-add]");
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  const { title, owner_id: owner, due_date: due } = Object.fromEntries(new FormData(form));
  if (!title.trim()) return;
  const body = { retrospective_id: Number(form.dataset.retrospective), title: title.trim() };
  if (owner) body.owner_id = Number(owner);
  if (due) body.due_date = due;
  try {
    await send("/api/scrum/action-items", body);
    $("[name=title]", form).value = "";
    stale();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
}, true);

/* Say in which column and between which two a note stands now. */
async function settle(list, note) {
  const all = notes(list);
  const at = all.indexOf(note);
  const body = { kind: list.dataset.kind };
  if (at) body.after_id = Number(all[at - 1].dataset.note);
  else if (all[1]) body.before_id = Number(all[1].dataset.note);
  try {
    const { changeSet } = await send(`/api/scrum/retrospective-notes/${note.dataset.note}/move`, body);
    const words = list.closest("[data-moved]").dataset.moved;
    say(words.replace("{name}", note.dataset.name).replace("{column}", list.dataset.title).replace("{num}", at + 1), "", changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  stale();
}

function drags(board) {
  let held = null;
  let home = null;
  let next = null;
  const down = () => {
    held.classList.remove("lifted");
    board.closest("[data-pane]")?.removeAttribute("data-holding");
    const note = held;
    held = null;
    return note;
  };
  dragging(board, {
    grip: (event) => !event.target.closest("button, a, input, textarea, form") && event.target.closest("[data-note][tabindex]"),
    lift(note) {
      [held, home, next] = [note, note.parentElement, note.nextElementSibling];
      note.classList.add("lifted");
      board.closest("[data-pane]")?.setAttribute("data-holding", "");
      return [note];
    },
    move(x, y) {
      const under = document.elementFromPoint(x, y);
      const over = under?.closest("[data-note]");
      if (over && over !== held && board.contains(over)) {
        const { top, height } = over.getBoundingClientRect();
        over[y < top + height / 2 ? "before" : "after"](held);
        return;
      }
      const list = !over && $("[data-kind]", under?.closest(".retro-column") ?? document.createElement("i"));
      if (list && !list.contains(held)) list.append(held);
    },
    drop() {
      const note = down();
      if (note.parentElement !== home || note.nextElementSibling !== next) settle(note.parentElement, note);
    },
    cancel() {
      home.insertBefore(down(), next);
    },
  });
}

/* Alt and the arrow keys: up and down in the column, left and right into the next one. */
document.addEventListener("keydown", (event) => {
  const note = event.target.closest?.("[data-note][tabindex]");
  if (!note || !event.altKey || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const list = note.parentElement;
  const lists = $$("[data-kind]", list.closest(".retro-columns"));
  const step = /Up|Left/.test(event.key) ? -1 : 1;
  if (/Up|Down/.test(event.key)) {
    const other = notes(list)[notes(list).indexOf(note) + step];
    if (!other) return;
    other[step < 0 ? "before" : "after"](note);
  } else {
    const other = lists[lists.indexOf(list) + step];
    if (!other) return;
    other.append(note);
  }
  note.focus();
  settle(note.parentElement, note);
}, true);

function wire() {
  for (const board of $$(".retro-columns")) {
    if (started.has(board)) continue;
    started.add(board);
    drags(board);
  }
}

document.addEventListener("htmx:after:swap", wire);
export const start = wire;
