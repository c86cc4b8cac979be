/* A week of time in the hands: cells that are written by keyboard, rows that are found, the timer.
   A cell shows at once what was typed; what the workspace refuses goes back, with the reason. Each
   save says which entries the cell held (data-known), so that two windows never write over each
   other silently. */
import { $, $$, ask, dialog, say, send, visit } from "./core.js";

const TICK_MS = 20_000;
const WAIT_MS = 120;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const sheet = () => $("#ts");
const grid = () => $("#ts-grid");
const stale = (force = true) => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force } }));
const clock = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
const saving = new Map(); // the last save of each cell, so that they follow one another
let here = "";            // the cell that has the grid's one tab stop
let wanted = "";          // the row that takes the focus when the page has been read again
let missed = false;       // a reading of the page was held back
let heard = false;

export function start(element) {
  if (!heard) {
    heard = true;
    document.addEventListener("keydown", keyed, true);
    document.addEventListener("click", clicked);
    document.addEventListener("dblclick", (event) => {
      const cell = event.target.closest?.("[data-cell]");
      if (cell && !$("input", cell)) edit(cell);
    });
    document.addEventListener("focusin", (event) => {
      const cell = event.target.closest?.("[data-cell]");
      if (cell) stop(cell);
    });
    document.addEventListener("submit", submitted);
    document.addEventListener("htmx:before:swap", hold);
    document.addEventListener("htmx:after:swap", settle);
    setInterval(tick, TICK_MS);
  }
  if (element.id === "ts" && element.hasAttribute("data-starting")) choose(true);
  if (element.hasAttribute("data-adds")) searching(element);
  if (element.hasAttribute("data-list")) $("input:not([readonly])", element)?.focus();
  settle();
}

/* ---- where the focus is ---- */

const cells = () => $$("[data-cell]", grid()).filter((one) => one.checkVisibility());
const rowOf = (cell) => cell.closest("tr");
const at = (row, column) => $(`[data-cell][data-col="${column}"]`, row);

function stop(cell) {
  for (const other of $$('[data-cell][tabindex="0"]', grid())) other.tabIndex = -1;
  cell.tabIndex = 0;
  here = cell.id;
}

/* After each reading of the page: one cell is the tab stop, a phone shows one day, clocks are right. */
function settle() {
  if (!sheet()) return;
  pickDay(sheet().dataset.shown ?? String(Math.max(0, $$("thead [data-col]", sheet()).findIndex((one) => one.matches(".today")))));
  tick();
  if (!grid()) return;
  const row = wanted && document.getElementById(`r-${wanted}`);
  if (row) {
    wanted = "";
    const cell = $("[data-cell].today:not(.locked)", row) ?? $("[data-cell]:not(.locked)", row) ?? $("[data-cell]", row);
    stop(cell);
    cell.focus();
    return;
  }
  const held = document.getElementById(here);
  if (held && grid().contains(held)) stop(held);
  else stop($("[data-cell].today", grid()) ?? $("[data-cell]", grid()));
}

function pickDay(place) {
  sheet().dataset.shown = place;
  for (const button of $$("[data-ts=day]", sheet())) button.setAttribute("aria-pressed", String(button.dataset.day === place));
}

function step(cell, rows, columns) {
  if (!cell) return false;
  const all = $$("tbody tr", grid());
  const row = all[all.indexOf(rowOf(cell)) + rows];
  const next = row && at(row, Number(cell.dataset.col) + columns);
  if (!next?.checkVisibility()) return false;
  next.focus();
  return true;
}

/* The next cell in reading order; beyond the last one the focus leaves the grid as usual. */
function along(cell, back) {
  const all = cells();
  const next = all[all.indexOf(cell) + (back ? -1 : 1)];
  next?.focus();
  return Boolean(next);
}

/* ---- writing ---- */

const name = (cell) => rowOf(cell).dataset.name;
const shown = (cell) => $(".ts-value", cell);
const readonly = (cell) => cell.getAttribute("aria-readonly") === "true";
const many = (cell) => cell.dataset.known.split(":")[0].includes(",");
function known(element) {
  const [ids, versions] = element.dataset.known.split(":").map((part) => (part ? part.split(",").map(Number) : []));
  return ids.map((id, place) => [id, versions[place]]);
}

function edit(cell, first = "") {
  if (readonly(cell)) return say(sheet().dataset.saidLocked, "bad");
  if (many(cell) || cell.matches(".runs")) return list(cell);
  const input = document.createElement("input");
  const before = shown(cell).textContent.trim();
  Object.assign(input, { type: "text", className: "ts-input", value: first || before, maxLength: 20, autocomplete: "off", inputMode: "text" });
  input.setAttribute("aria-label", fill(sheet().dataset.writing, { row: name(cell), day: cell.dataset.said }));
  cell.classList.add("writing");
  cell.append(input);
  input.focus();
  if (first) input.setSelectionRange(first.length, first.length);
  else input.select();
  input.addEventListener("blur", () => leave(cell, input.value, true));
}

