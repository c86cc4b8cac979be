/* Mainstay's behaviour beside htmx: keys, dialogs, toasts, pickers, and pages that stay current. */
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const main = () => $("#main");
  const dialog = () => $("#dialog");
  const clone = (selector) => $(selector).content.cloneNode(true);
  const csrf = () => $('meta[name="csrf"]')?.content ?? "";
  const visit = (path, how) =>
    htmx.ajax("GET", path, { target: "#main", headers: { "HX-Target": "main#main" }, ...how });
  const SHOWN_MS = 10_000;
  const SETTLE_MS = 150;

  /* ---- toasts ---- */

  function settleToasts() {
    const region = $("#toasts");
    if (!region) return;
    for (const toast of $$("#main > [data-toast]")) {
      region.replaceChildren(toast);
      arm(toast);
    }
  }

  function arm(toast) {
    const region = $("#toasts");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "plain square";
    close.textContent = "×";
    close.setAttribute("aria-label", region.dataset.close);
    close.addEventListener("click", () => toast.remove());
    toast.append(close);
    let timer = setTimeout(() => toast.remove(), SHOWN_MS);
    toast.addEventListener("mouseenter", () => clearTimeout(timer));
    toast.addEventListener("mouseleave", () => (timer = setTimeout(() => toast.remove(), 3000)));
    toast.addEventListener("submit", () => (toast.hidden = true));
  }

  function say(text, tone = "") {
    const region = $("#toasts");
    if (!region || !text) return;
    const toast = document.createElement("div");
    toast.className = `toast ${tone}`;
    const words = document.createElement("span");
    words.textContent = text;
    toast.append(words);
    region.replaceChildren(toast);
    arm(toast);
  }

  /* ---- dialog ---- */

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

  /* ---- what stays true after every swap ---- */

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

  function arrived() {
    settleToasts();
    current();
    listen();
    $("#rail")?.matches(":popover-open") && $("#rail").hidePopover();
    $("#main [aria-invalid]")?.focus();
  }

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

  /* ---- live: re-read the main column when something it shows has changed ---- */

  let stream = null;
  let topics = "";
  let waiting = 0;
  let lost = 0;

  function listen() {
    const wanted = main()?.dataset.live ?? "";
    if (wanted === topics && (stream || !wanted)) return;
    stream?.close();
    stream = null;
    topics = wanted;
    if (!wanted || !window.EventSource) return;
    // What changed between the page's reading and this stream's opening is sent first.
    const since = encodeURIComponent(main().dataset.place ?? "");
    const address = `/api/realtime/stream?topics=${encodeURIComponent(wanted)}`;
    stream = new EventSource(`${address}&last_event_id=${since}`);
    stream.addEventListener("record", () => {
      clearTimeout(waiting);
      waiting = setTimeout(refresh, SETTLE_MS);
    });
    stream.addEventListener("reset", refresh);
    stream.addEventListener("open", () => {
      if (lost) refresh();
      lost = 0;
    });
    stream.addEventListener("error", () => {
      lost += 1;
      if (lost === 3) say($("#toasts")?.dataset.offline, "bad");
    });
  }

  const busy = () =>
    $("#main form[data-edit]") || $("#main details[open] form") || $("#main :is(input, textarea, select):focus");

  async function refresh() {
    if (document.hidden || busy()) {
      waiting = setTimeout(refresh, 2000);
      return;
    }
    const before = new Map($$("#main tr[data-version]").map((row) => [row.id, row.dataset.version]));
    const address = new URL(location.href);
    const rows = $$("#rows > tr[data-version]").length;
    if (rows > 50) address.searchParams.set("limit", Math.min(rows, 500));
    const top = window.scrollY;
    await visit(address.pathname + address.search, { swap: "outerMorph" });
    window.scrollTo({ top });
    for (const row of $$("#main tr[data-version]")) {
      if (before.size && before.get(row.id) !== row.dataset.version) glow(row);
    }
    document.body.dispatchEvent(new CustomEvent("live:changed"));
  }

  function glow(element) {
    element.classList.remove("glow");
    void element.offsetWidth;
    element.classList.add("glow");
    setTimeout(() => element.classList.remove("glow"), 2000);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && waiting) refresh();
  });
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) { topics = ""; listen(); }
  });

  /* ---- references found by search ---- */

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

  /* ---- clicks ---- */

  const deeds = {
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

  const open = (row) => ($(`a[href="${CSS.escape(row.dataset.href)}"]`, row) ?? $("a", row) ?? row).click();

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

  /* ---- keys ---- */

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

  document.addEventListener("DOMContentLoaded", arrived);
  if (document.readyState !== "loading") arrived();
})();
