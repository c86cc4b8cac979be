/* A record beside its list: the list stays as it is, the address is the record's own. */
import { $, $$, arrived, arriving, main, visit } from "./core.js";
import { panes, split, visitSplit } from "./panes.js";

const WIDE = matchMedia("(min-width: 1200px)");
const RECORD = /^\/[a-z_]+\/[a-z_]+\/\d+$/;
const LIST = /^\/[a-z_]+\/[a-z_]+$/;
const CHOICE = "mainstay_open";
const TRAIL = "mainstay_trail";
const ELSEWHERE = /^\/(api|static|files|import)\//;

let held = null; // the list's element, so that another page in its place is noticed
let opener = null;
let lastList = "";

const here = () => location.pathname + location.search;
const pathOf = (address) => new URL(address, location.href).pathname;

/* The path of the list in the main column, or nothing when something else stands there. */
function listPath() {
  const path = pathOf(split() ? panes.list : here());
  return LIST.test(path) && listed() ? path : "";
}

const fits = (path) => {
  const list = listPath();
  return Boolean(list) && RECORD.test(path) && path.startsWith(`${list}/`);
};
const beside = () => WIDE.matches && localStorage.getItem(CHOICE) !== "page";

/* ---- the trail: which records the list showed, in its order ---- */

function remember() {
  const list = listPath();
  if (!list) return;
  const ids = new Set();
  for (const one of $$(`#main :is(a[href^="${list}/"], [data-href^="${list}/"])`)) {
    const found = /\/(\d+)$/.exec(one.dataset.href ?? pathOf(one.href));
    if (found) ids.add(Number(found[1]));
  }
  const from = split() ? panes.list : here();
  const trail = { list, from, ids: [...ids], more: Boolean($("#main #more")) };
  sessionStorage.setItem(TRAIL, JSON.stringify(trail));
}

function trailOf(list) {
  try {
    const trail = JSON.parse(sessionStorage.getItem(TRAIL) ?? "null");
    return trail?.list === list ? trail : null;
  } catch {
    return null;
  }
}

/* Show "3 of 50" and the ways to the neighbours, where the record was opened from a list. */
function follow() {
  for (const element of $$("[data-trail]")) {
    const trail = trailOf(element.dataset.trail);
    const at = trail ? trail.ids.indexOf(Number(element.dataset.id)) : -1;
    element.hidden = at < 0;
    if (at < 0) continue;
    const all = `${trail.ids.length}${trail.more ? "+" : ""}`;
    $(".count", element).textContent = element.dataset.of.replace("{place}", at + 1).replace("{all}", all);
    for (const link of $$("a", element)) {
      const id = trail.ids[at + Number(link.dataset.step)];
      if (id) link.href = `${trail.list}/${id}`;
      else link.removeAttribute("href");
      link.toggleAttribute("aria-disabled", !id);
    }
  }
  for (const button of $$('#main [data-split="beside"]')) {
    button.hidden = !(WIDE.matches && trailOf(pathOf(here()).replace(/\/\d+$/, "")));
  }
}

/* ---- opening and closing ---- */

function shell() {
  const aside = document.createElement("aside");
  aside.id = "split";
  aside.className = "split";
  aside.dataset.pane = "";
  aside.tabIndex = -1;
  aside.setAttribute("aria-busy", "true");
  const bones = document.createElement("div");
  bones.className = "skeleton content";
  bones.append(...[1, 2, 3, 4, 5, 6].map(() => document.createElement("span")));
  aside.append(bones);
  return aside;
}

function mark(path) {
  for (const one of $$("#main [aria-current='page'].opened, #main .opened")) one.classList.remove("opened");
  const link = $(`#main a[href="${path}"]`);
  const row = $(`#main [data-href="${path}"]`) ?? link?.closest("[data-record]") ?? link;
  row?.classList.add("opened");
  return row;
}

async function open(path, how = "push") {
  const fresh = !split();
  if (fresh) {
    remember();
    panes.list = lastList = how === "forward" ? lastList : here();
    held = main();
    opener = document.activeElement;
    document.body.append(shell());
    document.documentElement.dataset.beside = "";
  }
  if (how === "push") {
    if (!history.state?.htmx) history.replaceState({ htmx: true }, "", location.href);
    history.pushState({ htmx: true }, "", path);
  }
  if (how === "replace") history.replaceState({ htmx: true }, "", path);
  const row = mark(path);
  if (!fresh || how === "forward") row?.scrollIntoView({ block: "nearest" });
  await visitSplit(path);
  if (fresh && document.activeElement === document.body) split()?.focus({ preventScroll: true });
}