/* Leave a cell that is written: keep what was typed, or what was there. */
function leave(cell, text, keep) {
  const input = $("input", cell);
  if (!input || input.dataset.left) return;
  input.dataset.left = "1";
  cell.classList.remove("writing");
  input.remove();
  if (keep && text.trim() !== shown(cell).textContent.trim()) save(cell, text.trim());
  else if (missed) stale(false);
}

function save(cell, text) {
  const key = cell.id;
  const turn = (saving.get(key) ?? Promise.resolve()).then(() => write(document.getElementById(key) ?? cell, text));
  saving.set(key, turn);
  holding();
  turn.finally(() => {
    if (saving.get(key) === turn) saving.delete(key);
    holding();
    if (!saving.size) { missed = false; stale(false); }
  });
}

/* While something is on its way, the page is not read again: it would not know it yet. */
function holding() {
  sheet()?.closest("[data-pane]")?.toggleAttribute("data-holding", saving.size > 0);
}

/* A reading that comes while somebody writes is too late already: the next one knows more. */
function hold(event) {
  const { ctx } = event.detail;
  if (!ctx?.request?.headers?.["Mainstay-Reread"] || ctx.target?.id !== "main") return;
  if (!saving.size && !$(".ts-input", grid() ?? document)) return;
  event.preventDefault();
  missed = true;
}

async function write(cell, text) {
  const before = { text: shown(cell).textContent, minutes: cell.dataset.minutes };
  const where = { row: name(cell), day: cell.dataset.said };
  shown(cell).textContent = text;
  cell.classList.add("saving");
  cell.classList.remove("refused");
  cell.removeAttribute("title");
  const body = { row: rowOf(cell).dataset.row, date: cell.dataset.day, hours: text, known: known(cell), user_id: Number(sheet().dataset.user) };
  try {
    const done = await send(`${sheet().dataset.api}/fill`, body);
    put(cell, done);
    const words = done.spoken ? sheet().dataset.saidSaved : sheet().dataset.saidCleared;
    const said = fill(words, { ...where, value: done.spoken });
    say(said, "", done.changeSet);
  } catch (refusal) {
    const now = refusal.problem?.current;
    if (now?.entries) put(cell, now);
    else shown(cell).textContent = before.text;
    cell.classList.add("refused");
    cell.title = refusal.message;
    say(fill(sheet().dataset.saidRefused, { reason: refusal.message }), "bad");
  } finally {
    cell.classList.remove("saving");
  }
}

/* Show a cell as the workspace says it is, and add everything up again. */
function put(cell, done) {
  const [h, m] = (done.spoken || "0:00").split(":").map(Number);
  cell.dataset.minutes = String(h * 60 + m);
  cell.dataset.known = `${done.entries.map((one) => one[0]).join(",")}:${done.entries.map((one) => one[1]).join(",")}`;
  shown(cell).textContent = done.spoken === "0:00" ? "" : done.spoken;
  const value = done.spoken || sheet().dataset.none;
  cell.setAttribute("aria-label", fill(sheet().dataset.label, { row: name(cell), day: cell.dataset.said, value }));
  sum();
}

function sum() {
  const days = Array(7).fill(0);
  for (const row of $$("tbody tr", grid())) {
    let own = 0;
    for (const cell of $$("[data-cell]", row)) {
      own += Number(cell.dataset.minutes);
      days[Number(cell.dataset.col)] += Number(cell.dataset.minutes);
    }
    $("[data-row-sum]", row).textContent = own ? clock(own) : "";
  }
  days.forEach((minutes, place) => {
    const foot = $(`[data-day-sum="${place}"]`, grid());
    const bar = $("progress", foot);
    const plan = Number(foot.dataset.planned);
    $("span", foot).textContent = minutes ? clock(minutes) : "–";
    bar.value = Math.min(minutes, plan);
    bar.classList.toggle("over", minutes > plan);
    $(`[data-sum="${place}"]`).textContent = minutes ? clock(minutes) : "–";
  });
  const all = clock(days.reduce((one, other) => one + other, 0));
  $("#ts-all").textContent = all;
  $("#ts-total").textContent = all;
}

/* ---- keys ---- */

