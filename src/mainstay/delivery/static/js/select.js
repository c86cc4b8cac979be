/* Records that are selected, in any view, and what the bar does with them. */
import { $, $$, arriving, clone, csrf, dialog, say, send, word } from "./core.js";
import { copy, frame } from "./list.js";

const RECORDS = "#main .view :is([data-rows] tr[data-version][id^='r'], [data-record])";
const LONG_MS = 500;
const coarse = matchMedia("(pointer: coarse)");

let picked = new Set();
let all = null;
let where = "";
let last = null;
let selecting = false;
let told = "";

/* The ids of the selected records, for views that move several at once. */
export const chosen = () => picked;

const records = () => $$(RECORDS);
const idOf = (element) => Number(element.dataset.record ?? element.id.slice(1));
const recordAt = (target) => target?.closest?.(RECORDS);
const bar = () => $("#bulk");

/* ---- showing ---- */

function tick(element) {
  const own = $(":scope > td.pick > input", element);
  if (own) return own;
  const place = element.matches("tr") ? element.cells[0] : element;
  if (!place || !element.matches("tr, .card, [data-tick]")) return null;
  const known = $(":scope > .tick-box", place);
  if (known) return $("input", known);
  const box = document.createElement("label");
  box.className = "tick-box";
  const input = Object.assign(document.createElement("input"), { type: "checkbox", tabIndex: -1 });
  const name = $(".lead a, a", element)?.textContent.trim() ?? idOf(element);
  input.setAttribute("aria-label", bar().dataset.select.replace("%s", name));
  box.append(input);
  place.prepend(box);
  return input;
}

function paint() {
  if (!bar()) return;
  for (const element of records()) {
    const on = all !== null || picked.has(idOf(element));
    element.classList.toggle("picked", on);
    const input = tick(element);
    if (input) input.checked = on;
  }
  for (const table of $$("#main [data-rows]")) table.toggleAttribute("data-picking", picked.size > 0 || all !== null || selecting);
  const whole = $("#main [data-rows] [data-all]");
  if (whole) {
    const some = records().filter((one) => all !== null || picked.has(idOf(one))).length;
    whole.checked = some > 0 && some === records().length;
    whole.indeterminate = some > 0 && !whole.checked;
  }
  const count = all?.text ?? String(picked.size);
  const any = all !== null || picked.size > 0;
  $("#main .view").classList.toggle("selecting", any || selecting);
  bar().hidden = !any;
  const words = bar().dataset.one.replace("%n", count);
  if (any && words !== told) $(".bulk-count", bar()).textContent = words;
  told = any ? words : "";
  $('[data-bulk="shown"]', bar()).hidden = all !== null || records().every((one) => picked.has(idOf(one)));
  $('[data-bulk="matching"]', bar()).hidden = all !== null;
}

function clear() {
  picked = new Set();
  all = last = null;
  selecting = false;
  paint();
}

/* ---- choosing ---- */

function set(element, on) {
  all = null;
  if (on) picked.add(idOf(element));
  else picked.delete(idOf(element));
}

function toggle(element) {
  set(element, all !== null || !picked.has(idOf(element)));
  last = idOf(element);
  paint();
}

function range(to) {
  const list = records();
  const from = Math.max(list.findIndex((one) => idOf(one) === last), 0);
  const end = list.indexOf(to);
  for (const one of list.slice(Math.min(from, end), Math.max(from, end) + 1)) set(one, true);
  last ??= idOf(list[from]);
  getSelection().removeAllRanges();
  paint();
}

function extend(step) {
  const list = records();
  const here = recordAt(document.activeElement) ?? list.find((one) => idOf(one) === last);
  if (!here) return false;
  const next = list[list.indexOf(here) + step];
  set(here, true);
  if (next) {
    set(next, true);
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  last = idOf(next ?? here);
  paint();
  return true;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("#main [data-rows] [data-all]")) return;
  for (const one of records()) set(one, event.target.checked);
  paint();
});

document.addEventListener("click", (event) => {
  const { target } = event;
  const element = recordAt(target);
  if (!element || !bar()) return;
  const box = target.closest(".tick-box, td.pick");
  const tapping = selecting && coarse.matches && !target.closest("button, select");
  if (!box && !tapping && !(event.shiftKey && !target.closest("button, input, select"))) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) range(element);
  else setTimeout(toggle, 0, element); // after the box has gone back to what it was
}, true);

document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && recordAt(event.target) && !event.target.closest("input, select")) event.preventDefault();
});

