/* The backlog and a sprint's planning: lines that are dragged, carried by keyboard, moved many at
   once, estimated and added in place. Each gesture is one change that can be taken back. */
import { $, $$, main, say, send, visit } from "./core.js";
import { dragging } from "./drag.js";
import { mainAddress } from "./panes.js";

const API = "/api/projects/tasks";
const REREAD = "Mainstay-Reread";

const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const words = () => $("#bl-words").dataset;
const says = (text) => { const place = $("#bl-says"); if (place) place.textContent = text; };

let root = null;
let heard = false;
let picked = new Set(); // ids, in no order: the lists say in which
let last = null; // the line from which a range is counted
let wanted = 0; // the task whose line takes the focus after the page has read itself again
let adding = null; // the form of a new task, which no reading of the page knows

export function start(element) {
  root = element;
  picked = new Set();
  wanted = 0;
  if (!heard) {
    heard = true;
    document.addEventListener("htmx:after:swap", settle);
    document.addEventListener("click", clicked);
    document.addEventListener("change", changed);
    document.addEventListener("input", filtered);
    document.addEventListener("submit", submitted, true); // before htmx takes it
    document.addEventListener("keydown", keyed);
    document.addEventListener("focusout", left);
  }
  element.addEventListener("live:refresh", (event) => { event.preventDefault(); reread(); });
  if (movable()) dragging(element, { grip, lift, move: aim, drop, cancel });
  settle();
}

/* ---- lines, and what is known of them ---- */

const here = () => root?.isConnected ?? false;
const movable = () => root.hasAttribute("data-movable");
const rowOf = (element) => element?.closest?.(".bl-row") ?? null;
const idOf = (row) => Number(row.dataset.id);
const rowsOf = (list) => $$(":scope > .bl-row", list);
const rows = () => $$(".bl-list > .bl-row", root);
const listOf = (row) => row.parentElement;
const lists = () => $$(".bl-list", root);
const locked = (list) => list.hasAttribute("data-locked");
const title = (row) => $(".bl-title", row);
const byId = (id) => document.getElementById(`bl-${id}`);
const hold = () => { main().dataset.holding = "backlog"; };
const free = () => { if (main()?.dataset.holding === "backlog") delete main().dataset.holding; };

/* The lines that a gesture on one line moves: all that are selected, if it is one of them. */
function together(row) {
  if (!picked.has(idOf(row))) return [row];
  return rows().filter((one) => picked.has(idOf(one)) && !locked(listOf(one)));
}

function settle() {
  const found = $("#backlog");
  if (!found) return;
  root = found;
  const known = new Set(rows().map(idOf));
  picked = new Set([...picked].filter((id) => known.has(id)));
  if (adding && !adding.form.isConnected) place(adding);
  paint();
  watch();
  const row = wanted && byId(wanted);
  if (row && !root.contains(document.activeElement)) title(row).focus({ preventScroll: true });
  wanted = 0;
}

/* Read the page again with as many lines as are shown; what is written meanwhile stays. */
function reread() {
  const from = mainAddress();
  const address = new URL(from, location.href);
  const rest = $('.bl-list[data-list="0"]', root);
  const shown = rest ? rowsOf(rest).length : 0;
  if (shown > 100) address.searchParams.set("shown", Math.min(shown, 1000));
  const top = window.scrollY;
  const focus = rowOf(document.activeElement);
  if (focus && document.activeElement === title(focus)) wanted ||= idOf(focus);
  return visit(address.pathname + address.search, { swap: "outerMorph", headers: { "HX-Target": "main#main", [REREAD]: from } })
    .then(() => window.scrollTo({ top }));
}

const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));

/* ---- selecting ---- */

function paint() {
  for (const row of rows()) {
    const on = picked.has(idOf(row));
    row.classList.toggle("picked", on);
    const box = $(".bl-pick input", row);
    if (box) box.checked = on;
  }
  root.classList.toggle("selecting", picked.size > 0);
  const bar = $("#bl-bar");
  if (!bar) return;
  bar.hidden = picked.size === 0;
  const points = [...picked].reduce((sum, id) => sum + Number(byId(id)?.dataset.points || 0), 0);
  const spoken = new Intl.NumberFormat(document.documentElement.lang).format(points);
  const text = fill(words().selected, { count: picked.size, points: spoken });
  if (picked.size && $(".bulk-count", bar).textContent !== text) $(".bulk-count", bar).textContent = text;
}

