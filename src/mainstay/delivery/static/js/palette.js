/* The command palette: one dialog over every page, for pages, commands and records. */
import { $, $$, ask, main, say, send, visit, word } from "./core.js";
import { deeds } from "./clicks.js";

const WAIT_MS = 60;
const FEW = { recent: 6, favourites: 6, create: 5, house: 0 };
const box = () => $("#palette");
const input = () => $("#palette-input");
const list = () => $("#palette-list");
const rows = () => $$(".palette-row:not([hidden])", list());

let still = [];      // the sections that do not depend on what is typed
let found = [];      // records, and the way to search everything
let waiting = 0;
let opening = 0;
let turn = 0;
let hurried = null;  // Enter came before the lines did: the event's own wish for a new tab

/* Which resource and record the page is about; a record beside its list speaks for itself. */
function here() {
  const { resource = "", record = "" } = ($("#split[data-resource]") ?? main())?.dataset ?? {};
  return { resource, record };
}

/* What the bar offers for the selected records, as lines of the palette. */
function chosen() {
  const bar = $("#bulk");
  if (!bar?.checkVisibility()) return [];
  const section = Object.assign(document.createElement("div"), { className: "palette-group" });
  section.setAttribute("role", "group");
  Object.assign(section.dataset, { section: "chosen", command: "" });
  const title = Object.assign(document.createElement("p"), { className: "palette-title", textContent: $(".bulk-count", bar).textContent });
  section.setAttribute("aria-label", title.textContent);
  section.append(title);
  for (const button of $$("[data-bulk]", bar)) {
    const row = Object.assign(document.createElement("div"), { className: "palette-row" });
    const words = Object.assign(document.createElement("span"), { className: "palette-words", textContent: button.getAttribute("aria-label") ?? button.textContent.trim() });
    row.setAttribute("role", "option");
    row.append($("svg", button)?.cloneNode(true) ?? "", words);
    row.dataset.deed = `bulk:${button.dataset.bulk}${button.dataset.format ? `:${button.dataset.format}` : ""}`;
    section.append(row);
  }
  return [section];
}
deeds.bulk = (name) => {
  const [deed, format] = name.split(":");
  $(`#bulk [data-bulk="${CSS.escape(deed)}"]${format ? `[data-format="${CSS.escape(format)}"]` : ""}`)?.click();
};

async function fetched(path) {
  const answer = await fetch(path, { headers: { Accept: "text/html", "HX-Request": "true" } });
  if (!answer.ok) throw new Error(word("failed"));
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return [...holder.content.children];
}

deeds.palette = async () => {
  if (box().open) return box().close();
  input().value = "";
  found = [];
  still = [];
  hurried = null;
  list().replaceChildren($("#skeleton").content.lastElementChild.cloneNode(true));
  box().showModal();
  input().focus();
  const mine = ++opening;
  turn += 1;
  try {
    const sections = await fetched(`/palette?${new URLSearchParams(here())}`);
    if (mine !== opening || !box().open) return;
    still = [...chosen(), ...sections];
    draw();
    if (hurried) act($('[aria-selected="true"]', list()), hurried.aside);
  } catch (refusal) {
    box().close();
    say(refusal.message, "bad");
  }
};
deeds["shut-palette"] = () => box().close();

/* How well letters fit a text: whole words and beginnings first, then letters in their order. */
function fit(text, letters) {
  if (!letters) return 1;
  const at = text.indexOf(letters);
  if (at === 0) return 100;
  if (at > 0) return (/[\s-]/.test(text[at - 1]) ? 80 : 40) - at / 100;
  let place = -1;
  let score = 20;
  for (const letter of letters.replaceAll(" ", "")) {
    const next = text.indexOf(letter, place + 1);
    if (next < 0) return 0;
    score -= next === place + 1 ? 0 : /[\s-]/.test(text[next - 1] ?? " ") ? 1 : 4;
    place = next;
  }
  return score < 14 ? 0 : score;
}

