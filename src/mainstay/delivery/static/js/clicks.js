/* What clicks do beside following links: small deeds, menus, rows that open. */
import { $, $$, csrf, dialog, say } from "./core.js";

export const deeds = {
  rail() {
    const folded = document.documentElement.dataset.rail !== "icons";
    document.documentElement.dataset.rail = folded ? "icons" : "wide";
    document.cookie = `mainstay_rail=${folded ? "icons" : "wide"};path=/;max-age=31536000;samesite=lax`;
  },
  keys: () => $("#keys").showModal(),
  close: () => dialog().close(),
  unpick: (button) => button.closest(".pick").remove(),
};

document.addEventListener("click", (event) => {
  const target = event.target;
  const doing = target.closest("[data-do]");
  if (doing) deeds[doing.dataset.do]?.(doing);
  const refused = target.closest("[data-why]");
  if (refused) say(refused.dataset.why);
  for (const menu of $$("details.menu[open]")) {
    if (!menu.contains(target) || target.closest(".menu-sheet a, .menu-item")) menu.open = false;
  }
  if (target === dialog() || target === $("#keys")) target.close();
  const row = target.closest("tr[data-href]");
  if (!row || target.closest("a, button, input, label, summary") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank");
  else open(row);
});

export const open = (row) => ($(`a[href="${CSS.escape(row.dataset.href)}"]`, row) ?? $("a", row) ?? row).click();

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of $$("button", form)) button.setAttribute("aria-pressed", String(button.value === theme));
  const body = new URLSearchParams({ theme, next: location.pathname });
  const answer = await fetch("/theme", { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" } });
  if (!answer.ok) say($("#toasts").dataset.failed, "bad");
});