function keyed(event) {
  if (event.isComposing || dialog()?.open) return;
  const cell = event.target.closest?.("[data-cell]");
  const input = event.target.closest?.(".ts-input");
  if (input) return writing(event, cell, input);
  if (!sheet() || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d" && sheet().hasAttribute("data-fills")) return take(event, copyRows);
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (cell && event.key === "Enter") take(event, () => list(cell));
    return;
  }
  if (event.key === "+" && sheet().hasAttribute("data-fills")) return take(event, () => choose(false));
  if (event.key === "PageUp" || event.key === "PageDown") {
    return take(event, () => $(event.key === "PageUp" ? "#ts-before" : "#ts-after")?.click());
  }
  if (cell) moving(event, cell);
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function moving(event, cell) {
  const { key } = event;
  if (MOVES[key]) {
    const flip = document.dir === "rtl" ? -1 : 1;
    return take(event, () => step(cell, MOVES[key][0], MOVES[key][1] * flip));
  }
  if (key === "Tab") {
    if (along(cell, event.shiftKey)) event.preventDefault();
  } else if (key === "Home" || key === "End") {
    const own = $$("[data-cell]", rowOf(cell)).filter((one) => one.checkVisibility());
    take(event, () => own.at(key === "Home" ? 0 : -1).focus());
  } else if (key === "Enter" || key === "F2") take(event, () => edit(cell));
  else if (key === "Delete" || key === "Backspace") take(event, () => clear(cell));
  else if (key === "n") take(event, () => list(cell));
  else if (key === "t") take(event, () => $(".ts-play", rowOf(cell))?.click());
  else if (/^[-\d.,:]$/.test(key)) take(event, () => edit(cell, key));
}

function writing(event, cell, input) {
  event.stopPropagation();
  const { key } = event;
  if (key === "Escape") {
    take(event, () => { leave(cell, "", false); cell.focus(); });
  } else if (key === "Enter") {
    take(event, () => {
      leave(cell, input.value, true);
      if (!step(cell, event.shiftKey ? -1 : 1, 0)) cell.focus();
    });
  } else if (key === "Tab") {
    leave(cell, input.value, true);
    cell.focus();
    if (along(cell, event.shiftKey)) event.preventDefault();
  } else if (key === "ArrowUp" || key === "ArrowDown") {
    take(event, () => {
      leave(cell, input.value, true);
      if (!step(cell, key === "ArrowUp" ? -1 : 1, 0)) cell.focus();
    });
  }
}

function take(event, work) {
  event.preventDefault();
  event.stopPropagation();
  work();
}

function clear(cell) {
  if (readonly(cell)) return say(sheet().dataset.saidLocked, "bad");
  if (many(cell) || cell.matches(".runs")) return list(cell);
  if (Number(cell.dataset.minutes)) save(cell, "");
}

/* ---- rows, weeks and the timer ---- */

function list(cell) {
  const asked = new URLSearchParams({ row: rowOf(cell).dataset.row, date: cell.dataset.day, user: sheet().dataset.user });
  here = cell.id;
  ask(`/time/cell?${asked}`);
}

const choose = (timer) => ask(`/time/rows${timer ? "?for=timer" : ""}`);

function go(changes) {
  const asked = new URLSearchParams(location.search);
  asked.delete("start");
  if (!asked.get("week")) asked.set("week", sheet().dataset.week);
  for (const [key, value] of Object.entries(changes)) asked.set(key, value);
  return visit(`/time?${asked}`, { swap: "outerMorph", push: "true" });
}

const copyRows = () => go({ copy: "1" });

async function act(path, body, said = "") {
  try {
    const done = await send(path, body);
    if (said) say(said, "", done.changeSet);
    stale();
    return done;
  } catch (refusal) {
    say(refusal.message, "bad");
    return null;
  }
}

const DEEDS = {
  add: () => choose(false),
  copy: copyRows,
  switch: () => choose(true),
  day: (button) => pickDay(button.dataset.day),
  start: (button) => act(`${sheet().dataset.api}/start`, { row: rowOf(button).dataset.row }),
  stop: () => halt(),
  halt: () => halt(),
  confirm: () => halt({ confirm: true }),
  submit: (button) => act(`${sheet().dataset.api}/hand_in`, { week: button.closest("[data-week]").dataset.week }),
  withdraw: (button) => decide(button, "withdraw"),
  approve: (button) => decide(button, "approve"),
  reopen: (button) => decide(button, "reopen"),
  reject: (button) => ask(`/timesheets/timesheets/${button.closest("[data-sheet]").dataset.sheet}/do/reject`),
  drop: (button) => entry(button.closest("form"), ""),
  many: approveMany,
  panelStart: (button) => act("/api/timesheets/timesheets/start", { row: button.dataset.row }),
  panelHalt: (button) => act("/api/timesheets/timesheets/halt", { entry_id: Number(button.dataset.entry) }),
};

function clicked(event) {
  const button = event.target.closest?.("[data-ts]");
  if (button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    DEEDS[button.dataset.ts]?.(button);
    return;
  }
  const option = event.target.closest?.("#ts-options [data-key]");
  if (option) return pick(option);
  const cell = event.target.closest?.("[data-cell]");
  if (cell && !$("input", cell)) {
    if (document.activeElement !== cell) cell.focus();
    if (matchMedia("(pointer: coarse)").matches) edit(cell);
  }
}

const decide = (button, verb) => {
  const own = button.closest("[data-sheet]");
  return act(`/api/timesheets/timesheets/${own.dataset.sheet}/${verb}`, { version: Number(own.dataset.version) }, own.dataset[`said${verb[0].toUpperCase()}${verb.slice(1)}`]);
};

const halt = (more = {}) => act("/api/timesheets/timesheets/halt", { entry_id: Number($("#timer").dataset.entry), ...more });

async function approveMany(button) {
  const weeks = $$("input[name=week]:checked").map((one) => [Number(one.value), Number(one.closest("[data-sheet]").dataset.version)]);
  if (!weeks.length) return say(button.dataset.none, "bad");
  const done = await act("/api/timesheets/timesheets/approve_all", { weeks });
  if (done) say(button.dataset.done.replace("{num}", done.count), "", done.changeSet);
}

function submitted(event) {
  const form = event.target;
  if (form.matches("[data-ts-form=halt]")) {
    event.preventDefault();
    halt({ hours: $("input", form).value });
  } else if (form.matches(".ts-entry")) {
    event.preventDefault();
    entry(form, $("[name=hours]", form).value);
  } else if (form.matches("[data-ts-form=reprice]")) {
    event.preventDefault();
    reprice(form);
  }
}

/* One entry of a cell's list, or a further one. */
async function entry(form, hours) {
  const box = form.closest("[data-list]");
  const body = { row: box.dataset.row, date: box.dataset.day, user_id: Number(box.dataset.user), hours, known: known(box) };
  if (form.dataset.entry) body.entry_id = Number(form.dataset.entry);
  else body.another = true;
  body.description = $("[name=description]", form).value;
  body.billable = $("[name=billable]", form).checked;
  try {
    const done = await send(`${box.dataset.api}/fill`, body);
    dialog().close();
    say(fill(box.dataset.saidSaved, { row: box.dataset.name, day: box.dataset.said, value: done.spoken || "0:00" }), "", done.changeSet);
    stale();
    document.getElementById(here)?.focus();
  } catch (refusal) {
    $("[data-why]", box).textContent = refusal.message;
  }
}

async function reprice(form) {
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  delete given._csrf;
  for (const key of ["project_id", "user_id"]) if (given[key]) given[key] = Number(given[key]);
  const done = await act("/api/timesheets/hourly-rates/reprice", given);
  if (done) say(form.dataset.said.replace("{num}", done.changed), "", done.changeSet);
}

/* ---- finding a row ---- */

function searching(box) {
  const input = $("#ts-q", box);
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(box, input.value), WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") take(event, () => walk(event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter") take(event, () => pick($('#ts-options [aria-selected="true"]')));
  });
  point();
}

