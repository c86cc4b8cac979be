/* Editing in place: an element with data-edit-field becomes an editor where it stands.
   data-record, data-resource and data-version stand on it or around it. */
import { $, $$, glow, main, say, send, word } from "./core.js";

const PHONE = matchMedia("(max-width: 640px)");
const kept = new Map(); // What was refused stays as it was typed, until the value is edited again.
let current = null;
let opening = null;
let holding = 0;

const around = (element, name) => element.closest(`[data-${name}]`)?.dataset[name] ?? "";
const paneOf = (element) => element.closest("[data-pane]") ?? main();
const keyOf = (element) => [around(element, "resource"), around(element, "record"), element.dataset.editField].join("/");
const drawOf = (element) => around(element, "draw");
const bare = (element) => ({ F2: 1, e: 1, Enter: element.dataset.editBy === "key" ? 0 : 1 });

export const start = () => undefined;

/* Open the editor of an element; a checkbox is turned at once. */
export async function edit(element) {
  if (current?.element === element) return current.input.focus();
  if (opening?.element === element) return;
  if (current) commit();
  pen.remove();
  if (element.dataset.editFlag) return toggle(element);
  const key = keyOf(element);
  if (kept.has(key)) {
    const session = kept.get(key);
    kept.delete(key);
    return show(Object.assign(session, { element }));
  }
  const mine = (opening = { element, typed: "", enter: false });
  element.classList.add("cell-waiting");
  hold(element, 1);
  try {
    const form = await fetched(element);
    if (opening !== mine) return;
    opening = null;
    show({ element, form, key, before: element.innerHTML, pane: paneOf(element) });
    catchUp(current, mine);
  } catch (refusal) {
    say(refusal.message || word("failed"), "bad");
  } finally {
    if (opening === mine) opening = null;
    element.classList.remove("cell-waiting");
    hold(element, -1);
  }
}

/* What was typed while the editor was on its way is not lost. */
function catchUp(session, { typed, enter }) {
  if (typed && session.input.matches("input:not([type=date], [type=datetime-local], [type=color]), textarea")) {
    session.input.value = typed;
    session.input.dispatchEvent(new Event("input", { bubbles: true }));
    if (session.form.dataset.kind === "words" && typed.includes(",")) {
      const rest = typed.split(",");
      for (const part of rest.slice(0, -1)) { session.input.value = part; addWord(session); }
      session.input.value = rest.at(-1);
    }
  }
  if (enter && !session.input.dataset.source) entered(session);
}

document.addEventListener("keydown", (event) => {
  if (!opening || event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  if (key === "Escape") opening = null;
  else if (key === "Enter") opening.enter = true;
  else if (key === "Backspace") opening.typed = opening.typed.slice(0, -1);
  else if (key.length === 1 && !opening.enter) opening.typed += key;
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

async function fetched(element) {
  const path = `/${around(element, "resource")}/${around(element, "record")}/editor`;
  const answer = await fetch(`${path}?field=${encodeURIComponent(element.dataset.editField)}`, {
    headers: { "HX-Request": "true", "HX-Target": "form#editor" },
  });
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const form = $("form.cell-editor", holder.content);
  if (!answer.ok || !form) throw new Error($("h1 + p, .refusal p", holder.content)?.textContent.trim() || word("failed"));
  return form;
}

function hold(element, step) {
  holding += step;
  const pane = paneOf(element);
  if (holding > 0) pane?.setAttribute("data-holding", "");
  else pane?.removeAttribute("data-holding");
}

/* ---- the layer ---- */

function show(session) {
  pen.remove();
  const layer = session.layer ?? document.createElement("div");
  layer.className = "cell-layer";
  layer.popover = "manual";
  layer.append(session.form);
  (session.element.closest("dialog") ?? document.body).append(layer);
  Object.assign(session, { layer, input: $(".cell-input, input:not([type=hidden]), select, textarea", session.form) });
  if (!session.wired) wire(session);
  current = session;
  session.element.classList.add("cell-open");
  layer.showPopover();
  place();
  hold(session.element, 1);
  session.initial ??= serial(session);
  session.input.focus();
  if (session.input.matches("input:not([type=color])")) session.input.select?.();
  picked(session)?.scrollIntoView({ block: "nearest" });
}

function place() {
  if (!current || PHONE.matches) return;
  const { element, layer, form } = current;
  const box = element.getBoundingClientRect();
  const kind = form.dataset.kind;
  const wide = { long: 480, json: 480, group: 420 }[kind] ?? (form.matches(".cell-menu, .cell-reference, .cell-references, .cell-words, .cell-choices") ? 232 : 128);
  const width = Math.min(Math.max(box.width + 2, wide, current.told ? 264 : 0), innerWidth - 16);
  layer.style.width = `${width}px`;
  layer.style.setProperty("--cell", `${Math.min(Math.max(box.height + 1, 32), 44)}px`);
  layer.style.left = `${Math.max(8, Math.min(box.left - 1, innerWidth - width - 8))}px`;
  const tall = layer.offsetHeight;
  const under = box.top - 1 + tall <= innerHeight - 8;
  layer.classList.toggle("upward", !under && box.bottom - tall > 8);
  layer.style.top = `${under ? Math.max(8, box.top - 1) : Math.max(8, box.bottom + 1 - tall)}px`;
}

function wire(session) {
  const { form, layer } = session;
  session.wired = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); commit({ back: true }); });
  layer.addEventListener("keydown", (event) => keyed(session, event));
  layer.addEventListener("input", (event) => { complain(session, ""); if (event.target === session.input) sought(session); });
  layer.addEventListener("click", (event) => clicked(session, event));
  layer.addEventListener("mousemove", (event) => {
    const item = event.target.closest("li[data-value]");
    if (item && item !== active(session)) activate(session, item);
  });
  if ($("[role=combobox]", form)) mark(session);
}

