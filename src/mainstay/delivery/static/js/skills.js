/* The skill matrix: levels and needs are noted where they are read, by mouse, arrows and digits. */
import { $, $$, say, send } from "./core.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));

export function start(root) {
  root.addEventListener("change", (event) => {
    if (event.target.matches("[data-note]")) note(root, event.target);
    if (event.target.matches("[data-need]")) need(root, event.target);
  });
  root.addEventListener("keydown", walk, true);
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-add-skill]")) return;
    event.preventDefault();
    add(root, $("select", event.target));
  });
  root.dataset.ready = "";
}

/* A choice that somebody has made stays with its element when the page is read again: say it anew. */
document.body.addEventListener("live:changed", () => {
  for (const cell of $$("[data-note]")) cell.value = cell.dataset.level;
  for (const cell of $$("[data-need]")) cell.value = cell.dataset.demand;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-csv]");
  if (button) download(document.getElementById(button.dataset.csv), button.dataset.name);
});

/* Arrows walk from cell to cell; a digit notes a level at once, without opening the list. */
function walk(event) {
  const cell = event.target;
  if (!cell.matches?.("select.tm-level") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-5]$/.test(event.key)) {
    event.preventDefault();
    if (cell.value === event.key) return;
    cell.value = event.key;
    cell.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  if (!STEPS[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  const rows = $$("tbody tr", cell.closest("table")).map((row) => $$("td", row).map((one) => $("select.tm-level", one)));
  let at = rows.findIndex((row) => row.includes(cell));
  let place = rows[at].indexOf(cell);
  const [down, right] = STEPS[event.key];
  for (;;) {
    at += down;
    place += document.dir === "rtl" ? -right : right;
    if (!rows[at] || place < 0 || place >= rows[at].length) return;
    if (rows[at][place]) return rows[at][place].focus();
  }
}

const path = (id) => `/api/identity/user-skills${id ? `/${id}` : ""}`;

async function note(root, cell) {
  const { note: id, person, skill, version } = cell.dataset;
  const level = Number(cell.value);
  const work = () => {
    if (!level) return send(path(Number(id)), undefined, "DELETE");
    if (Number(id)) return send(path(Number(id)), { proficiency: level, version: Number(version) }, "PATCH");
    return send(path(0), { user_id: Number(person), skill_id: Number(skill), proficiency: level });
  };
  await keep(root, cell, work, cell.dataset.level);
}

async function need(root, cell) {
  const { need: id, version, skill } = cell.dataset;
  const here = `/api/teams/skill-needs${Number(id) ? `/${id}` : ""}`;
  const work = () => {
    if (cell.value === "") return send(here, undefined, "DELETE");
    if (Number(id)) return send(here, { demand: Number(cell.value), version: Number(version) }, "PATCH");
    return send(here, { team_id: Number(root.dataset.team), skill_id: Number(skill), demand: Number(cell.value) });
  };
  await keep(root, cell, work, cell.dataset.demand);
}

/* A refused change returns to what it was, with the reason. */
async function keep(root, cell, work, before) {
  cell.disabled = true;
  try {
    const kept = await work();
    say(root.dataset.saved, "", kept.changeSet);
  } catch (refusal) {
    cell.value = before || (cell.matches("[data-note]") ? "0" : "");
    say(refusal.message || root.dataset.failed, "bad");
  }
  cell.disabled = false;
  cell.focus();
  stale();
}

async function add(root, select) {
  const skill = Number(select.value);
  const own = { user_id: Number(select.dataset.me), skill_id: skill, proficiency: 1 };
  const needed = { team_id: Number(root.dataset.team), skill_id: skill, demand: 0.5 };
  try {
    const kept = select.dataset.by === "own" ? await send(path(0), own) : await send("/api/teams/skill-needs", needed);
    say(root.dataset.saved, "", kept.changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  stale();
}

/* The table as a file, as it is seen. A cell that a spreadsheet would run is made plain text. */
function download(table, name) {
  if (!table) return;
  const words = (cell) => {
    const select = $("select", cell);
    const text = select ? select.selectedOptions[0].textContent : cell.innerText;
    const plain = text.replace(/\s+/g, " ").trim().replace(/^·$/, "");
    const safe = /^[=+@\t\r-]/.test(plain) && !/^[-+]?[\d.,]+( %| d)?$/.test(plain) ? `'${plain}` : plain;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const lines = $$("tr", table).map((row) => $$("th, td", row).map(words).join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`\uFEFF${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