function toggle(row, on = !picked.has(idOf(row))) {
  if (on) picked.add(idOf(row));
  else picked.delete(idOf(row));
  last = idOf(row);
  paint();
}

function range(row) {
  const all = rows();
  const from = Math.max(0, all.findIndex((one) => idOf(one) === last));
  const to = all.indexOf(row);
  for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) picked.add(idOf(one));
  last ??= idOf(all[from]);
  getSelection().removeAllRanges();
  paint();
}

const clear = () => { picked = new Set(); last = null; paint(); };

/* ---- by pointer ---- */

let held = null;

function grip(event) {
  const row = rowOf(event.target);
  const taken = event.target.closest("button, input, select, label");
  return row && !taken && !locked(listOf(row)) && !row.matches(".saving") ? row : null;
}

function lift(row) {
  const moved = together(row);
  const slot = document.createElement("li");
  slot.className = "bl-slot";
  slot.setAttribute("aria-hidden", "true");
  held = { row, moved, slot, from: origins(moved) };
  row.before(slot);
  for (const one of moved) one.classList.add("lifted");
  hold();
  return moved;
}

const origins = (moved) => moved.map((row) => ({ row, list: listOf(row), next: row.nextElementSibling }));

function aim(x, y) {
  const under = document.elementFromPoint(x, y);
  const list = under?.closest(".bl-list") ?? $(".bl-list", under?.closest(".bl-section") ?? document.createElement("i"));
  for (const one of lists()) one.classList.toggle("over", one === list && !locked(one));
  if (!list || locked(list)) return;
  const stay = rowsOf(list).filter((one) => !one.classList.contains("lifted"));
  const next = stay.find((one) => { const box = one.getBoundingClientRect(); return y < box.top + box.height / 2; });
  const end = $(":scope > .bl-more, :scope > .bl-empty", list);
  list.insertBefore(held.slot, next ?? end);
}

function unlift() {
  for (const one of $$(".bl-row.lifted", root)) one.classList.remove("lifted");
  for (const one of $$(".bl-list.over", root)) one.classList.remove("over");
  held?.slot.remove();
  held = null;
}

function cancel() { unlift(); free(); }

function drop() {
  const { moved, slot, from, row } = held;
  slot.before(...moved);
  unlift();
  commit(row, moved, from);
}

/* ---- by keyboard ---- */

let carrying = null;
let moving = false;