function filtered(section, letters) {
  const copy = section.cloneNode(true);
  const lines = $$(".palette-row", copy);
  const scores = new Map(lines.map((row) => [row, fit($(".palette-words", row).firstChild.textContent.toLowerCase(), letters)]));
  // What cannot be done now is found by its name, with the reason; it is not offered by itself.
  const kept = lines.filter((row) => scores.get(row) > 0 && (letters || !row.dataset.why));
  for (const row of lines) row.remove();
  if (letters) kept.sort((a, b) => scores.get(b) - scores.get(a));
  const few = letters || input().value ? kept.length : (FEW[section.dataset.section] ?? kept.length);
  copy.append(...kept.slice(0, few));
  return { copy, best: Math.max(0, ...kept.slice(0, few).map((row) => scores.get(row))) };
}

function draw() {
  const typed = input().value.trim().toLowerCase();
  const commands = typed.startsWith(">");
  const letters = commands ? typed.slice(1).trim() : typed;
  let sections = still
    .filter((one) => !commands || one.matches("[data-command]"))
    .map((one) => filtered(one, letters))
    .filter((one) => one.best > 0);
  if (letters) sections.sort((a, b) => b.best - a.best);
  sections = sections.map((one) => one.copy);
  if (letters && !commands) {
    // Records stand after what fits by its beginning, and before what fits only by its letters.
    const strong = sections.filter((one) => fit($(".palette-words", one).firstChild.textContent.toLowerCase(), letters) >= 70);
    const weak = sections.filter((one) => !strong.includes(one));
    const records = found.filter((one) => one.dataset.section !== "search");
    sections = [...strong, ...records, ...weak, ...found.filter((one) => !records.includes(one))];
  }
  list().replaceChildren(...sections);
  const all = rows();
  all.forEach((row, place) => { row.id = `palette-row-${place}`; });
  if (all.length) choose(all[0]);
  else {
    const none = document.createElement("p");
    none.className = "palette-none";
    none.textContent = input().dataset.none;
    list().append(none);
    input().removeAttribute("aria-activedescendant");
  }
  $("[role=status]", box()).textContent = all.length ? String(all.length) : input().dataset.none;
}

function choose(row) {
  for (const other of $$('[aria-selected="true"]', list())) other.setAttribute("aria-selected", "false");
  row.setAttribute("aria-selected", "true");
  input().setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
  if (row === rows()[0]) list().scrollTop = 0;
}

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  choose(all[(at + step + all.length) % all.length]);
}

async function look() {
  const typed = input().value.trim();
  const mine = ++turn;
  if (!typed || typed.startsWith(">")) { found = []; return; }
  try {
    const sections = await fetched(`/palette/records?${new URLSearchParams({ q: typed })}`);
    if (mine !== turn || !box().open) return;
    found = sections;
    if (still.length) draw();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
}

async function act(row, aside) {
  if (!row) return;
  const { href, ask: form, run, deed, why, done } = row.dataset;
  if (why) return say(why);
  box().close();
  if (href && aside) window.open(href, "_blank");
  else if (href && /^\/(api|problems)\b/.test(href)) location.href = href;
  else if (href) visit(href, { swap: "outerHTML", push: "true" });
  else if (form) ask(form);
  else if (run) await perform(run, done);
  else if (deed) {
    const [name, value] = deed.split(/:(.*)/s);
    deeds[name]?.(value);
  }
}

async function perform(path, done) {
  try {
    const { changeSet } = await send(path, {});
    say(done, "", changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  document.dispatchEvent(new CustomEvent("page:stale"));
}

input()?.addEventListener("input", () => {
  if (still.length) draw();
  clearTimeout(waiting);
  waiting = setTimeout(look, WAIT_MS);
});
input()?.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(list().clientHeight / 40));
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  if (event.isComposing) return;
  if (event.key in steps) walk(steps[event.key]);
  else if (event.key === "Enter" && !still.length) hurried = { aside: event.ctrlKey || event.metaKey };
  else if (event.key === "Enter") act($('[aria-selected="true"]', list()), event.ctrlKey || event.metaKey);
  else if (event.key === "Tab") walk(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
});
list()?.addEventListener("click", (event) => {
  act(event.target.closest(".palette-row"), event.ctrlKey || event.metaKey);
});
list()?.addEventListener("pointermove", (event) => {
  const row = event.target.closest(".palette-row");
  if (row && row.getAttribute("aria-selected") !== "true") {
    for (const other of $$('[aria-selected="true"]', list())) other.setAttribute("aria-selected", "false");
    row.setAttribute("aria-selected", "true");
    input().setAttribute("aria-activedescendant", row.id);
  }
});
