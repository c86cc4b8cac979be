/* The editor of templates: a tree that is arranged by keys, by dragging and by menus.
   Every line says what it is (data-kind, data-id) and where it stands (data-within, data-within-id,
   data-parent). Each gesture is one change that can be taken back; the page then reads itself again. */
import { $, $$, say, send, visit, word } from "./core.js";
import { dragging } from "./drag.js";

const API = "/api/templates/projects";
const PATHS = { project: "projects", milestone: "milestones", task: "tasks", step: "steps", item: "checklist_items" };
const HOLDS = { project: ["milestone", "task"], milestone: ["task"], task: ["step"], step: ["item"] };
const INDENT = 28;

const words = () => $("#tpl-words").dataset;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

let root = null;
let wanted = null; // the line that gets the focus when the page has read itself again
let adding = null; // the line that is being written, which no reading of the page knows
let heard = false;

export function start(element) {
  root = element;
  if (!heard) {
    heard = true;
    document.addEventListener("htmx:after:swap", settle);
    document.addEventListener("keydown", keyed);
    document.addEventListener("click", clicked);
    document.addEventListener("dblclick", doubled);
    document.addEventListener("change", changed);
    document.addEventListener("focusin", focused);
  }
  if (element.hasAttribute("data-edits")) {
    dragging(element, { grip, lift, move: hover, drop, cancel: unlift });
  }
  settle();
}

/* ---- lines, and what is known of them ---- */

const face = (line) => line.firstElementChild; // what has the focus: the line without what is below it
const isOpen = (line) => line.dataset.open;
const lines = () => $$(".tpl-item", root).filter((one) => one.checkVisibility());
const lineOf = (element) => element?.closest?.(".tpl-item") ?? null;
const groupOf = (line) => $(":scope > ul", line);
const above = (line) => lineOf(line.parentElement);
const siblings = (line) => [...line.parentElement.children].filter((one) => one.matches(".tpl-item"));
const alike = (line) => siblings(line).filter((one) => one.dataset.kind === line.dataset.kind);
const edits = () => root?.hasAttribute("data-edits");
const where = (line) => ({
  within: line.dataset.within, within_id: Number(line.dataset.withinId), kind: line.dataset.kind, template_id: Number(line.dataset.id),
});
const path = (line) => `/api/${line.dataset.resource}/${line.dataset.record}`;

const store = () => `mainstay:tpl:${root.dataset.level}:${root.dataset.root}`;
const folds = () => JSON.parse(sessionStorage.getItem(store()) ?? "{}");

function turn(line, open) {
  if (!line?.dataset.open) return;
  line.dataset.open = String(open);
  face(line).setAttribute("aria-expanded", String(open));
}

function fold(line, open) {
  turn(line, open);
  sessionStorage.setItem(store(), JSON.stringify({ ...folds(), [line.id]: open }));
}

/* After each reading: what was open is open, one line takes the focus, dates are filled in again. */
function settle() {
  const found = $("#tpl");
  if (!found) return;
  root = found;
  for (const [id, open] of Object.entries(folds())) {
    turn(document.getElementById(id), open);
  }
  if (adding && !adding.place.isConnected) put(adding);
  if (wanted && !adding) {
    const line = $$(".tpl-item", root).find((one) => Object.entries(wanted).every(([name, value]) => one.dataset[name] === String(value)));
    if (line) { reveal(line); if (!root.contains(document.activeElement) || lineOf(document.activeElement)) focusOn(line); wanted = null; }
  }
  if (!$('.tpl-line[tabindex="0"]', root)) $(".tpl-line", root)?.setAttribute("tabindex", "0");
  const from = $("[data-tpl-from]", root);
  if (from?.value) dates(from.value);
}

function reveal(line) {
  for (let one = above(line); one; one = above(one)) if (isOpen(one) === "false") fold(one, true);
}

function focusOn(line) {
  for (const one of $$('.tpl-line[tabindex="0"]', root)) one.tabIndex = -1;
  face(line).tabIndex = 0;
  face(line).focus({ preventScroll: true });
  face(line).scrollIntoView({ block: "nearest" });
}

