/* Keyboard shortcuts; the sheet behind `?` lists them. */
import { $, $$, dialog, visit } from "./core.js";
import { deeds, open } from "./clicks.js";

let leader = 0;

function move(step) {
  const rows = $$("[data-rows] [data-href]");
  const at = rows.indexOf(document.activeElement.closest?.("[data-href]"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

const press = (key) => {
  const wanted = $$(`[data-key="${CSS.escape(key)}"]`).find((one) => one.checkVisibility());
  wanted?.matches("input") ? wanted.select() : wanted?.click();
  wanted?.focus?.();
  return Boolean(wanted);
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Escape") {
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
    else if (target.matches("input, textarea, select") && !dialog()?.open) target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable) return;
  if (target.matches("input, textarea, select") || $("dialog[open]")) return;
  const led = Date.now() - leader < 1200;
  leader = 0;
  if (led && key === "h") visit("/", { swap: "outerHTML", push: "true" });
  else if (key === "g") leader = Date.now();
  else if (key === "?") deeds.keys();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "Enter" && target.matches("tr[data-href]")) open(target);
  else if (!press(key)) return;
  if (key !== "g") event.preventDefault();
});
