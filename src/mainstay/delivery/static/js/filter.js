/* The filter sentence: a sheet for one part at a time, complete by keyboard. */
import { $, $$, arriving, say, visit, word } from "./core.js";
import { frame, hang } from "./list.js";

const SETTLE_MS = 150;
let anchor = null;
let returning = "";
let asking = 0;
let search = 0;

const pop = () => $("#filter-sheet");
const sheet = () => $(".sheet", pop());
const items = () => $$("[role=option]:not([hidden])", pop());
const active = () => $("[role=option].active", pop());

async function read(params) {
  const { value = [], ...plain } = params;
  const asked = new URLSearchParams({ ...plain, state: frame().dataset.state });
  for (const one of value) asked.append("value", one);
  const mine = (asking += 1);
  const answer = await fetch(`${frame().dataset.plain}/filter?${asked}`, { headers: { "HX-Request": "true", Accept: "application/json, text/html" } });
  if (mine !== asking) return null;
  const text = await answer.text();
  if (answer.ok) return text;
  throw new Error(answer.status < 500 && text.startsWith("{") ? JSON.parse(text).detail : word("failed"));
}

async function show(params) {
  try {
    const html = await read(params);
    if (html === null) return;
    pop().innerHTML = html;
    if (!pop().matches(":popover-open")) pop().showPopover();
    hang(pop(), anchor);
    begin();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
}

function begin() {
  const input = $("[role=combobox], .sheet-form input, [role=listbox][tabindex]", pop());
  input?.focus();
  if (input?.matches("input")) input.select();
  point($('[role=option][aria-selected="true"]', pop()) ?? items()[0] ?? null);
}

function point(item) {
  active()?.classList.remove("active");
  item?.classList.add("active");
  item?.scrollIntoView({ block: "nearest" });
  $$("[role=option]", pop()).forEach((one, n) => { one.id = `filter-option-${n}`; });
  const box = $("[role=combobox], [role=listbox][tabindex]", pop());
  if (item) box?.setAttribute("aria-activedescendant", item.id);
  else box?.removeAttribute("aria-activedescendant");
}

function narrow(text) {
  const words = text.trim().toLocaleLowerCase();
  let any = false;
  for (const item of $$("[role=option]", pop())) {
    item.hidden = words !== "" && !item.textContent.toLocaleLowerCase().includes(words);
    any ||= !item.hidden;
  }
  const none = $("li.none", pop());
  if (none) none.hidden = any;
  // What begins with the words comes before what only contains them.
  point(items().find((one) => one.textContent.trim().toLocaleLowerCase().startsWith(words)) ?? items()[0]);
}

/* A list that is longer than what is shown is searched on the server; what is ticked stays. */
async function look(text) {
  const { at, field, op } = sheet().dataset;
  const ticked = $$('[role=option][aria-selected="true"]', pop());
  const html = await read({ at, field, op, q: text }).catch((refusal) => say(refusal.message, "bad"));
  if (!html) return;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const list = $("[role=listbox]", pop());
  const known = new Set(ticked.map((one) => one.dataset.value));
  const found = $$("[role=option]", fresh).filter((one) => !known.has(one.dataset.value));
  list.replaceChildren(...ticked, ...found, $("li.none", fresh));
  $("li.none", list).hidden = found.length > 0;
  point(found[0] ?? null);
}

const many = () => sheet().hasAttribute("data-many");

function toggle(item) {
  if (!many()) $$('[aria-selected="true"]', pop()).forEach((one) => one.setAttribute("aria-selected", "false"));
  item.setAttribute("aria-selected", String(item.getAttribute("aria-selected") !== "true"));
}

function pick(item) {
  if (!item) return;
  const { at, field } = sheet().dataset;
  if (item.dataset.field) show({ at, field: item.dataset.field });
  else if (item.dataset.named) apply({ at, named: item.dataset.named });
  else if (item.dataset.op !== undefined) compare(item.dataset.op);
  else if (!many()) apply({ value: [item.dataset.value] });
  else toggle(item);
}

/* Another comparison keeps the value; one without a value needs none. */
function compare(op) {
  const { at, field, now, sheet: step } = sheet().dataset;
  if (op === "empty" || op === "filled") apply({ op, value: [] });
  else if (step === "ops" && now && !["true", "false"].includes(now)) apply({ op, value: [now] });
  else show({ at, field, op });
}

function chosen() {
  const form = $(".sheet-form", pop());
  const ticked = $$('[role=option][aria-selected="true"]', pop()).map((one) => one.dataset.value);
  if (ticked.length) return { value: ticked };
  const typed = form ? [new FormData(form).get("value") ?? ""] : [];
  if (typed[0]) return { value: typed, ...(form.elements.op ? { op: form.elements.op.value } : {}) };
  const item = active();
  return { value: item?.dataset.value !== undefined ? [item.dataset.value] : typed };
}

async function apply(said) {
  const { at, field = "", op = "" } = sheet()?.dataset ?? {};
  const params = { at, ...(said.drop || said.named ? {} : { field, op, apply: "1" }), ...said };
  try {
    const text = await read(params);
    if (text === null) return;
    returning = said.drop !== undefined ? "new" : params.at;
    if (pop().matches(":popover-open")) pop().hidePopover();
    await visit(JSON.parse(text).href, { swap: "outerHTML", push: "true" });
  } catch (refusal) {
    const note = $("[role=alert]", pop());
    if (!note || !pop().matches(":popover-open")) { say(refusal.message, "bad"); return; }
    note.textContent = refusal.message;
    note.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!frame()) return;
  const part = target.closest("[data-part]");
  if (part) {
    anchor = part;
    const step = part.dataset.part;
    const at = part.dataset.at;
    show(step === "fields" ? { at, again: "1" } : { at, step });
    return;
  }
  const again = target.closest("[data-again]");
  const dropped = target.closest("[data-drop]");
  const option = target.closest("#filter-sheet [role=option]");
  if (again) show({ at: again.dataset.againAt ?? sheet().dataset.at, again: "1" });
  else if (dropped) apply({ at: dropped.dataset.drop, drop: "1" });
  else if (option) pick(option);
  else if (target.closest("[data-apply]")) apply(chosen());
});

