/* What clicks do beside following links: small deeds, menus, rows that open. */
import { $, $$, csrf, dialog, say } from "./core.js";

export const deeds = {
  rail() {
    const folded = document.documentElement.dataset.rail !== "icons";
    document.documentElement.dataset.rail = folded ? "icons" : "wide";
    document.cookie = `mainstay_rail=${folded ? "icons" : "wide"};path=/;max-age=31536000;samesite=lax`;
  },
  close: () => dialog().close(),
  unpick: (button) => button.closest(".pick").remove(),
  theme,
  "sign-out": () => $("#sign-out").requestSubmit(),
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
  if (target.matches?.("dialog")) target.close();
  const row = target.closest("tr[data-href]");
  if (!row || target.closest("a, button, input, label, summary") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank");
  else open(row);
});

export const open = (row) => ($(`a[href="${CSS.escape(row.dataset.href)}"]`, row) ?? $("a", row) ?? row).click();

/* Change the theme at once, and keep it in the profile. */
async function theme(wanted) {
  document.documentElement.dataset.theme = wanted;
  for (const button of $$("[data-theme-form] button")) button.setAttribute("aria-pressed", String(button.value === wanted));
  const body = new URLSearchParams({ theme: wanted, next: location.pathname });
  const answer = await fetch("/theme", { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" } });
  if (!answer.ok) say($("#toasts").dataset.failed, "bad");
}

document.addEventListener("submit", (event) => {
  if (!event.target.closest("[data-theme-form]")) return;
  event.preventDefault();
  theme(event.submitter.value);
});