function keyed(event) {
  if (!here() || event.defaultPrevented) return;
  if (event.key === "Escape" && !carrying && picked.size && root.contains(event.target) && !event.target.matches("input")) { clear(); event.preventDefault(); return; }
  const row = event.target.matches?.(".bl-title") ? rowOf(event.target) : null;
  if (!row || !root.contains(row) || event.ctrlKey || event.metaKey) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (carrying) carried(event, row, step);
  else if (event.key === " " && movable() && !locked(listOf(row))) pickUp(row);
  else if (step && event.altKey && movable()) nudge(row, step);
  else if (step && event.shiftKey) extend(row, step);
  else if (step) walk(row, step);
  else if (event.key === "Home") title(rows()[0])?.focus();
  else if (event.key === "End") title(rows().at(-1))?.focus();
  else if (event.altKey || !movable()) return;
  else if (event.key === "x") toggle(row);
  else if (event.key === "e") estimate(row);
  else if (event.key === "m") menu(row, $(".bl-menu", row));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function walk(row, step) {
  const all = rows();
  const next = all[all.indexOf(row) + step];
  if (!next) return;
  title(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function extend(row, step) {
  picked.add(idOf(row));
  const all = rows();
  const next = all[all.indexOf(row) + step];
  if (next) { picked.add(idOf(next)); last = idOf(next); }
  paint();
  if (next) walk(row, step);
}

function pickUp(row) {
  const moved = together(row);
  carrying = { row, moved, from: origins(moved) };
  for (const one of moved) one.classList.add("carried");
  hold();
  says(`${fill(words().lifted, { name: row.dataset.name })} ${stands(row)}`);
}

function carried(event, row, step) {
  if (step) carry(step);
  else if (event.key === " " || event.key === "Enter") settleDown(true);
  else if (event.key === "Escape") settleDown(false);
}

/* One line up or down, over the edge of a list into the next one. */
function carry(step) {
  const { row, moved } = carrying;
  const list = listOf(row);
  const others = rowsOf(list).filter((one) => !moved.includes(one));
  const before = rowsOf(list).slice(0, rowsOf(list).indexOf(moved[0])).filter((one) => !moved.includes(one)).length;
  moving = true;
  if (step < 0 && before > 0) others[before - 1].before(...moved);
  else if (step > 0 && before < others.length) others[before].after(...moved);
  else {
    const open = lists().filter((one) => !locked(one));
    const next = open[open.indexOf(list) + step];
    if (next && step > 0) next.prepend(...moved);
    else if (next) $(":scope > .bl-more, :scope > .bl-empty", next).before(...moved);
  }
  title(row).focus({ preventScroll: true });
  moving = false;
  row.scrollIntoView({ block: "nearest" });
  says(stands(row));
}

function stands(row) {
  const all = rowsOf(listOf(row));
  return fill(words().stands, { name: row.dataset.name, list: listOf(row).dataset.label, place: all.indexOf(row) + 1, count: all.length });
}

function settleDown(keep) {
  const { row, moved, from } = carrying;
  carrying = null;
  for (const one of moved) one.classList.remove("carried");
  if (keep) { commit(row, moved, from); return; }
  moving = true;
  putBack(from);
  title(row).focus({ preventScroll: true });
  moving = false;
  says(fill(words().back, { name: row.dataset.name }));
  free();
}

function left(event) {
  if (carrying && !moving && here() && !rowOf(event.relatedTarget)) settleDown(false);
}

function nudge(row, step) {
  if (locked(listOf(row))) { say(words().locked, "bad"); return; }
  const moved = together(row);
  const all = rowsOf(listOf(row)).filter((one) => one === row || !moved.includes(one));
  const beside = all[all.indexOf(row) + step];
  if (!beside) return;
  const from = origins(moved);
  if (step < 0) beside.before(...moved);
  else beside.after(...moved);
  title(row).focus({ preventScroll: true });
  commit(row, moved, from);
}

/* ---- what a move does ---- */

function putBack(from) {
  for (const { row, list, next } of [...from].reverse()) list.insertBefore(row, next?.isConnected && next.parentElement === list ? next : null);
}

const near = (row, way, moved) => {
  let next = row[way];
  while (next && (!next.matches(".bl-row") || moved.includes(next))) next = next[way];
  return next ? idOf(next) : null;
};

async function commit(row, moved, from) {
  const list = listOf(row);
  const same = from.every((one) => one.list === list);
  if (same && moved.length === 1 && from[0].next === row.nextElementSibling) { free(); says(fill(words().back, { name: row.dataset.name })); return; }
  const body = { after_id: near(moved[0], "previousElementSibling", moved), before_id: near(moved.at(-1), "nextElementSibling", moved) };
  await move(row, moved, same ? body : { ...body, sprint_id: Number(list.dataset.list) }, list, same, () => putBack(from));
}

async function move(row, moved, body, list, same, back) {
  for (const one of moved) one.classList.add("saving");
  hold();
  try {
    const answer = await send(`${API}/rank`, { ...body, ids: moved.map(idOf) });
    const many = moved.length > 1;
    const text = fill(words()[`${many ? "many" : ""}${same ? "placed" : "moved"}`], { name: row.dataset.name, list: list.dataset.label, count: moved.length });
    say(`${text}.`, "", answer.changeSet);
    says(text);
    wanted = idOf(row);
  } catch (refusal) {
    back();
    for (const one of moved) {
      one.classList.add("refused");
      setTimeout(() => one.classList.remove("refused"), 1200);
    }
    say(refusal.message, "bad");
    says(refusal.message);
    if (document.activeElement === document.body) title(row)?.focus({ preventScroll: true });
  } finally {
    for (const one of moved) one.classList.remove("saving");
    free();
    stale();
  }
}

/* To the top, the bottom, or into another list. */
function shift(row, to, list) {
  const moved = row ? together(row) : rows().filter((one) => picked.has(idOf(one)));
  const first = moved[0];
  if (!first) return;
  if (moved.some((one) => locked(listOf(one))) || (list && locked(list))) { say(words().locked, "bad"); return; }
  const body = list ? { sprint_id: Number(list.dataset.list) } : edge(moved, to);
  const target = list ?? listOf(first);
  if (body) move(row ?? first, moved, body, target, !list, () => {}).then(() => list && !row && clear());
}

/* The end of a sprint's list lies beside its last task; that of the backlog is the end of all. */
function edge(moved, to) {
  const list = listOf(moved[0]);
  const rest = rowsOf(list).filter((one) => !moved.includes(one));
  if (to === "bottom" && list.dataset.list === "0") return { to };
  const beside = to === "top" ? rest[0] : rest.at(-1);
  if (!beside) return null;
  return to === "top" ? { before_id: idOf(beside) } : { after_id: idOf(beside) };
}

/* ---- the menu of a line, and of the selection ---- */

function menu(row, button) {
  $("#bl-menu")?.remove();
  const sheet = Object.assign(document.createElement("div"), { className: "menu-sheet bl-sheet", id: "bl-menu", popover: "auto" });
  sheet.setAttribute("role", "menu");
  const own = row ? listOf(row) : null;
  const open = !own || !locked(own);
  const items = [];
  if (open) {
    items.push(["top", words().top, () => shift(row, "top"), ""], ["bottom", words().bottom, () => shift(row, "bottom"), ""]);
    if (row) items.push(["up", words().up, () => nudge(row, -1), "Alt ↑"], ["down", words().down, () => nudge(row, 1), "Alt ↓"]);
    for (const list of lists()) if (list !== own && !locked(list)) items.push(["into", fill(words().into, { list: list.dataset.label }), () => shift(row, "", list), ""]);
  }
  if (row) {
    if (open && root.hasAttribute("data-adds")) items.push(["below", words().below, () => add(own, row), ""]);
    items.push(["estimate", words().estimate, () => estimate(row), "e"], ["open", words().open, () => visit(title(row).getAttribute("href"), { swap: "outerHTML", push: "true" }), "Enter"]);
  }
  for (const [, text, run, key] of items) {
    const item = Object.assign(document.createElement("button"), { type: "button", className: "menu-item" });
    item.setAttribute("role", "menuitem");
    item.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (key) item.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    item.addEventListener("click", () => { sheet.remove(); run(); });
    sheet.append(item);
  }
  sheet.addEventListener("keydown", (event) => {
    const all = $$("button", sheet);
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown") all[(at + 1) % all.length].focus();
    else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length].focus();
    else if (event.key === "Escape") { sheet.remove(); (row ? title(row) : button)?.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(sheet);
  sheet.addEventListener("toggle", (event) => event.newState === "closed" && sheet.remove());
  sheet.showPopover();
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = sheet;
  sheet.style.insetInlineStart = "auto";
  sheet.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
  sheet.style.top = `${box.bottom + 4 + height > innerHeight ? Math.max(8, box.top - height - 4) : box.bottom + 4}px`;
  $("button", sheet)?.focus();
}

/* ---- points ---- */

function estimate(row) {
  const button = $("button.bl-points", row);
  if (!button || button.hidden) return;
  const input = Object.assign(document.createElement("input"), { className: "bl-in", type: "number", min: 0, max: 1000, step: "any", value: row.dataset.points });
  input.setAttribute("aria-label", words().points);
  button.hidden = true;
  button.after(input);
  input.focus();
  input.select();
  let done = false;
  const end = async (save, back) => {
    if (done) return;
    done = true;
    const text = input.value.trim();
    const wrong = input.validity.badInput || Number(text) < 0;
    input.remove();
    button.hidden = false;
    if (back) title(row).focus({ preventScroll: true });
    if (!save || wrong || text === row.dataset.points) return;
    button.textContent = text || "–";
    try {
      const answer = await send(`${API}/${idOf(row)}`, { story_points: text === "" ? null : Number(text) }, "PATCH");
      say(`${fill(words().estimated, { name: row.dataset.name, points: text || "–" })}.`, "", answer.changeSet);
    } catch (refusal) {
      say(refusal.message, "bad");
    }
    if (back) wanted = idOf(row);
    stale();
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") { event.preventDefault(); end(true, true); }
    if (event.key === "Escape") { event.preventDefault(); end(false, true); }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.altKey) return;
    event.preventDefault();
    const all = rows();
    const next = all[all.indexOf(row) + step];
    end(true, false).then(() => next && estimate(byId(idOf(next)) ?? next));
  });
  input.addEventListener("blur", () => end(true, false));
}

/* ---- adding at a place ---- */

function add(list, after = null) {
  adding?.form.remove();
  const line = document.createElement("li");
  line.className = "bl-new";
  line.setAttribute("hx-morph-skip", "");
  const input = Object.assign(document.createElement("input"), { type: "text", className: "bl-new-title", maxLength: 500, autocomplete: "off", placeholder: words().title });
  input.setAttribute("aria-label", words().title);
  const points = Object.assign(document.createElement("input"), { type: "number", className: "bl-in", min: 0, max: 1000, step: "any", placeholder: "–" });
  points.setAttribute("aria-label", words().points);
  const done = Object.assign(document.createElement("button"), { type: "button", className: "button primary small-button", textContent: words().add });
  const gone = Object.assign(document.createElement("button"), { type: "button", className: "plain small-button", textContent: words().cancel });
  line.append(input, points, done, gone);
  adding = { form: line, list: list.dataset.list, after: after ? idOf(after) : 0 };
  place(adding);
  hold();
  input.focus();
  line.scrollIntoView({ block: "nearest" });
  const close = (back) => {
    const row = rowsOf(line.parentElement).filter((one) => one.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1);
    line.remove();
    adding = null;
    free();
    if (back && row) { wanted = idOf(row); title(row).focus({ preventScroll: true }); }
    else if (back) $(".bl-add", list.parentElement)?.focus();
    stale();
  };
  const save = async () => {
    const name = input.value.trim();
    if (!name || input.readOnly) { input.focus(); return; }
    input.readOnly = true;
    const body = { project_id: Number(root.dataset.project), title: name };
    if (points.value.trim()) body.story_points = Number(points.value);
    if (Number(root.dataset.epic)) body.epic_id = Number(root.dataset.epic);
    if (adding.list !== "0") body.sprint_id = Number(adding.list);
    const before = line.previousElementSibling?.matches(".bl-row") ? idOf(line.previousElementSibling) : 0;
    const beside = adding.after || (adding.list === "0" ? 0 : before);
    if (beside) body.after_id = beside;
    try {
      const answer = await send(`${API}/add_to_backlog`, body);
      say(`${fill(words().added, { name })}.`, "", answer.changeSet);
      if (adding?.after) adding.after = answer.id;
      input.value = points.value = "";
      await reread();
    } catch (refusal) {
      say(refusal.message, "bad");
    }
    input.readOnly = false;
    input.focus();
  };
  line.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && event.target !== gone) { event.preventDefault(); save(); }
    if (event.key === "Escape") { event.preventDefault(); close(true); }
  });
  done.addEventListener("click", save);
  gone.addEventListener("click", () => close(true));
}