addEventListener("scroll", () => requestAnimationFrame(place), { capture: true, passive: true });
addEventListener("resize", place);
document.addEventListener("pointerdown", (event) => {
  if (current && !current.layer.contains(event.target)) commit();
}, true);

function shut(session, { back = false } = {}) {
  if (current === session) current = null;
  session.layer.hidePopover?.();
  session.layer.remove();
  const place_ = found(session);
  place_.classList.remove("cell-open");
  hold(place_, -1);
  if (back) focusOn(place_);
}

/* The element may have been drawn anew since. */
function found(session) {
  if (session.element.isConnected) return session.element;
  const again = $$(`[data-edit-field="${CSS.escape(session.element.dataset.editField)}"]`, session.pane ?? document)
    .find((one) => keyOf(one) === session.key);
  if (again) session.element = again;
  return session.element;
}

function focusOn(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/* ---- keys and clicks within the editor ---- */

function keyed(session, event) {
  event.stopPropagation();
  const { key } = event;
  const list = $(".cell-options:not([hidden])", session.form);
  if (event.isComposing) return;
  if (key === "Escape") { event.preventDefault(); shut(session, { back: true }); return; }
  if (key === "Tab") { event.preventDefault(); onward(session, event.shiftKey ? -1 : 1); return; }
  if (list && (key === "ArrowDown" || key === "ArrowUp")) { event.preventDefault(); walk(session, key === "ArrowDown" ? 1 : -1); return; }
  if (key === "Backspace" && !session.input.value && many(session)) { $$(".pick", session.form).at(-1)?.remove(); mark(session); return; }
  if (session.form.dataset.kind === "words" && key === "," && session.input.value.trim()) { event.preventDefault(); addWord(session); return; }
  if (key !== "Enter" || event.target.closest("button, a")) return;
  const lines = event.target.matches("textarea");
  if (lines && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) commit({ back: true });
  else entered(session);
}

function entered(session) {
  const kind = session.form.dataset.kind;
  const item = active(session);
  if (kind === "words" && session.input.value.trim()) addWord(session);
  else if ((kind === "references" || kind === "choices") && item && (session.input.value || session.walked)) take(session, item);
  else if ((kind === "menu" || kind === "reference") && item) take(session, item);
  else commit({ back: true });
}

function clicked(session, event) {
  event.stopPropagation();
  const drop = event.target.closest("[data-drop]");
  const item = event.target.closest("li[data-value]");
  const side = event.target.closest("[data-take]");
  if (drop) { drop.closest(".pick").remove(); mark(session); session.input.focus(); place(); }
  else if (item) take(session, item);
  else if (side) settle(session, side.dataset.take);
}

async function onward(session, step) {
  const element = found(session);
  const room = element.closest("table, [data-module~='inline']") ?? paneOf(element);
  const all = $$("[data-edit-field]", room).filter((one) => one.checkVisibility());
  const next = all[all.indexOf(element) + step];
  commit();
  if (next) { next.scrollIntoView({ block: "nearest", inline: "nearest" }); focusOn(next); if (!next.dataset.editFlag) edit(next); }
  else focusOn(element);
}

/* ---- menus and searches ---- */

const many = (session) => ["references", "words", "choices"].includes(session.form.dataset.kind);
const items = (session) => $$(".cell-options li[data-value]:not([hidden])", session.form);
const active = (session) => $(".cell-options li.active", session.form);
const picked = (session) => $('.cell-options li[aria-selected="true"]', session.form);
const chips = (session) => $$(".picks > [data-value]", session.form).map((one) => one.dataset.value);

function activate(session, item) {
  active(session)?.classList.remove("active");
  item?.classList.add("active");
  if (item) session.input.setAttribute("aria-activedescendant", item.id);
  else session.input.removeAttribute("aria-activedescendant");
}

function walk(session, step) {
  const all = items(session);
  if (!all.length) return;
  const at = all.indexOf(active(session));
  const next = all[(at + step + all.length) % all.length];
  session.walked = true;
  activate(session, next);
  next.scrollIntoView({ block: "nearest" });
}

/* Mark what is chosen, and begin there. */
function mark(session) {
  if (many(session)) {
    const have = new Set(chips(session));
    for (const item of items(session)) item.setAttribute("aria-selected", String(have.has(item.dataset.value)));
  }
  if (session.form.dataset.kind !== "words") activate(session, (!many(session) && picked(session)) || items(session)[0]);
}

/* What an item says, without the initials of a picture. */
function saidBy(item) {
  const copy = item.cloneNode(true);
  for (const mute of $$("[aria-hidden]", copy)) mute.remove();
  return copy.textContent.trim();
}

/* Letters narrow the menu; where there are more records than are shown, they are looked up. */
function sought(session) {
  const words = session.input.value.trim().toLowerCase();
  const list = $(".cell-options", session.form);
  if (!list || session.form.dataset.kind === "words") return;
  if (!session.input.dataset.source) {
    for (const item of $$("li[data-value]", list)) {
      const said = saidBy(item).toLowerCase();
      item.hidden = !(said.startsWith(words) || said.includes(` ${words}`) || (words.length > 2 && said.includes(words)));
    }
    mark(session);
    const best = words && items(session).find((item) => item.dataset.value);
    if (best) activate(session, best);
    place();
    return;
  }
  clearTimeout(session.timer);
  session.timer = setTimeout(() => lookUp(session, list, session.input.value.trim()), 120);
}

async function lookUp(session, list, words) {
  session.asked?.abort();
  const asked = (session.asked = new AbortController());
  try {
    const path = `${session.input.dataset.source}&q=${encodeURIComponent(words)}`;
    const answer = await fetch(path, { headers: { "HX-Request": "true", "HX-Target": "ul#options" }, signal: asked.signal });
    if (!answer.ok) throw new Error(word("failed"));
    const none = words ? null : $('li[data-value=""]', list);
    list.innerHTML = await answer.text();
    if (none) list.prepend(none);
    mark(session);
    if (words) activate(session, items(session)[0]);
    place();
  } catch (error) {
    if (error.name !== "AbortError") complain(session, error.message);
  }
}

async function take(session, item) {
  if (item.dataset.make) {
    try {
      const fresh = await send(item.dataset.make, { [item.dataset.naming]: item.dataset.words });
      item.dataset.value = fresh.id;
      item.textContent = item.dataset.words;
      delete item.dataset.make;
    } catch (refusal) {
      return complain(session, refusal.problem ? refusal.message : word("failed"));
    }
  }
  if (!many(session)) {
    session.chosen = item;
    for (const one of items(session)) one.setAttribute("aria-selected", String(one === item));
    commit({ back: true });
    return;
  }
  const there = $(`.picks > [data-value="${CSS.escape(item.dataset.value)}"]`, session.form);
  if (there) there.remove();
  else $(".picks", session.form).append(chip(session, item.dataset.value, saidBy(item)));
  if (session.input.value) { session.input.value = ""; sought(session); }
  mark(session);
  activate(session, items(session).find((one) => one.dataset.value === item.dataset.value) ?? items(session)[0]);
  session.walked = true;
  place();
}

function addWord(session) {
  const text = session.input.value.replaceAll(",", " ").trim();
  session.input.value = "";
  if (text && !chips(session).includes(text)) $(".picks", session.form).append(chip(session, text, text));
  place();
}

function chip(session, value, text) {
  const one = Object.assign(document.createElement("span"), { className: "pick" });
  one.dataset.value = value;
  const words = Object.assign(document.createElement("span"), { textContent: text });
  const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×", tabIndex: -1 });
  drop.dataset.drop = "";
  drop.setAttribute("aria-label", (session.input.dataset.remove ?? "…").replace("…", text));
  one.append(words, drop);
  return one;
}

/* ---- saving ---- */

function values(session) {
  const { form } = session;
  const data = new FormData(form);
  const name = data.get("field");
  const kind = form.dataset.kind;
  if (kind === "menu" || kind === "reference") {
    data.set(name, session.chosen ? session.chosen.dataset.value : (picked(session)?.dataset.value ?? JSON.parse(data.get("base"))[0]));
  } else if (kind === "words") {
    const rest = session.input.value.replaceAll(",", " ").trim();
    data.set(name, [...chips(session), ...(rest ? [rest] : [])].join(", "));
  } else if (kind === "references" || kind === "choices") {
    data.delete(name);
    for (const value of ["", ...chips(session)]) data.append(name, value);
  }
  return data;
}

const serial = (session) => new URLSearchParams([...values(session)].filter(([name]) => !["version", "base"].includes(name))).toString();

/* What the cell says until the server has drawn it. */
function promised(session) {
  const { form, element, chosen } = session;
  const kind = form.dataset.kind;
  const spot = $("a", element)?.parentElement === element && element.dataset.editBy ? $("a", element) : element;
  if (chosen) spot.innerHTML = chosen.innerHTML;
  else if (many(session)) {
    const tags = $$(".picks > .pick > span", form).map((one) => Object.assign(document.createElement("span"), { className: "tag", textContent: one.textContent }));
    const box = Object.assign(document.createElement("span"), { className: "tags" });
    box.append(...tags);
    spot.replaceChildren(box);
  } else if (kind === "text" || kind === "number" || (kind === "long" && !drawOf(element))) spot.textContent = session.input.value;
}

export async function commit({ back = false } = {}) {
  const session = current;
  if (!session) return;
  if (!session.fought && serial(session) === session.initial) return shut(session, { back });
  const body = new URLSearchParams([...values(session)]);
  const element = found(session);
  shut(session, { back });
  hold(element, 1);
  promised(session);
  element.classList.add("cell-saving");
  element.setAttribute("aria-busy", "true");
  try {
    drawn(element, await sent(element, session.form.getAttribute("action"), body));
  } catch (refusal) {
    refused(session, refusal);
  } finally {
    element.classList.remove("cell-saving");
    element.removeAttribute("aria-busy");
    hold(element, -1);
  }
}

/* What else shows this record is drawn anew with the answer. */
function sent(element, path, body) {
  const table = element.closest("table[data-columns]");
  if (table) body.set("columns", table.dataset.columns);
  else body.set("names", others(element).map((one) => one.dataset.editField ?? one.dataset.drawnField).join(","));
  if (drawOf(element)) body.set("draw", drawOf(element));
  return send(path, body);
}

const others = (element) => {
  const [resource, record, draw] = [around(element, "resource"), around(element, "record"), drawOf(element)];
  return $$("[data-edit-field], [data-drawn-field]").filter((one) =>
    !one.closest("table[data-columns]") && around(one, "record") === record && around(one, "resource") === resource && drawOf(one) === draw);
};

function drawn(element, answer) {
  const [resource, record] = [around(element, "resource"), around(element, "record")];
  for (const [one, name] of spots(element)) {
    if (!(name in answer.cells)) continue;
    if (one.innerHTML !== answer.cells[name]) one.innerHTML = answer.cells[name];
    if (one.dataset.editFlag && name in (answer.flags ?? {})) one.dataset.editFlag = String(answer.flags[name]);
  }
  for (const one of $$(`[data-version][data-record="${CSS.escape(record)}"]`)) {
    if (around(one, "resource") === resource) one.dataset.version = answer.version;
  }
  if (answer.changeSet) say(answer.said, "", answer.changeSet);
  const detail = { resource, record, version: answer.version, cells: answer.cells };
  document.dispatchEvent(new CustomEvent("cell:saved", { detail }));
}

function spots(element) {
  const table = element.closest("table[data-columns]");
  if (!table) return others(element).map((one) => [one, one.dataset.editField ?? one.dataset.drawnField]);
  const row = element.closest("tr");
  return $$("thead th", table).map((head) => [row?.cells[head.cellIndex], head.dataset.field]).filter(([cell, name]) => cell && name);
}

function refused(session, refusal) {
  const element = found(session);
  const problem = refusal.problem ?? {};
  if (!element.dataset.editFlag) element.innerHTML = session.before;
  session.refused = true;
  const name = new FormData(session.form).get("field");
  const error = problem.errors?.find((one) => one.field === name || one.field.split(".")[0] === name || one.field.replace("custom_fields.", "cf.") === name) ?? null;
  const said = error ? sentence(error.message) : refusal.problem ? refusal.message : word("failed");
  if (current) {
    kept.set(session.key, session);
    element.classList.add("cell-refused");
    say(said, "bad");
    return;
  }
  element.classList.remove("cell-refused");
  show(session);
  if (problem.theirs) return fight(session, problem);
  untick(session);
  complain(session, said);
}

/* A choice that was refused is not the chosen one. */
function untick(session) {
  if (!session.chosen) return;
  const [was] = JSON.parse(session.form.elements.base.value);
  for (const item of $$(".cell-options li[data-value]", session.form)) item.setAttribute("aria-selected", String(item.dataset.value === was));
  activate(session, session.chosen);
  session.chosen = null;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

function complain(session, text) {
  const why = $(".cell-why", session.form);
  why.textContent = text;
  why.hidden = !text;
  session.told = Boolean(text);
  if (text) session.input.setAttribute("aria-invalid", "true");
  else session.input.removeAttribute("aria-invalid");
  if (!text) $(".cell-both", session.form).hidden = true;
  place();
}

/* Two people changed the same value: both are shown, one is chosen. */
function fight(session, problem) {
  const both = $(".cell-both", session.form);
  session.theirs = problem.theirs;
  const [mine, their] = $$(".cell-side > span", both);
  mine.textContent = wordsOf(session) || "–";
  their.innerHTML = problem.theirs.html;
  both.hidden = false;
  place();
  $(".cell-side", both).focus();
}

function wordsOf(session) {
  if (many(session)) return $$(".picks > .pick > span", session.form).map((one) => one.textContent).join(", ");
  const item = picked(session);
  return item ? saidBy(item) : session.input.value;
}

function settle(session, side) {
  const { theirs, form } = session;
  form.elements.version.value = theirs.version;
  form.elements.base.value = theirs.base;
  session.fought = true;
  if (side === "mine") return commit({ back: true });
  const element = found(session);
  shut(session, { back: true });
  element.innerHTML = element.dataset.editBy ? session.before : theirs.html;
  glow(element);
  document.dispatchEvent(new CustomEvent("page:stale"));
}

async function toggle(element) {
  const was = element.dataset.editFlag === "true";
  const path = `/${around(element, "resource")}/${around(element, "record")}/cell`;
  const field = element.dataset.editField;
  const body = new URLSearchParams({ field, version: around(element, "version"), base: JSON.stringify([String(was)]), [field]: String(!was) });
  hold(element, 1);
  element.classList.add("cell-saving");
  try {
    drawn(element, await sent(element, path, body));
  } catch (refusal) {
    if (refusal.problem?.theirs) document.dispatchEvent(new CustomEvent("page:stale"));
    else say(refusal.problem ? refusal.message : word("failed"), "bad");
  } finally {
    element.classList.remove("cell-saving");
    hold(element, -1);
  }
}

/* ---- from reading to editing ---- */

const FOLLOWED = "input, button, label, summary, select, textarea, a[target], a[href^='mailto:'], a[href^='tel:'], .prose a";

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const element = event.target.closest("[data-edit-field]");
  if (!element || element.dataset.editBy === "key" || event.target.closest(FOLLOWED)) return;
  if ((PHONE.matches && element.matches("td")) || String(getSelection())) return;
  event.preventDefault();
  event.stopPropagation();
  for (const menu of $$("details.menu[open]")) menu.open = false;
  focusOn(element);
  edit(element);
}, true);

document.addEventListener("keydown", (event) => {
  const element = event.target;
  if (!element.matches?.("[data-edit-field]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!bare(element)[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  edit(element);
}, true);

/* A value that a click opens elsewhere (a title) gets a pencil while the pointer is on it. */
const pen = Object.assign(document.createElement("button"), { type: "button", className: "cell-pen", tabIndex: -1 });
pen.addEventListener("click", (event) => {
  event.stopPropagation();
  edit(pen.closest("[data-edit-field]") ?? pen.cell);
});
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.('[data-edit-by="key"]');
  if (!cell || cell === pen.cell && pen.isConnected || PHONE.matches || cell.matches(".cell-saving")) return;
  pen.cell = cell;
  pen.setAttribute("aria-label", word("edit"));
  pen.title = `${word("edit")} (F2)`;
  cell.append(pen);
});
document.addEventListener("mouseout", (event) => {
  if (pen.isConnected && !pen.cell.contains(event.relatedTarget)) pen.remove();
});