document.addEventListener("change", (event) => {
  if (event.target.matches("#filter-sheet [data-ops]")) {
    const op = event.target.value;
    if (op === "empty" || op === "filled") compare(op);
    else sheet().dataset.op = op;
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".sheet-form")) return;
  event.preventDefault();
  apply(chosen());
});

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches("#filter-sheet [role=combobox]")) return;
  clearTimeout(search);
  if (sheet().hasAttribute("data-more")) search = setTimeout(() => look(box.value), SETTLE_MS);
  else narrow(box.value);
});

document.addEventListener("keydown", (event) => {
  if (!pop()?.contains(event.target) || event.target.matches("button, select, .sheet-form input:not([type=text])")) return;
  const all = items();
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -all.length, End: all.length }[event.key];
  if (step && all.length && !(event.target.value && ["Home", "End"].includes(event.key))) {
    const at = all.indexOf(active());
    point(all[Math.abs(step) > 1 ? (step < 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
  } else if (event.key === "Enter" && !event.target.closest(".sheet-form")) enter();
  else if (event.key === " " && many() && active() && !event.target.value) toggle(active());
  else if (event.key === "Backspace" && !event.target.value && sheet().dataset.sheet === "values") show({ at: sheet().dataset.at, again: "1" });
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

/* Enter takes what is pointed at; among ticked values it takes these, and the pointed one too. */
function enter() {
  const item = active();
  const isValue = item && item.dataset.value !== undefined;
  if (!isValue || !many()) { if (item) pick(item); else apply(chosen()); return; }
  const box = $("[role=combobox]", pop());
  const ticked = $('[aria-selected="true"]', pop());
  if (box.value && item.getAttribute("aria-selected") !== "true") {
    toggle(item);
    box.value = "";
    if (ticked) { narrow(""); point(item); return; }
  }
  apply(chosen());
}

arriving(() => {
  if (!returning || !frame()) return;
  const at = CSS.escape(returning);
  returning = "";
  ($(`[data-at="${at}"][data-part="values"]`) ?? $('.sentence [data-key="f"]'))?.focus({ preventScroll: true });
});