/* Put the line that is being written back to where it belongs, after the page has read itself. */
function place({ form, list, after }) {
  const own = $(`.bl-list[data-list="${CSS.escape(list)}"]`, root);
  if (!own) return;
  const row = after ? byId(after) : null;
  if (row && listOf(row) === own) row.after(form);
  else own.append(form);
}

/* ---- more lines: the next page when its line comes near ---- */

let sight = null;

function watch() {
  sight?.disconnect();
  sight = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) more(one.target);
  }, { rootMargin: "600px" });
  for (const line of $$(".bl-more", root)) sight.observe(line);
}

async function more(line) {
  if (line.dataset.loading) return;
  line.dataset.loading = "1";
  const answer = await fetch(line.dataset.more, { headers: { "HX-Request": "true", "HX-Target": "li#more" } });
  if (!answer.ok || !line.isConnected) { delete line.dataset.loading; return; }
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  const known = new Set(rows().map(idOf));
  for (const row of $$(".bl-row", box.content)) if (known.has(idOf(row))) row.remove();
  htmx.process(box.content);
  line.replaceWith(box.content);
  paint();
  watch();
}

/* ---- clicks, fields, the filter ---- */

function clicked(event) {
  if (!here()) return;
  const join = event.target.closest("[data-pl]");
  if (join) { people(join); return; }
  const button = event.target.closest("[data-bl]");
  const inside = root.contains(event.target) || event.target.closest("#bl-bar");
  if (button && !inside && button.dataset.bl === "sprint") { plan(button); return; }
  if (!inside) return;
  const row = rowOf(event.target);
  if (row && (event.shiftKey || event.ctrlKey || event.metaKey) && movable() && !button) {
    event.preventDefault();
    if (event.shiftKey) range(row);
    else toggle(row);
    return;
  }
  if (row && event.target.closest(".bl-pick")) { if (event.target.matches("input")) toggle(row, event.target.checked); return; }
  if (!button) return;
  const doing = {
    points: () => estimate(row),
    menu: () => menu(row, button),
    clear,
    more: () => more(button.closest(".bl-more")),
    add: () => add($(".bl-list", button.closest(".bl-section"))),
  };
  doing[button.dataset.bl]?.();
}