function focused(event) {
  const shown = event.target.matches?.(".tpl-line") ? event.target : null;
  if (!shown || !root?.contains(shown)) return;
  for (const one of $$('.tpl-line[tabindex="0"]', root)) if (one !== shown) one.tabIndex = -1;
  shown.tabIndex = 0;
}

/* ---- changes ---- */

async function act(verb, body, text, next) {
  try {
    const answer = await send(verb.startsWith("/") ? verb : `${API}/${verb}`, body, "POST");
    wanted = next ?? null;
    say(text, "", answer.changeSet);
    document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
    return answer;
  } catch (refusal) {
    say(refusal.message, "bad");
    return null;
  }
}

const said = (name, line) => fill(words()[name], { name: line.dataset.name });
const same = (line) => ({ kind: line.dataset.kind, id: line.dataset.id });

function shift(line, to) {
  const body = { ...where(line), parent_id: Number(line.dataset.parent) || null, ...to };
  const next = { ...same(line), within: body.to ?? body.within, withinId: body.to_id ?? body.within_id };
  return act("shift", body, said("moved", line), next);
}

function up(line, step) {
  const all = alike(line);
  const other = all[all.indexOf(line) + step];
  if (!other) return;
  shift(line, step < 0 ? { before_id: Number(other.dataset.id) } : { after_id: Number(other.dataset.id) });
}

/* A task becomes a part of the task above it; anything below a milestone's line goes into it. */
function indent(line) {
  const all = siblings(line);
  const before = all[all.indexOf(line) - 1];
  if (line.dataset.kind !== "task" || !before) return say(words().part);
  if (before.dataset.kind === "milestone") {
    return shift(line, { to: "milestone", to_id: Number(before.dataset.id), parent_id: null });
  }
  const last = [...groupOf(before)?.children ?? []].filter((one) => one.dataset.kind === "task").at(-1) ?? before;
  fold(before, true);
  return shift(line, { parent_id: Number(before.dataset.id), after_id: Number(last.dataset.id) });
}

function outdent(line) {
  const parent = above(line);
  if (line.dataset.kind !== "task" || !parent) return;
  if (parent.dataset.kind === "task") {
    return shift(line, { parent_id: Number(parent.dataset.parent) || null, after_id: Number(parent.dataset.id) });
  }
  return shift(line, { to: "project", to_id: Number(root.dataset.root), parent_id: null });
}

function remove(line) {
  const all = lines();
  const next = all[all.indexOf(line) + 1] ?? all[all.indexOf(line) - 1];
  return act("take_out", where(line), said("out", line), next && next !== line ? { kind: next.dataset.kind, id: next.dataset.id } : null);
}

const publish = (line, verb) => act(`${path(line)}/${verb}`, {}, words()[verb === "publish" ? "published" : "withdrawn"], same(line));

/* ---- renaming ---- */

function rename(line) {
  const name = $(".tpl-name", line);
  if (!edits() || $("input", name)) return;
  const input = Object.assign(document.createElement("input"), { className: "tpl-input", value: line.dataset.name, type: "text", maxLength: 500 });
  input.setAttribute("aria-label", words().rename);
  name.replaceChildren(input);
  input.focus();
  input.select();
  let done = false;
  const end = async (save, back) => {
    if (done) return;
    done = true;
    const text = input.value.trim();
    name.textContent = save && text ? text : line.dataset.name;
    if (back) focusOn(line);
    if (!save || !text || text === line.dataset.name) return;
    try {
      const answer = await send(path(line), { name: text, version: Number(line.dataset.version) }, "PATCH");
      wanted = back ? same(line) : null;
      say(words().renamed, "", answer.changeSet);
    } catch (refusal) {
      name.textContent = line.dataset.name;
      say(refusal.message, "bad");
    }
    document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true, true);
    if (event.key === "Escape") end(false, true);
  });
  input.addEventListener("blur", () => end(true, false));
}

/* ---- adding: a name for a new draft, or something from the library ---- */

