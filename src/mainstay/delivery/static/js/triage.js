/* Triage: one issue at a time; every decision is one request, one change set, one undo. */
import { $, $$, ask, say, send, visit } from "./core.js";

let busy = false;
const page = () => $("#main .triage");

const go = (path) => visit(path, { swap: "outerHTML", push: "true" });

/* The next issue is read from its title on, whatever had the focus. */
function onward(path) {
  document.activeElement?.blur();
  go(path);
}

function chosen(form) {
  const given = new FormData(form);
  const body = {};
  for (const name of ["severity", "priority"]) if (given.get(name)) body[name] = given.get(name);
  if (given.get("assignee_id")) body.assignee_id = Number(given.get("assignee_id"));
  return body;
}

async function decide(around, decision, more = {}) {
  if (busy) return;
  busy = true;
  try {
    const body = { decision, ...chosen($("form.triage-form", around)), ...more };
    const done = await send(around.dataset.triage, body);
    say(around.dataset[decision], "", done.changeSet);
    onward(around.dataset.next);
  } catch (refusal) {
    // Somebody else was faster: say who, and show the next one.
    const taken = refusal.status === 409 || refusal.status === 404;
    say(taken ? `${refusal.message} ${around.dataset.onward}` : refusal.message, "bad");
    if (taken) onward(around.dataset.next);
  } finally {
    busy = false;
  }
}

function skip(around) {
  if (around.dataset.after) onward(around.dataset.after);
  else say(around.dataset.end);
}

/* The first press leads to what is like it; a second one there says which. */
function duplicate(around) {
  const first = $("[data-original]", around);
  const here = document.activeElement?.closest?.("[data-original]");
  if (here) here.click();
  else if (first) { first.focus(); first.scrollIntoView({ block: "nearest" }); }
  else ask(around.dataset.search);
}

function turn(around) {
  const all = $$("[name=priority]", around);
  const at = all.findIndex((one) => one.checked);
  const next = all[(at + 1) % all.length];
  next.checked = true;
  next.focus();
}

function digit(around, key) {
  const wanted = $(`[data-digit="${key}"]`, around);
  if (wanted) { wanted.checked = true; wanted.focus(); }
}

const KEYS = {
  j: skip,
  s: skip,
  k: (around) => { if (around.dataset.before) onward(around.dataset.before); },
  p: turn,
  a: (around) => $("#triage-who", around).focus(),
  d: duplicate,
  t: (around) => decide(around, "task"),
  x: (around) => decide(around, "cancel"),
  Enter: (around) => decide(around, "accept"),
};

document.addEventListener("keydown", (event) => {
  const around = page();
  if (!around || event.ctrlKey || event.metaKey || event.altKey || event.repeat || $("dialog[open]")) return;
  const target = event.target;
  const radio = target.matches?.("input[type=radio]");
  if (!radio && target.matches?.("input, textarea, select, [contenteditable]")) {
    if (event.key === "Enter" && target.matches("#triage-who")) { event.preventDefault(); decide(around, "accept"); }
    if (event.key === "Escape") target.blur();
    return;
  }
  if (event.key === "Enter" && target.closest?.("a, button, summary")) return;
  const act = /^[1-5]$/.test(event.key) ? digit : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act(around, event.key);
}, true);

document.addEventListener("click", (event) => {
  const around = page();
  const button = around && event.target.closest?.("[data-decide], [data-original]");
  if (!button) return;
  const { decide: what, original } = button.dataset;
  if (original) decide(around, "duplicate", { original_id: Number(original) });
  else if (what === "skip") skip(around);
  else if (what === "duplicate") duplicate(around);
  else decide(around, what);
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("#triage-project")) return;
  const { value, dataset } = event.target;
  go(value ? `${dataset.all}?project=${value}` : dataset.all);
});

function begin() {
  const here = document.activeElement;
  if (!here || here === document.body || here.id === "main") $("#main #triage-title")?.focus({ preventScroll: true });
}
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id === "main") setTimeout(begin);
});

export const start = begin;
