/* Who has how much to do: filters that act at once, a map to walk by arrow keys, work that is shifted. */
import { $$, dialog, say, send } from "./core.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function start(root) {
  if (root.dataset.kind === "filter") filters(root);
  if (root.dataset.kind === "grid") walks(root);
  if (root.dataset.kind === "shift") root.addEventListener("click", shift);
}

/* Names without a value would only make the address long. */
function filters(form) {
  const clean = () => {
    for (const input of $$("select", form)) input.disabled = !input.value;
  };
  form.addEventListener("submit", clean);
  form.addEventListener("change", () => {
    form.requestSubmit();
    setTimeout(() => { for (const input of $$("select", form)) input.disabled = false; });
  });
}

/* One stop for the Tab key in the whole map; the arrows walk from there. */
function walks(table) {
  const rows = () => $$("tbody tr", table).map((row) => $$("button.tm-cell", row));
  table.addEventListener("focusin", (event) => {
    if (!event.target.matches("button.tm-cell")) return;
    for (const cell of $$('button.tm-cell[tabindex="0"]', table)) cell.tabIndex = -1;
    event.target.tabIndex = 0;
  });
  table.addEventListener("keydown", (event) => {
    if (!event.target.matches("button.tm-cell") || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows();
    const at = all.findIndex((row) => row.includes(event.target));
    const place = all[at].indexOf(event.target);
    let next = null;
    if (STEPS[event.key]) {
      const [down, right] = STEPS[event.key];
      const along = document.dir === "rtl" ? -right : right;
      next = all[at + down]?.[place + along];
    } else if (event.key === "Home") next = all[at][0];
    else if (event.key === "End") next = all[at].at(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  });
}

/* What was looked at is done, in one change that can be taken back. */
async function shift(event) {
  const button = event.target.closest("[data-apply]");
  if (!button) return;
  button.disabled = true;
  try {
    const kept = await send(button.dataset.apply, JSON.parse(button.dataset.body));
    if (dialog().open) dialog().close();
    say(button.dataset.said, "", kept.changeSet);
    document.dispatchEvent(new CustomEvent("page:stale"));
  } catch (refusal) {
    button.disabled = false;
    say(refusal.message, "bad");
  }
}