/* `place` is an element that the input stands in; `at` says where the new part goes. */
function add(place, at, gone = () => {}) {
  const old = [...place.childNodes];
  const box = document.createElement("div");
  box.className = "tpl-adding";
  const input = Object.assign(document.createElement("input"), { type: "text", className: "tpl-input", maxLength: 500, autocomplete: "off" });
  input.placeholder = words()[`placeholder${at.kind[0].toUpperCase()}${at.kind.slice(1)}`];
  input.setAttribute("aria-label", input.placeholder);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", "tpl-found");
  const list = Object.assign(document.createElement("ul"), { className: "combo-list", id: "tpl-found" });
  list.setAttribute("role", "listbox");
  box.append(input, list);
  place.replaceChildren(box);
  input.focus();
  let timer = 0;
  let asked = null;
  let shut = false;
  const close = (back) => {
    if (shut) return;
    shut = true;
    asked?.abort();
    clearTimeout(timer);
    place.replaceChildren(...old);
    gone();
    if (back) back.focus();
  };
  const options = () => $$("li[role=option]", list);
  const active = () => $('li[aria-selected="true"]', list);
  const choose = (item) => {
    active()?.setAttribute("aria-selected", "false");
    item?.setAttribute("aria-selected", "true");
    if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const offer = (text, id, hint, number) => {
    const item = Object.assign(document.createElement("li"), { id: `tpl-found-${number}`, textContent: text });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    if (id) item.dataset.id = id;
    if (hint) item.append(Object.assign(document.createElement("small"), { textContent: hint }));
    return item;
  };
  const look = async () => {
    const q = input.value.trim();
    asked?.abort();
    if (!q) { list.replaceChildren(); input.setAttribute("aria-expanded", "false"); return; }
    const first = offer(fill(words().draft, { name: q }), "", "", 0);
    list.replaceChildren(first);
    choose(first);
    input.setAttribute("aria-expanded", "true");
    asked = new AbortController();
    try {
      const answer = await fetch(`/api/templates/${PATHS[at.kind]}?q=${encodeURIComponent(q)}&fields=name,is_draft&limit=6`, { signal: asked.signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? (await answer.json()).items : [];
      list.append(...found.map((one, place) => offer(one.name, one.id, one.is_draft ? words().draftword : words().used, place + 1)));
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  const take = async (item) => {
    const name = input.value.trim();
    if (!name || input.readOnly) return;
    input.readOnly = true;
    const body = { ...at, name: item?.dataset.id ? "" : name };
    if (item?.dataset.id) body.template_id = Number(item.dataset.id);
    const label = item?.dataset.id ? item.firstChild.textContent : name;
    const answer = await act("put", body, fill(words().added, { name: label }));
    input.readOnly = false;
    if (!answer) return;
    if ("after_id" in at) at.after_id = answer.template_id;
    input.value = "";
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.focus();
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 120); });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const all = options();
    if (event.key === "Enter") { event.preventDefault(); take(active()); }
    else if (event.key === "Escape") { event.preventDefault(); close(); const held = lineOf(place); if (held) focusOn(held); else old.find((one) => one.matches?.("button"))?.focus(); }
    else if (event.key === "ArrowDown" && all.length) { event.preventDefault(); choose(all[(all.indexOf(active()) + 1) % all.length]); }
    else if (event.key === "ArrowUp" && all.length) { event.preventDefault(); choose(all[(all.indexOf(active()) - 1 + all.length) % all.length]); }
  });
  list.addEventListener("pointerdown", (event) => { event.preventDefault(); take(event.target.closest("li[role=option]")); });
  input.addEventListener("blur", () => setTimeout(() => !shut && !box.contains(document.activeElement) && !input.readOnly && !input.value.trim() && close(), 150));
}

/* Put the line that is being written back to where it belongs, after the page has read itself. */
function put({ place, at }) {
  const line = $$(`.tpl-item[data-kind="${at.kind}"][data-id="${at.after_id}"]`, root).find((one) => one.dataset.within === at.within && Number(one.dataset.withinId) === at.within_id);
  if (!line) return;
  line.after(place);
  $("input", place).focus();
}

/* A new line right below another one, of the same kind. */
function addBelow(line) {
  if (!edits()) return;
  adding?.place.remove();
  const place = document.createElement("li");
  place.className = "tpl-add tpl-new";
  place.id = "tpl-new";
  place.setAttribute("role", "none");
  place.setAttribute("hx-morph-skip", "");
  const inner = Object.assign(document.createElement("div"), { className: "tpl-adder" });
  inner.setAttribute("role", "treeitem");
  place.append(inner);
  line.after(place);
  const { within, withinId, kind, id, parent } = line.dataset;
  const at = { within, within_id: Number(withinId), kind, after_id: Number(id), parent_id: Number(parent) || null };
  adding = { place, at };
  add(inner, at, () => {
    const before = place.previousElementSibling;
    place.remove();
    adding = null;
    if (before?.matches(".tpl-item") && !root.contains(document.activeElement)) focusOn(before);
  });
}

/* A new line at the end of what stands inside this one. */
function addInside(line) {
  const button = $(':scope > ul > .tpl-add [data-tpl="add"]', line);
  if (!button) return;
  fold(line, true);
  button.click();
}

/* ---- details below a line ---- */

async function open(line, field = "") {
  const slot = $(".tpl-slot", face(line));
  if (slot.childElementCount && !field) {
    slot.replaceChildren();
    focusOn(line);
    return;
  }
  const answer = await fetch(`/templates/inside/${line.dataset.kind}/${line.dataset.id}`, { headers: { "HX-Request": "true", "HX-Target": "div#slot" } });
  if (!answer.ok) return say(word("failed"), "bad");
  slot.innerHTML = await answer.text();
  const waits = $("[data-tpl-waits]", slot);
  if (waits) waiting(line, waits);
  $(".tpl-lacking [data-edit-field], [data-edit-field]", slot)?.focus({ preventScroll: true });
  slot.scrollIntoView({ block: "nearest" });
}

/* Which tasks of this tree a task waits for: those that are chosen, and the others to choose from. */
async function waiting(line, place) {
  const id = Number(line.dataset.id);
  const others = new Map($$('.tpl-item[data-kind="task"]', root).map((one) => [Number(one.dataset.id), one.dataset.name]));
  others.delete(id);
  const answer = await fetch(`/api/templates/task_dependencies?task_template_id=${id}&limit=200&fields=depends_on_id&include=depends_on_id`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const chosen = (await answer.json()).items.map((one) => one.depends_on_id);
  const set = (ids) => act("set_waits", { template_id: id, among: [...others.keys()], depends_on: ids.filter((one) => others.has(one)) }, words().waits, same(line))
    .then((done) => done && waiting(line, place));
  const picks = document.createElement("span");
  picks.className = "picks";
  for (const one of chosen.filter((other) => others.has(other))) {
    const pick = Object.assign(document.createElement("span"), { className: "pick" });
    pick.append(Object.assign(document.createElement("span"), { textContent: others.get(one) }));
    if (edits()) {
      const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      drop.setAttribute("aria-label", fill(words().drop, { name: others.get(one) }));
      drop.addEventListener("click", () => set(chosen.filter((other) => other !== one)));
      pick.append(drop);
    }
    picks.append(pick);
  }
  const parts = [picks];
  if (edits() && others.size) {
    const select = document.createElement("select");
    select.className = "tpl-select";
    select.setAttribute("aria-label", words().add);
    select.append(new Option(words().add, ""));
    for (const [one, name] of others) if (!chosen.includes(one)) select.append(new Option(name, one));
    select.addEventListener("change", () => select.value && set([...chosen, Number(select.value)]));
    parts.push(select);
  } else if (!chosen.length) parts.push(Object.assign(document.createElement("span"), { className: "none", textContent: words().none }));
  place.replaceChildren(...parts);
}

/* ---- dates instead of numbers of days ---- */

async function dates(from) {
  const known = `${from}:${root.dataset.root}`;
  const answer = await fetch(`/api/templates/ask/preview?level=${root.dataset.level}&template_id=${root.dataset.root}&start_date=${from}`, { headers: { Accept: "application/json" } });
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok) return say(read.detail ?? word("failed"), "bad");
  if ($("[data-tpl-from]", root)?.value !== known.split(":")[0]) return;
  const spoken = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short" });
  const spans = new Map();
  for (const one of read.parts) {
    const key = `${one.kind}-${one.template_id}-${one.kind === "task" ? one.milestone_template_id ?? 0 : 0}`;
    const last = one.last_day ?? one.first_day;
    const old = spans.get(key) ?? [one.first_day, last];
    spans.set(key, [one.first_day < old[0] ? one.first_day : old[0], last > old[1] ? last : old[1]]);
  }
  for (const plan of $$("[data-tpl-plan]", root)) {
    const key = root.dataset.level === "milestone" ? plan.dataset.tplPlan.replace(/-\d+$/, `-${root.dataset.root}`) : plan.dataset.tplPlan;
    const found = spans.get(key);
    if (!found) continue;
    const [first, last] = found.map((day) => spoken.format(new Date(`${day}T12:00:00`)));
    $(".tpl-when", plan).textContent = first === last ? first : `${first} – ${last}`;
  }
  $('[data-tpl="days"]', root)?.removeAttribute("hidden");
}

/* ---- the menu of a line ---- */

function menu(line, button) {
  $("#tpl-menu")?.remove();
  const sheet = Object.assign(document.createElement("div"), { className: "menu-sheet tpl-menu", id: "tpl-menu", popover: "auto" });
  sheet.setAttribute("role", "menu");
  const items = [
    ["rename", () => rename(line), "F2"],
    ["details", () => open(line), ""],
    ["below", () => addBelow(line), "Enter"],
    ...(line.dataset.open ? [["inside", () => addInside(line), "Shift Enter"]] : []),
    ["up", () => up(line, -1), "Alt ↑"],
    ["down", () => up(line, 1), "Alt ↓"],
  ];
  if (line.dataset.kind === "task") items.push(["indent", () => indent(line), "Alt →"], ["outdent", () => outdent(line), "Alt ←"]);
  items.push(["page", () => visit(`/${line.dataset.resource}/${line.dataset.record}`, { push: "true" }), "o"], ["remove", () => remove(line), ""]);
  for (const [name, run, key] of items) {
    const item = Object.assign(document.createElement("button"), { type: "button", className: `menu-item${name === "remove" ? " danger" : ""}` });
    item.setAttribute("role", "menuitem");
    item.append(Object.assign(document.createElement("span"), { textContent: words()[name] }));
    if (key) item.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    item.addEventListener("click", () => { sheet.remove(); run(); });
    sheet.append(item);
  }
  sheet.addEventListener("keydown", (event) => {
    const all = $$("button", sheet);
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown") all[(at + 1) % all.length].focus();
    else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length].focus();
    else if (event.key !== "Escape") return;
    else { sheet.remove(); focusOn(line); }
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
  $("button", sheet).focus();
}

/* ---- clicks and keys ---- */

function clicked(event) {
  if (!root?.isConnected || !root.contains(event.target)) return;
  const button = event.target.closest("[data-tpl]");
  const line = lineOf(event.target);
  if (!button) {
    if (line && event.target.closest(".tpl-row") && !event.target.closest("[data-edit-field], input, a, button")) focusOn(line);
    return;
  }
  const doing = {
    twist: () => fold(line, isOpen(line) !== "true"),
    name: () => face(line) !== document.activeElement && !$("input", button) && focusOn(line),
    open: () => open(line),
    menu: () => menu(line, button),
    publish: () => publish(line, "publish").then(() => open(line, "again")),
    unpublish: () => publish(line, "unpublish").then(() => open(line, "again")),
    "publish-parts": () => act(`/api/templates/${PATHS[root.dataset.level]}/${root.dataset.root}/publish_parts`, {}, words().published),
    seek: () => {
      const found = $(`.tpl-item[data-kind="task"][data-id="${CSS.escape(button.dataset.id)}"]`, root);
      if (found) { reveal(found); focusOn(found); open(found, "first"); }
    },
    add: () => {
      const place = button.closest(".tpl-add");
      add(button.parentElement, { within: place.dataset.within, within_id: Number(place.dataset.withinId), kind: button.dataset.kind });
    },
    days: () => {
      $("[data-tpl-from]", root).value = "";
      button.hidden = true;
      document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
    },
  };
  doing[button.dataset.tpl]?.();
}

function doubled(event) {
  if (!root?.isConnected || !root.contains(event.target)) return;
  if (event.target.closest(".tpl-name")) rename(lineOf(event.target));
}

function changed(event) {
  if (event.target.matches?.("[data-tpl-from]") && event.target.value) dates(event.target.value);
}

function walk(line, step) {
  const all = lines();
  const next = all[all.indexOf(line) + step];
  if (next) focusOn(next);
}

function keyed(event) {
  const line = event.target.matches?.(".tpl-line") ? lineOf(event.target) : null;
  if (!line || !root?.contains(line) || event.ctrlKey || event.metaKey) return;
  const run = (event.altKey ? moving(line) : event.shiftKey ? shifted(line) : walking(line))[event.key];
  if (!run) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

const moving = (line) => edits() ? {
  ArrowUp: () => up(line, -1), ArrowDown: () => up(line, 1), ArrowRight: () => indent(line), ArrowLeft: () => outdent(line),
} : {};

const shifted = (line) => edits() ? { Enter: () => addInside(line) } : {};

function walking(line) {
  const keys = {
    ArrowDown: () => walk(line, 1),
    ArrowUp: () => walk(line, -1),
    ArrowRight: () => (isOpen(line) === "false" ? fold(line, true) : isOpen(line) === "true" && walk(line, 1)),
    ArrowLeft: () => (isOpen(line) === "true" ? fold(line, false) : above(line) && focusOn(above(line))),
    Home: () => focusOn(lines()[0]),
    End: () => focusOn(lines().at(-1)),
    " ": () => open(line),
    o: () => visit(`/${line.dataset.resource}/${line.dataset.record}`, { push: "true" }),
  };
  return edits() ? { ...keys, Enter: () => addBelow(line), F2: () => rename(line), Delete: () => remove(line) } : keys;
}

/* ---- dragging ---- */

let lifted = null;
let target = null;

function grip(event) {
  const line = lineOf(event.target);
  if (!line || !event.target.closest(".tpl-row") || event.target.closest("input, select, button:not(.tpl-twist), [data-edit-field]")) return null;
  if (event.pointerType === "touch" || event.target.closest(".tpl-grip, .tpl-lead")) return $(".tpl-row", face(line));
  return null;
}

function lift(row) {
  lifted = { line: lineOf(row), x: null };
  lifted.line.classList.add("tpl-lifted");
  return [row];
}

/* Where it would go: before or after a line of its kind, or into a line that may hold it. */
function hover(x, y) {
  lifted.x ??= x;
  mark(null);
  const row = document.elementsFromPoint(x, y).find((one) => one.matches?.(".tpl-line > .tpl-row"));
  const line = lineOf(row);
  if (!line || lifted.line.contains(line)) return;
  const box = row.getBoundingClientRect();
  const kind = lifted.line.dataset.kind;
  const upper = y < box.top + box.height / 2;
  const into = HOLDS[line.dataset.kind]?.includes(kind) && line.dataset.kind !== "project";
  const part = kind === "task" && line.dataset.kind === "task" && !upper && x - lifted.x > INDENT;
  if (part || into) return mark({ line, how: "into" });
  if (line.dataset.kind === kind) mark({ line, how: upper ? "before" : "after" });
}

function mark(found) {
  target?.line.removeAttribute("data-drop");
  target = found;
  target?.line.setAttribute("data-drop", target.how);
}

function unlift() {
  lifted?.line.classList.remove("tpl-lifted");
  mark(null);
  lifted = null;
}

function drop() {
  const [line, found] = [lifted.line, target];
  unlift();
  if (!found) return;
  const other = found.line.dataset;
  if (found.how === "into" && other.kind === "task" && line.dataset.kind === "task") {
    fold(found.line, true);
    shift(line, { to: other.within, to_id: Number(other.withinId), parent_id: Number(other.id), after_id: Number(other.id) });
  } else if (found.how === "into") {
    fold(found.line, true);
    shift(line, { to: other.kind, to_id: Number(other.id), parent_id: null });
  } else {
    const beside = found.how === "before" ? { before_id: Number(other.id) } : { after_id: Number(other.id) };
    shift(line, { to: other.within, to_id: Number(other.withinId), parent_id: Number(other.parent) || null, ...beside });
  }
}