async function plan(button) {
  const { first, last: end, said } = button.dataset;
  button.disabled = true;
  try {
    const made = await send("/api/scrum/sprints", { project_id: Number(root.dataset.project), start_date: first, end_date: end });
    say(`${fill(said, { name: made.name })}.`, "", made.changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  button.disabled = false;
  stale();
}

async function people(button) {
  const { api, said, id } = button.dataset;
  const removing = button.dataset.pl === "remove";
  await saved(() => send(removing ? `/api/scrum/members/${id}` : api, removing ? undefined : {}, removing ? "DELETE" : "POST"), said);
}

async function saved(work, text) {
  try {
    const answer = await work();
    say(`${text}.`.replace("..", "."), "", answer.changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  document.activeElement?.matches?.("select, input, textarea") && document.activeElement.blur();
  stale();
}

function changed(event) {
  if (!here()) return;
  const field = event.target;
  if (field.matches("[data-bl-filter] select")) { field.form.requestSubmit(); return; }
  if (field.matches("[data-pl-join]") && field.value) { saved(() => send(field.dataset.api, { user_ids: [Number(field.value)] }), field.dataset.said); return; }
  const form = field.closest("[data-pl-form]");
  if (form) {
    const value = field.value.trim() === "" && field.type === "date" ? null : field.value;
    saved(() => send(form.dataset.api, { [field.name]: value }, "PATCH"), form.dataset.said);
    return;
  }
  if (!field.matches("[data-pl-member]")) return;
  const { plMember, field: name, scale } = field.dataset;
  const number = field.value.trim() === "" ? null : Number(field.value) / Number(scale ?? 1);
  const value = name === "availability" && number === null ? 1 : number;
  saved(() => send(`/api/scrum/members/${plMember}`, { [name]: value, version: Number(field.dataset.version) }, "PATCH"), $("[data-pl-form]", root).dataset.said);
}

let typing = 0;

function filtered(event) {
  if (!here() || !event.target.matches("[data-bl-filter] input[type=search]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => event.target.form.requestSubmit(), 250);
}

/* The filter's address, without what is not chosen; the field being written in stays as it is. */
function submitted(event) {
  if (!event.target.matches?.("[data-bl-filter]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const chosen = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value !== ""));
  const path = new URL(event.target.action).pathname + (chosen.size ? `?${chosen}` : "");
  visit(path, { swap: "outerMorph", push: "true" });
}
