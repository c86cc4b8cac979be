/* The one dialog: opened at once with a skeleton, filled when its content arrives. */
import { $, clone, dialog } from "./core.js";

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id !== "dialog-body" || dialog().open) return;
  ctx.target.replaceChildren(clone("#skeleton"));
  dialog().showModal();
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id !== "dialog-body") return;
  const first = $("#dialog-body [aria-invalid], #dialog-body .field :is(input:not([type=hidden]), select, textarea)");
  (first ?? $("#dialog-body .primary"))?.focus();
});

document.addEventListener("dialog:done", () => dialog()?.close());