async function search(box, text) {
  const answer = await fetch(`/time/rows?${new URLSearchParams({ q: text })}`, { headers: { Accept: "text/html", "HX-Request": "true" } });
  if (!answer.ok || $("#ts-q")?.value !== text) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  $("#ts-options", box).replaceChildren(...$("#ts-options", holder.content).children);
  point();
}

function walk(by) {
  const all = $$("#ts-options [data-key]");
  if (!all.length) return;
  const place = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  all[place]?.setAttribute("aria-selected", "false");
  const next = all[(place + by + all.length) % all.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  point();
}

function point() {
  const chosen = $('#ts-options [data-key][aria-selected="true"]');
  if (chosen) $("#ts-q").setAttribute("aria-activedescendant", chosen.id);
  else $("#ts-q")?.removeAttribute("aria-activedescendant");
}

async function pick(option) {
  if (!option?.dataset.key) return;
  const box = option.closest("[data-adds]");
  const kind = $("#ts-kind").value;
  const key = kind ? `${option.dataset.key.split(".")[0]}.${kind}` : option.dataset.key;
  if (box.hasAttribute("data-timer")) {
    try {
      const done = await send(`${box.dataset.api}/start`, { row: key });
      dialog().close();
      say(box.dataset.started, "", done.changeSet);
      stale();
    } catch (refusal) {
      $("[data-why]", box).textContent = refusal.message;
    }
    return;
  }
  dialog().close();
  wanted = key;
  const added = new URLSearchParams(location.search).get("add");
  const all = new Set([...(added ? added.split(",") : []), key]);
  go({ add: [...all].join(",") });
}

/* ---- the running timer's clock ---- */

function tick() {
  for (const one of $$("[data-since]")) {
    one.textContent = clock(Math.max(0, Math.floor((Date.now() - Date.parse(one.dataset.since)) / 60_000)));
  }
}
