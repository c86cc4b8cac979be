/* References found by search: the combo boxes of forms. */
import { $, $$ } from "./core.js";

const list = (combo) => $(".combo-list", combo);

function pick(combo, item) {
  if (!item?.dataset.value) return;
  const chosen = document.createElement("span");
  chosen.className = "pick";
  const words = document.createElement("span");
  words.textContent = item.textContent;
  const value = Object.assign(document.createElement("input"), {
    type: "hidden", name: combo.dataset.name, value: item.dataset.value,
  });
  const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  drop.dataset.do = "unpick";
  drop.setAttribute("aria-label", `× ${item.textContent}`);
  chosen.append(words, value, drop);
  const picks = $(".picks", combo);
  const known = $$("input", picks).some((one) => one.value === value.value);
  if (combo.dataset.combo === "one") picks.replaceChildren(chosen);
  else if (!known) picks.append(chosen);
  const input = $("[role=combobox]", combo);
  input.value = "";
  shut(combo);
  input.focus();
}

function shut(combo) {
  list(combo).replaceChildren();
  $("[role=combobox]", combo).setAttribute("aria-expanded", "false");
}

function walk(combo, step) {
  const items = $$("li[data-value]", combo);
  if (!items.length) return;
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  items[at]?.setAttribute("aria-selected", "false");
  const next = items[(at + step + items.length) % items.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const combo = event.target.closest?.("[data-combo]");
  if (!combo || event.target.role !== "combobox") return;
  const selected = $('li[aria-selected="true"]', combo);
  if (event.key === "ArrowDown") walk(combo, 1);
  else if (event.key === "ArrowUp") walk(combo, -1);
  else if (event.key === "Enter") pick(combo, selected ?? $("li[data-value]", combo));
  else if (event.key === "Escape" && list(combo).children.length) shut(combo);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("focusout", (event) => {
  const combo = event.target.closest?.("[data-combo]");
  if (combo && !combo.contains(event.relatedTarget)) setTimeout(() => shut(combo), 150);
});
document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(".combo-list li");
  if (!item) return;
  event.preventDefault();
  pick(item.closest("[data-combo]"), item);
});
