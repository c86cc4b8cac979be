/* A sprint's board: the board of all tasks, kept to the sprint, in the place that waits for it.
   When the page is to be read again, its head is read by the page and the board by itself. */
import { $, visit } from "./core.js";
import { mainAddress } from "./panes.js";

const REREAD = "Mainstay-Reread";

let place = null;

export function start(element) {
  place = element;
  element.addEventListener("live:refresh", (event) => { event.preventDefault(); both(); });
  element.addEventListener("click", folded, true);
  load(element, "innerHTML");
}

/* Only the view is taken from the list's page; it has no bar and no menus here. */
function load(element, swap) {
  const path = element.dataset.now ?? element.dataset.src;
  const shown = [...element.querySelectorAll(".cards[data-cell]")].map((cell) => `${cell.dataset.cell}:${cell.querySelectorAll(".card[data-record]").length}`).join(",");
  const headers = { "HX-Target": "main#main", ...(shown && { "X-Shown": shown }) };
  return htmx.ajax("GET", path, { target: "#sprint-board", select: "#main .view", swap, headers });
}

async function both() {
  const from = mainAddress();
  await visit(from, { swap: "outerMorph", headers: { "HX-Target": "main#main", [REREAD]: from } });
  const now = $("#sprint-board");
  if (now) await load(now, "innerMorph");
}

/* Folding a column stays on this page: the same board is asked for with other columns folded. */
function folded(event) {
  const button = event.target.closest("[data-fold]");
  if (!button || !place) return;
  event.preventDefault();
  event.stopPropagation();
  place.dataset.now = button.dataset.fold;
  load(place, "innerMorph");
}
