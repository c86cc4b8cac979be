/* Mainstay's behaviour beside htmx. Views bring their own module: an element with
   data-module="board" loads js/board.js when it is shown, and its `start(element)` is called once. */
import { $, $$, arrived, arriving, dialog, main, say, settleToasts } from "./core.js";
import "./dialog.js";
import "./live.js";
import "./split.js";
import "./pickers.js";
import "./clicks.js";
import "./keys.js";
import "./palette.js";
import "./quick.js";
import "./install.js";

const started = new WeakSet();

function start(root = document) {
  for (const element of $$("[data-module]", root)) {
    if (started.has(element)) continue;
    started.add(element);
    for (const name of element.dataset.module.split(" ")) {
      import(`./${name}.js`).then((module) => module.start?.(element));
    }
  }
}

function current() {
  let best = null;
  for (const link of $$(".rail-link")) {
    link.removeAttribute("aria-current");
    const path = new URL(link.href).pathname;
    const here = location.pathname;
    const inside = path === here || (path !== "/" && here.startsWith(`${path}/`));
    if (inside && path.length > (best ? new URL(best.href).pathname.length : 0)) best = link;
  }
  best?.setAttribute("aria-current", "page");
}

/* Where there are more tabs than fit, the one that is shown is in sight. */
function tabs() {
  for (const tab of $$(".tabs [aria-current]")) {
    const strip = tab.closest(".tabs");
    if (strip.scrollWidth <= strip.clientWidth) continue;
    strip.scrollLeft += tab.getBoundingClientRect().left - strip.getBoundingClientRect().left - (strip.clientWidth - tab.offsetWidth) / 2;
  }
}

arriving(() => {
  settleToasts();
  tabs();
  current();
  $("#rail")?.matches(":popover-open") && $("#rail").hidePopover();
  $("#main form:not([data-still]) [aria-invalid]")?.focus();
  start();
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx?.target?.id === "main" || ctx?.sourceElement === document.body) arrived();
});
document.addEventListener("htmx:after:history:update", () => {
  if (dialog()?.open) dialog().close();
  current();
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.error?.name !== "AbortError") say($("#toasts")?.dataset.failed, "bad");
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx?.target;
  if (target && target.id !== "main" && target.isConnected) start(target.parentElement ?? target);
});

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrived);
else arrived();
