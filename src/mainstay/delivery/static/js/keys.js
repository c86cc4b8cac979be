/* Keyboard shortcuts: the sheet behind `?` declares them, this obeys it. */
import { $, $$, dialog, visit } from "./core.js";
import { deeds, open } from "./clicks.js";

const SOON_MS = 1500;
const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
let leader = "";
let since = 0;

/* A shortcut is there when its sheet says so and the page has what it needs. */
const there = (line) => !line.dataset.at || Boolean($(line.dataset.at));
const shown = (element) => element?.checkVisibility?.() ?? false;

function rows() {
  return $$("#main [data-rows] [data-href]").filter(shown);
}

function current() {
  return document.activeElement?.closest?.("[data-rows] [data-href]") ?? null;
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const row = all[at < 0 && step < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

Object.assign(deeds, {
  next: () => move(1),
  previous: () => move(-1),
  open() {
    const row = document.activeElement;
    const ours = row.matches("[data-rows] :is(tr, li)[data-href]");
    if (ours) open(row);
    return ours;
  },
  search() {
    const field = $$("[data-search], .find input[name=q]").find(shown);
    field?.focus();
    field?.select();
    if (!field) visit("/search", { swap: "outerHTML", push: "true" });
  },
  close(asked) {
    const around = asked?.closest?.("dialog");
    if (around) { around.close(); return true; }
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); return true; }
    const typing = document.activeElement?.matches("input, textarea, select");
    if (typing && !$("dialog[open]")) { document.activeElement.blur(); return true; }
    return false;
  },
  print: () => window.print(),
});

function press(key) {
  const wanted = $$(`[data-key="${CSS.escape(key)}"]`).find(shown);
  if (!wanted) return false;
  if (wanted.matches("input, select, textarea")) { wanted.focus(); wanted.select?.(); }
  else wanted.click();
  return true;
}

function obey(line) {
  const [deed, value] = (line.dataset.deed ?? "").split(/:(.*)/s);
  if (deed === "go") { visit(value, { swap: "outerHTML", push: "true" }); return true; }
  if (deed === "own") return false;
  if (deed) return deeds[deed]?.(value) !== false;
  return press(line.dataset.keys);
}

/* The name of what was pressed, as the sheet writes it: `mod+k`, `g p`, `[`. */
function named(event) {
  const mod = mac ? event.metaKey : event.ctrlKey;
  if (mod && !event.altKey && !event.shiftKey) return `mod+${event.key.toLowerCase()}`;
  return event.ctrlKey || event.metaKey || event.altKey ? "" : event.key;
}

const typing = (target) =>
  target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

/* The second key of two goes before every other listener. */
window.addEventListener("keydown", (event) => {
  if (!leader || /^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  if (Date.now() - since >= SOON_MS || typing(event.target) || $("dialog[open]")) return;
  const line = $$("#keys [data-keys]").find((one) => one.dataset.keys === `${leader} ${named(event)}`);
  leader = "";
  if (!line || !there(line)) return;
  obey(line);
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || /^(Shift|Control|Alt|Meta)$/.test(event.key)) return;
  const name = named(event);
  const chord = name.startsWith("mod+");
  if (!name || (!chord && name !== "Escape" && (typing(event.target) || $("dialog[open]")))) return;
  if (chord && name !== "mod+k" && $("dialog[open]")) return;
  leader = "";
  const lines = $$("#keys [data-keys]").filter(there);
  if (!chord && lines.some((line) => line.dataset.keys.startsWith(`${name} `))) {
    leader = name;
    since = Date.now();
    return;
  }
  const meant = lines.filter((one) => one.dataset.keys === name);
  if (meant.length ? meant.some(obey) : !chord && press(name)) event.preventDefault();
});

/* The sheet shows what works here. */
deeds.keys = () => {
  for (const line of $$("#keys [data-keys]")) line.hidden = !there(line);
  for (const group of $$("#keys section")) group.hidden = !$("[data-keys]:not([hidden])", group);
  if (!$("#keys").open) $("#keys").showModal();
};

if (mac) for (const key of $$("[data-mod]")) key.textContent = "⌘";

/* A dialog gives the focus back to where it was; one that has gone leaves it on the content. */
document.addEventListener("close", (event) => {
  if (event.target.matches?.("dialog") && document.activeElement === document.body) {
    $("#main")?.focus({ preventScroll: true });
  }
}, true);