function drop() {
  const top = window.scrollY;
  split()?.remove();
  delete document.documentElement.dataset.beside;
  for (const one of $$("#main .opened")) one.classList.remove("opened");
  const row = opener?.isConnected && opener !== document.body ? opener : null;
  panes.list = "";
  held = null;
  arrived();
  document.dispatchEvent(new CustomEvent("split:closed"));
  row?.focus({ preventScroll: true });
  requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo({ top })));
}

const close = () => {
  const list = panes.list;
  drop();
  // The list's own entry lies before the record's; where it does not, the list becomes the next one.
  if (history.length > 1) history.back();
  else history.pushState({ htmx: true }, "", list);
};

function leave(address) {
  drop();
  visit(address.pathname + address.search, { swap: "outerHTML show:window:top", push: "true" });
}

const deeds = {
  close,
  page() {
    localStorage.setItem(CHOICE, "page");
    const path = here();
    drop();
    visit(path, { swap: "outerHTML show:window:top" });
  },
  async beside() {
    localStorage.removeItem(CHOICE);
    const path = pathOf(here());
    const from = trailOf(path.replace(/\/\d+$/, ""))?.from;
    if (!from) return;
    await visit(from, { swap: "outerHTML show:window:top", replace: "true" });
    open(path);
  },
};

function step(by) {
  const path = pathOf(here());
  const trail = trailOf(path.replace(/\/\d+$/, ""));
  const at = trail ? trail.ids.indexOf(Number(path.split("/").pop())) : -1;
  const id = at < 0 ? 0 : trail.ids[at + by];
  if (id) open(`${trail.list}/${id}`, "replace");
}

/* ---- what leads here ---- */

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-split]");
  if (button) return deeds[button.dataset.split]?.();
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download") || link.hasAttribute("hx-get")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || ELSEWHERE.test(to.pathname)) return;
  if (link.closest("#split")) {
    if (link.closest("[data-edit-field]:not([data-edit-by])") || link.dataset.reread !== undefined) return;
    if (to.pathname === location.pathname && to.hash) return;
    event.preventDefault();
    event.stopPropagation();
    if (!RECORD.test(to.pathname)) leave(to);
    else open(to.pathname + to.search, "replace");
  } else if (link.closest("#main") && fits(to.pathname)) {
    if (!beside()) return remember();
    event.preventDefault();
    event.stopPropagation();
    open(to.pathname, split() ? "replace" : "push");
  }
}, true);

/* What will open beside the list need not be read as a page beforehand. */
for (const name of ["mouseover", "mousedown"]) {
  document.addEventListener(name, (event) => {
    const link = event.target.closest?.("#main a[href]");
    if (link?._htmx && beside() && fits(link.pathname)) link._htmx.preload ??= { action: "" };
  }, { capture: true, passive: true });
}

const typing = (target) => target.isContentEditable || target.matches("input, textarea, select");
const covered = () => $("dialog[open], details.menu[open], [popover]:popover-open, [data-holding]");

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!split() || typing(target) || covered() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("[data-edit-field]") && (key === "e" || key === "Enter")) return;
  const own = $(`#split [data-key="${CSS.escape(key)}"]`);
  if (key === "Escape") close();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (own) own.matches("input, textarea") ? own.focus() : own.click();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("htmx:before:history:restore", (event) => {
  const { path } = event.detail;
  if (split()) {
    if (RECORD.test(pathOf(path))) {
      event.preventDefault();
      mark(pathOf(path));
      visitSplit(path);
    } else if (path === panes.list) {
      event.preventDefault();
      drop();
    } else {
      drop();
    }
  } else if (lastList && main()?.isConnected && closedTo(path)) {
    event.preventDefault();
    if (RECORD.test(pathOf(path))) open(path, "forward");
  }
});

/* Whether a list stands in the main column, and not a record or a page of a room. */
const listed = () => Boolean(main()?.dataset.resource && !main().dataset.record);

/* After a split was closed, the list is still in the main column although the address changes. */
function closedTo(path) {
  const list = pathOf(lastList);
  return listed() && LIST.test(list) && (path === lastList || (beside() && pathOf(path).startsWith(`${list}/`) && RECORD.test(pathOf(path))));
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id !== "split") return;
  arrived();
});
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const from = ctx.sourceElement;
  const dialogs = ctx.target?.id === "dialog-body";
  if (split() && dialogs && from?.closest?.("#split, #dialog")) ctx.request.headers["Mainstay-Split"] = "true";
});

arriving(() => {
  if (split() && held && main() !== held) {
    split().remove();
    delete document.documentElement.dataset.beside;
    panes.list = "";
    held = null;
  }
  if (!split() && LIST.test(pathOf(here()))) lastList = here();
  else if (!split() && !listed()) lastList = "";
  else if (split()) mark(pathOf(here()));
  follow();
});
WIDE.addEventListener("change", () => {
  if (!WIDE.matches && split()) deeds.close();
});
