/* The inbox of requests: the one that has the focus is approved or rejected by a key. */
import { $, $$ } from "./core.js";

let at = -1;
const rows = () => $$("#main .request");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[ar]$/.test(event.key)) return;
  const row = event.target.closest?.(".request");
  if (!row || event.target.matches("input, textarea, select") || $("dialog[open]")) return;
  const deed = $(event.key === "a" ? "[data-approve]" : "[data-reject]", row);
  if (!deed) return;
  event.preventDefault();
  event.stopPropagation();
  at = rows().indexOf(row);
  deed.click();
}, true);

/* What was decided is gone; the next one gets the focus. */
function onward() {
  if (at < 0 || $("dialog[open]")) return;
  const all = rows();
  if (document.activeElement === document.body || document.activeElement?.id === "main") {
    (all[Math.min(at, all.length - 1)] ?? $("#main"))?.focus();
  }
  at = -1;
}
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id === "main") setTimeout(onward);
});

export const start = onward;