/* A long touch begins a selection, as on every phone. */
let holding = 0;
document.addEventListener("touchstart", (event) => {
  const element = recordAt(event.target);
  clearTimeout(holding);
  if (!element || !bar() || !element.matches("tr") || event.touches.length > 1) return;
  holding = setTimeout(() => { selecting = true; toggle(element); navigator.vibrate?.(10); }, LONG_MS);
}, { passive: true });
for (const name of ["touchmove", "touchend", "touchcancel"]) {
  document.addEventListener(name, () => clearTimeout(holding), { passive: true });
}
document.addEventListener("contextmenu", (event) => {
  if (coarse.matches && selecting && recordAt(event.target)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!bar() || event.altKey || $("dialog[open]") || target.matches("input:not([type=checkbox]), textarea, select") || target.isContentEditable) return;
  const control = event.ctrlKey || event.metaKey;
  const element = recordAt(target) ?? $(`${RECORDS}:hover`);
  if (key === "x" && !control && element) toggle(element);
  else if (event.shiftKey && (key === "ArrowDown" || key === "ArrowUp")) { if (!extend(key === "ArrowDown" ? 1 : -1)) return; }
  else if (control && key === "a" && (picked.size || recordAt(target))) { for (const one of records()) set(one, true); paint(); }
  else if (key === "Escape" && (picked.size || all) && !$(":popover-open")) clear();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

/* ---- doing ---- */

function wish() {
  return { ids: all ? "" : [...picked].join(","), matching: all ? `?${frame().dataset.query}` : "" };
}

async function matching() {
  const { plain, query } = frame().dataset;
  const found = await send(`/api${plain}?${query}${query ? "&" : ""}count=1&limit=1&fields=id`, undefined, "GET");
  all = { text: `${found.count}${found.more ? "+" : ""}` };
  paint();
}

export async function post(path, data) {
  const body = data instanceof FormData ? new URLSearchParams(data) : new URLSearchParams(data);
  const answer = await fetch(path, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true", "HX-Target": "div#dialog-body", Accept: "text/html, application/json" } });
  const text = await answer.text();
  const kind = answer.headers.get("Content-Type") ?? "";
  if (kind.includes("json")) {
    const said = JSON.parse(text);
    if (!answer.ok) throw new Error(said.detail ?? word("failed"));
    return said;
  }
  if (!answer.ok && !text.includes("dialog-head")) throw new Error(word("failed"));
  return text;
}

/* Show an answer in the dialog, or end when the work is done or on its way. */
function take(answer) {
  if (typeof answer === "string") {
    const body = $("#dialog-body");
    body.innerHTML = answer;
    htmx.process(body);
    $("[aria-invalid], [data-first], .field :is(input:not([type=hidden]), select), .primary", body)?.focus();
    return;
  }
  dialog().close();
  clear();
  say(answer.text, answer.tone ?? "", answer.undo ?? 0);
  document.dispatchEvent(new CustomEvent(answer.run ? "work:begun" : "page:stale"));
}

async function open(path, data) {
  $("#dialog-body").replaceChildren(clone("#skeleton"));
  dialog().showModal();
  try {
    take(await post(path, data));
  } catch (refusal) {
    dialog().close();
    say(refusal.message, "bad");
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-bulk-form]");
  if (!form) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  event.submitter?.setAttribute("aria-disabled", "true");
  try {
    take(await post(form.action, data));
  } catch (refusal) {
    event.submitter?.removeAttribute("aria-disabled");
    say(refusal.message, "bad");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-bulk-form] [data-redraw]")) event.target.form.requestSubmit($("[data-redraw-by]", event.target.form));
});

function links() {
  const shown = records().filter((one) => all || picked.has(idOf(one)));
  const { plain } = frame().dataset;
  const ids = all ? shown.map(idOf) : [...picked];
  const text = ids.map((id) => new URL(`${plain}/${id}`, location.href).href).join("\n");
  copy(text);
  say(bar().dataset.copied.replace("%n", ids.length));
}

function exporting(format) {
  const { plain } = frame().dataset;
  const query = all ? frame().dataset.query : `id__in=${[...picked].join(",")}`;
  const link = Object.assign(document.createElement("a"), { href: `/api${plain}/export?${query}${query ? "&" : ""}format=${format}`, download: "" });
  link.click();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-bulk]");
  if (event.target.closest("[data-selecting]")) { selecting = true; paint(); }
  if (!button || !bar()) return;
  const deed = button.dataset.bulk;
  if (deed === "none") clear();
  else if (deed === "shown") { for (const one of records()) set(one, true); paint(); }
  else if (deed === "matching") matching().catch((refusal) => say(refusal.message, "bad"));
  else if (deed === "links") links();
  else if (deed === "export") exporting(button.dataset.format);
  else open(`${bar().dataset.deed}/${deed}`, wish());
});

/* ---- staying: the selection outlives a re-read of the same list ---- */

const watcher = new MutationObserver(() => requestAnimationFrame(paint));

function settle() {
  watcher.disconnect();
  if (!bar()) { picked = new Set(); all = null; selecting = false; return; }
  const here = `${frame().dataset.plain}|${new URLSearchParams(frame().dataset.state).get("deleted") ?? ""}`;
  if (here !== where) { picked = new Set(); all = last = null; selecting = false; }
  where = here;
  told = "";
  paint();
  for (const list of $$("#main .view tbody, #main .view [data-records]")) watcher.observe(list, { childList: true });
}

arriving(settle);
settle();
