/* The table: chunks of rows that come and go with scrolling, groups, cells by keyboard, widths. */
import { $, $$, arriving, glow, say, visit, word } from "./core.js";
import { edit } from "./inline.js";

const NEAR = 1800; // Rows this close to the window are read,
const FAR = 4200; // and those farther than this are let go again.
const ROWS = 50;
const WAIT_MS = 4000;
const LEAD = 256;
const sheets = new Set();

export function start(table) {
  sheets.add(new Sheet(table));
  table.dataset.started = "";
}

/* ---- rows, chunk by chunk ---- */

class Sheet {
  constructor(table) {
    this.table = table;
    this.box = table.closest(".table-box");
    this.runs = [];
    this.moved = false;
    this.adopt();
    table.addEventListener("click", (event) => clicked(this, event), true);
    table.addEventListener("keydown", (event) => keyed(this, event));
    table.addEventListener("pointerdown", (event) => gripped(this, event));
    table.addEventListener("dblclick", (event) => fitted(this, event));
    table.addEventListener("live:refresh", (event) => this.refresh(event));
    this.box.addEventListener("keydown", (event) => { if (event.target === this.box) enter(this, event); });
  }

  get across() { return $("thead tr", this.table).cells.length; }
  get row() { return $("tbody tr[data-record]", this.table)?.offsetHeight || 36; }

  /* Take the table as the server has drawn it. */
  adopt() {
    for (const run of this.runs) run.leave();
    const { here } = this.table.dataset;
    this.runs = $$(":scope > tbody.chunk", this.table).map((body) => {
      const head = body.previousElementSibling?.matches("tbody.band") ? body.previousElementSibling : null;
      const from = head?.dataset.rows ?? here;
      return new Run(this, body, from, head);
    });
    this.look();
  }

  look() {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.table.isConnected) for (const run of this.runs) run.look();
    });
  }

  /* Read again what is in view; the rest when it comes into view. A short list is left to the page. */
  async refresh(event) {
    const short = !this.table.matches(".is-grouped") && this.runs.every((run) => run.chunks.length < 2);
    if (short || !this.table.isConnected) return;
    event.preventDefault();
    if (this.table.matches(".is-grouped") || $("tfoot", this.table)) await this.heads();
    for (const run of this.runs) await run.again();
    if (!$("tbody tr[data-record], tbody.band", this.table)) visit(this.table.dataset.here, { swap: "outerMorph" });
    document.body.dispatchEvent(new CustomEvent("live:changed"));
  }

  /* Bring the groups' heads and the totals up to date. */
  async heads() {
    const holder = document.createElement("template");
    try {
      holder.innerHTML = await asked(this.table.dataset.here, "thead#heads");
    } catch (error) {
      return void say(error.message, "bad");
    }
    const foot = $("tfoot", holder.content);
    if (foot) $("tfoot", this.table)?.replaceWith(foot);
    const fresh = $$("tbody.band", holder.content);
    const keys = new Set(fresh.map((one) => one.dataset.group));
    for (const run of this.runs.filter((one) => one.head && !keys.has(one.head.dataset.group))) run.gone();
    let after = $("thead", this.table);
    for (const body of fresh) {
      let run = this.runs.find((one) => one.head?.dataset.group === body.dataset.group);
      if (run) run.renew(body);
      else run = this.insert(after, body);
      after = run.last;
    }
    htmx.process(this.table);
  }

  insert(after, head) {
    const body = Object.assign(document.createElement("tbody"), { className: "chunk" });
    after.after(head, body);
    const run = new Run(this, body, head.dataset.rows, head);
    this.runs.push(run);
    return run;
  }

  tell(text) {
    $("[data-told]", this.box).textContent = text ?? "";
  }
}

/* A run of rows: all of the table's, or those of one group. Far chunks are only remembered. */
class Run {
  constructor(sheet, body, href, head) {
    Object.assign(this, { sheet, head, next: "", busy: false, paused: 0 });
    const rows = $$("tr[data-record]", body).length;
    const count = Number($(".count", head ?? document.createElement("i"))?.textContent.replace(/\D/g, "")) || ROWS;
    this.chunks = [{ href, body, height: 0, rows }];
    if (!rows && head) Object.assign(this.chunks[0], { empty: true, height: Math.min(count, ROWS) * sheet.row });
    this.before = gap(sheet);
    this.after = gap(sheet);
    this.more = Object.assign(document.createElement("tbody"), { className: "more" });
    // A short list is left as it is.
    this.alone = !head && !$("tr.more-line", body);
    if (this.alone) return;
    body.before(this.before);
    body.after(this.after, this.more);
    this.follow(body);
    if (this.chunks[0].empty) this.fill(this.chunks[0]);
    if (this.folded) this.fold(true);
  }

  get last() { return this.more; }
  get folded() { return Boolean(this.head && "folded" in this.head.dataset); }

  leave() {
    for (const one of [this.before, this.after, this.more]) one.remove();
  }

  gone() {
    for (const chunk of this.chunks) chunk.body?.remove();
    this.leave();
    this.head.remove();
    this.sheet.runs = this.sheet.runs.filter((one) => one !== this);
  }

  renew(head) {
    if (this.folded) head.dataset.folded = "";
    $("[data-fold]", head)?.setAttribute("aria-expanded", String(!this.folded));
    if (this.head.outerHTML === head.outerHTML) return;
    this.head.replaceChildren(...head.children);
  }

  /* The line that leads on stands at the end of the run, whatever chunk it came with. */
  follow(body) {
    const line = $("tr.more-line", body);
    this.next = line ? $("a", line).getAttribute("href") : "";
    this.more.replaceChildren(...(line ? [line] : []));
  }

  fold(folded) {
    for (const one of [this.before, this.after, this.more]) one.hidden = folded;
    for (const chunk of this.chunks) {
      if (chunk.body) chunk.body.hidden = folded;
      if (folded && chunk.body && !chunk.empty) this.drop(chunk);
    }
    this.sheet.look();
  }

  /* Read what is near, let go what is far, and read on when the end is near. */
  look() {
    if (this.folded || this.alone) return;
    let top = this.before.getBoundingClientRect().top;
    const window_ = { from: -1, to: -1 };
    this.chunks.forEach((chunk, place) => {
      chunk.top = top;
      chunk.bottom = top += chunk.body ? chunk.body.offsetHeight : chunk.height;
      const near = chunk.bottom > -NEAR && chunk.top < innerHeight + NEAR;
      const far = chunk.bottom < -FAR || chunk.top > innerHeight + FAR;
      if (far && chunk.body && !chunk.empty && !chunk.body.contains(document.activeElement)) this.drop(chunk);
      if (near || (chunk.body && !far)) {
        if (window_.from < 0) window_.from = place;
        window_.to = place;
      }
      if (near && (chunk.empty || !chunk.body || chunk.stale)) this.read(chunk);
    });
    this.lay(window_);
    const end = this.more.getBoundingClientRect().top;
    const close = this.sheet.moved ? NEAR : 0;
    if (this.next && end < innerHeight + close && end > -FAR && this.more.isConnected) this.onward();
  }

  /* What is not drawn keeps its height: in one gap before, in one after, and in chunks between. */
  lay({ from, to }) {
    const first = from < 0 ? this.chunks.findIndex((one) => one.bottom > 0) : from;
    let [above, below] = [0, 0];
    this.chunks.forEach((chunk, place) => {
      const within = from >= 0 && place >= from && place <= to;
      if (within && !chunk.body) this.fill(chunk);
      if (!within && chunk.body && (chunk.empty || from < 0)) this.unfill(chunk);
      if (chunk.body) return;
      if (first >= 0 && place < first) above += chunk.height;
      else if (first < 0) above += chunk.height;
      else below += chunk.height;
    });
    size(this.before, above);
    size(this.after, below);
  }

  fill(chunk) {
    if (!chunk.body) {
      chunk.body = Object.assign(document.createElement("tbody"), { className: "chunk" });
      const place = this.chunks.indexOf(chunk);
      const next = this.chunks.slice(place + 1).find((one) => one.body)?.body ?? this.after;
      next.before(chunk.body);
    }
    chunk.empty = true;
    chunk.body.replaceChildren(...gap(this.sheet, chunk.height).children);
    chunk.body.classList.add("gap");
    chunk.body.hidden = this.folded;
  }

  unfill(chunk) {
    if (chunk.body.contains(document.activeElement)) return;
    chunk.body.remove();
    chunk.body = null;
    chunk.empty = false;
  }

  drop(chunk) {
    chunk.height = chunk.body.offsetHeight || chunk.height || chunk.rows * this.sheet.row;
    this.unfill(chunk);
  }

  async read(chunk, live = false) {
    if (chunk.reading || Date.now() < this.paused) return;
    chunk.reading = true;
    try {
      const rows = await rowsAt(chunk.href);
      chunk.stale = false;
      if (!this.chunks.includes(chunk)) return;
      this.take(chunk, rows, live);
    } catch (error) {
      this.paused = Date.now() + WAIT_MS;
      setTimeout(() => this.sheet.look(), WAIT_MS + 50);
      say(error.message, "bad");
    } finally {
      chunk.reading = false;
      this.sheet.look();
    }
  }

  take(chunk, { rows, next }, live) {
    if (!chunk.body) this.fill(chunk);
    chunk.rows = rows.length;
    chunk.body.classList.remove("gap");
    for (const row of rows) {
      const twin = document.getElementById(row.id);
      if (twin && !chunk.body.contains(twin)) twin.remove();
    }
    const focused = chunk.body.contains(document.activeElement) ? document.activeElement.closest("tr")?.id : "";
    chunk.body.replaceChildren(...rows.map((row) => merged(document.getElementById(row.id), row, live)));
    chunk.empty = false;
    htmx.process(chunk.body);
    if (focused && !chunk.body.contains(document.activeElement)) document.getElementById(focused)?.focus({ preventScroll: true });
    const place = this.chunks.indexOf(chunk);
    const following = this.chunks[place + 1];
    if (following && next && following.href !== next) Object.assign(following, { href: next, stale: true });
    if (following && !next) {
      for (const one of this.chunks.splice(place + 1)) one.body?.remove();
    }
    if (place === this.chunks.length - 1) this.lead(next);
    document.dispatchEvent(new CustomEvent("rows:arrived", { detail: { body: chunk.body } }));
  }

  lead(next) {
    this.next = next;
    const link = $("a", this.more);
    if (link && next) link.setAttribute("href", next);
    else if (!next) this.more.replaceChildren();
    else this.more.append(leading(this.sheet, next));
  }

  async onward() {
    if (this.busy || Date.now() < this.paused) return;
    this.busy = true;
    try {
      const href = this.next;
      const read = await rowsAt(href);
      if (href !== this.next || !this.more.isConnected) return;
      const chunk = { href, body: null, height: read.rows.length * this.sheet.row, rows: 0 };
      this.chunks.push(chunk);
      this.take(chunk, read, false);
      this.sheet.tell(this.sheet.table.dataset[read.next ? "loading" : "end"]);
      return chunk;
    } catch (error) {
      this.paused = Date.now() + WAIT_MS;
      say(error.message, "bad");
    } finally {
      this.busy = false;
      this.sheet.look();
    }
  }

  async again() {
    for (const chunk of this.chunks.filter((one) => one.body && !one.empty)) {
      const box = chunk.body.getBoundingClientRect();
      if (box.bottom > -100 && box.top < innerHeight + 100) await this.read(chunk, true);
      else chunk.stale = true;
    }
  }
}

function gap(sheet, height = 0) {
  const body = Object.assign(document.createElement("tbody"), { className: "gap" });
  body.setAttribute("aria-hidden", "true");
  const cell = Object.assign(document.createElement("td"), { colSpan: sheet.across });
  body.append(document.createElement("tr"));
  body.firstChild.append(cell);
  size(body, height);
  return body;
}

function size(body, height) {
  const cell = body.rows[0].cells[0];
  const wanted = `${Math.round(height)}px`;
  if (cell.style.height !== wanted) cell.style.height = wanted;
  body.rows[0].hidden = height < 1;
}

function leading(sheet, next) {
  const holder = document.createElement("template");
  holder.innerHTML = '<tr class="more-line"><td><div class="more-row"><a class="button" data-more><span></span></a></div></td></tr>';
  $("td", holder.content).colSpan = sheet.across;
  const link = $("a", holder.content);
  link.setAttribute("href", next);
  $("span", link).textContent = sheet.table.dataset.more;
  return holder.content;
}

async function asked(href, target) {
  const answer = await fetch(href, { headers: { "HX-Request": "true", "HX-Target": target } });
  if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  if (!answer.ok || answer.redirected) throw new Error(word("failed"));
  return answer.text();
}

async function rowsAt(href) {
  const holder = document.createElement("template");
  holder.innerHTML = await asked(href, "tbody#chunk");
  return {
    rows: $$("tr[data-record]", holder.content),
    next: $("tr.more-line a", holder.content)?.getAttribute("href") ?? "",
  };
}

/* Keep the row that is there, with its focus and its tick, and change only the cells that differ. */
function merged(row, fresh, live) {
  if (!row) return fresh;
  if (row.cells.length !== fresh.cells.length) return fresh;
  const changed = row.dataset.version !== fresh.dataset.version;
  [...fresh.cells].forEach((cell, place) => {
    const old = row.cells[place];
    if (old.matches(".pick") || old.innerHTML === cell.innerHTML) return;
    old.innerHTML = cell.innerHTML;
    if (cell.dataset.editFlag) old.dataset.editFlag = cell.dataset.editFlag;
  });
  row.dataset.version = fresh.dataset.version;
  if (live && changed) glow(row);
  return row;
}

const lookAll = () => {
  for (const sheet of sheets) {
    if (sheet.table.isConnected) sheet.look();
    else sheets.delete(sheet);
  }
};
addEventListener("scroll", (event) => {
  for (const sheet of sheets) sheet.moved ||= event.target === sheet.box || event.target === document;
  lookAll();
}, { capture: true, passive: true });
addEventListener("resize", lookAll);
arriving(() => {
  for (const sheet of sheets) {
    if (sheet.table.isConnected) sheet.adopt();
    else sheets.delete(sheet);
  }
});

/* ---- clicks: more, groups, orders ---- */

function clicked(sheet, event) {
  const more = event.target.closest("a[data-more]");
  const fold = event.target.closest("[data-fold]");
  const order = event.shiftKey && event.target.closest("thead a[data-then]");
  if (!more && !fold && !order) return;
  event.preventDefault();
  event.stopPropagation();
  if (order) visit(order.dataset.then, { swap: "outerHTML", push: "true" });
  if (more) readOn(sheet, sheet.runs.find((run) => run.more.contains(more)));
  if (fold) turn(sheet, sheet.runs.find((run) => run.head?.contains(fold)), fold);
}

async function readOn(sheet, run) {
  sheet.moved = true;
  const chunk = await run?.onward();
  chunk?.body.rows[0]?.focus({ preventScroll: true });
}

function turn(sheet, run, button) {
  if (run.folded) delete run.head.dataset.folded;
  else run.head.dataset.folded = "";
  button.setAttribute("aria-expanded", String(!run.folded));
  run.fold(run.folded);
  const folded = sheet.runs.filter((one) => one.folded).map((one) => one.head.dataset.group);
  readdress(sheet, "folded", folded.join(","));
}

/* Say something new in the address and in every address of this page, without reading it again. */
function readdress(sheet, name, value) {
  const change = (text) => {
    const url = new URL(text, location.origin);
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    return url.pathname + url.search;
  };
  const plain = `/${sheet.table.dataset.resource}`;
  sheet.table.dataset.here = change(sheet.table.dataset.here);
  const shown = new URL(sheet.table.dataset.here, location.origin);
  history.replaceState(history.state, "", shown.pathname + shown.search + location.hash);
  for (const link of $$(`#main a[href^="${plain}?"]`)) link.setAttribute("href", change(link.getAttribute("href")));
  for (const link of $$("[data-then], .chooser[data-here]", $("#main"))) {
    for (const key of ["then", "here"]) if (link.dataset[key]) link.dataset[key] = change(link.dataset[key]);
  }
  document.dispatchEvent(new CustomEvent("list:remember"));
}

/* ---- cells by keyboard ---- */

const cellOf = (target) => target.closest("tbody td, tbody tr.group-head th");
const rowsOf = (sheet) => $$("tbody tr[data-record], tr.group-head, tr.more-line", sheet.table).filter((row) => row.checkVisibility());

function enter(sheet, event) {
  if (!["ArrowDown", "Enter"].includes(event.key)) return;
  const rows = $$("tbody tr[data-record]", sheet.table);
  const top = $("thead", sheet.table).getBoundingClientRect().bottom;
  focus(rows.find((row) => row.getBoundingClientRect().top >= top - 4) ?? rows[0]);
  event.preventDefault();
}

function focus(element) {
  if (!element) return false;
  const spot = element.matches("tr.group-head") ? $("[data-fold]", element) : element.matches("tr.more-line") ? $("a", element) : element;
  if (!spot.hasAttribute("tabindex") && spot.matches("td, th")) spot.tabIndex = -1;
  spot.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function keyed(sheet, event) {
  const { key, target } = event;
  if (target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey) return;
  if (target.closest("thead")) return headed(sheet, event);
  if (event.altKey || (event.shiftKey && key !== "Tab")) return;
  const done = moved(sheet, event) || (target.closest("tr[data-record]") && started(sheet, event));
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

function moved(sheet, { key, target, shiftKey }) {
  const row = target.closest("tbody tr");
  const cell = target.matches("tr") ? null : cellOf(target);
  if (!row) return false;
  const along = document.dir === "rtl" ? -1 : 1;
  const place = cell ? cell.cellIndex : -1;
  if (key === "ArrowDown" || key === "ArrowUp") return across(sheet, row, cell, key === "ArrowDown" ? 1 : -1);
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const step = key === "ArrowRight" ? along : -along;
    if (step < 0 && place <= 1) return focus(row);
    return focus(row.cells[Math.min(Math.max(1, place + step), row.cells.length - 1)]);
  }
  if (key === "Home") return focus(row.cells[1]);
  if (key === "End") return focus([...row.cells].at(-1));
  if (key === "Escape" && cell) return focus(row);
  if (key !== "Tab" || !cell || !target.matches("td")) return false;
  const cells = [...row.cells].filter((one) => one.dataset.editField);
  const next = shiftKey ? cells.filter((one) => one.cellIndex < place).at(-1) : cells.find((one) => one.cellIndex > place);
  return focus(next);
}

function across(sheet, row, cell, step) {
  const rows = rowsOf(sheet);
  const next = rows[rows.indexOf(row) + step];
  if (!next) return focus(cell ?? row);
  return focus(cell && next.dataset.record ? (next.cells[cell.cellIndex] ?? next) : next);
}

/* e edits what the row is called, a says who does it; Enter opens where nothing can be edited. */
function started(sheet, { key, target }) {
  const row = target.closest("tr[data-record]");
  const named = (name) => $(`td[data-edit-field="${name}"]`, row);
  const link = $("td.lead a", row);
  if (key === "Enter" && target.matches("td") && !target.dataset.editField) return link ? (link.click(), true) : false;
  if (key === "Enter" && target.matches("td.lead")) return link ? (link.click(), true) : false;
  if (target.matches("td[data-edit-field]") && key !== "a") return false;
  const wanted = key === "e" || key === "F2" ? $("td[data-edit-field]", row) && ($("td.lead[data-edit-field]", row) ?? $("td[data-edit-field]", row))
    : key === "a" ? (named("assignee_id") ?? named("owner_id")) : null;
  if (!wanted) return false;
  focus(wanted);
  edit(wanted);
  return true;
}

/* ---- columns: their widths ---- */

const colOf = (sheet, head) => $$("col", sheet.table)[head.cellIndex];

function gripped(sheet, event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button) return;
  event.preventDefault();
  const head = grip.closest("th");
  const from = { x: event.clientX, width: head.offsetWidth };
  const along = document.dir === "rtl" ? -1 : 1;
  grip.setPointerCapture(event.pointerId);
  grip.classList.add("held");
  $("#main").setAttribute("data-holding", "");
  let width = from.width;
  const drag = (move) => { width = widen(sheet, head, from.width + (move.clientX - from.x) * along); };
  const drop = () => {
    grip.removeEventListener("pointermove", drag);
    grip.classList.remove("held");
    $("#main").removeAttribute("data-holding");
    if (width !== from.width) settle(sheet, head, width);
  };
  grip.addEventListener("pointermove", drag);
  grip.addEventListener("lostpointercapture", drop, { once: true });
}

function widen(sheet, head, wanted) {
  const width = Math.round(Math.min(Math.max(wanted, 48), 1200));
  const columns = $$("col", sheet.table);
  const heads = $$("thead th", sheet.table);
  if (head.matches(".lead") && columns.length === heads.length) $("colgroup", sheet.table).append(document.createElement("col"));
  colOf(sheet, head).setAttribute("width", width);
  const sum = $$("col", sheet.table).reduce((all, col) => all + Number(col.getAttribute("width") || 0), 0);
  const open = colOf(sheet, $("th.lead", sheet.table) ?? head).hasAttribute("width") ? 0 : LEAD;
  $(".table-least", sheet.box).setAttribute("width", sum + open);
  return width;
}

function settle(sheet, head, width) {
  const { table } = sheet;
  const chosen = table.dataset.chosen.split(",").map((part) => {
    const [name] = part.split(":");
    return name === head.dataset.field ? `${name}:${width}` : part;
  });
  table.dataset.chosen = chosen.join(",");
  const line = $(`.chooser-list [data-name="${CSS.escape(head.dataset.field)}"]`);
  if (line) line.dataset.width = width;
  readdress(sheet, "columns", table.dataset.chosen);
  sheet.tell(`${head.innerText.trim()}: ${width}`);
}

function fitted(sheet, event) {
  const head = event.target.closest("[data-grip]")?.closest("th");
  if (!head) return;
  const range = document.createRange();
  const widest = [head, ...$$("tbody tr[data-record]", sheet.table).slice(0, 200).map((row) => row.cells[head.cellIndex])]
    .map((cell) => { range.selectNodeContents(cell.matches("th") ? (cell.firstElementChild ?? cell) : cell); return range.getBoundingClientRect().width; })
    .reduce((most, one) => Math.max(most, one), 0);
  settle(sheet, head, widen(sheet, head, Math.ceil(widest) + 28));
}

/* On a head: Shift with an arrow changes the width, Shift+Enter adds it to the order. */
function headed(sheet, event) {
  const head = event.target.closest("th[data-field]");
  if (!head || !event.shiftKey || event.altKey) return;
  const step = { ArrowRight: 16, ArrowLeft: -16 }[event.key];
  const order = event.key === "Enter" && event.target.closest("a[data-then]");
  if (!step && !order) return;
  event.preventDefault();
  event.stopPropagation();
  if (step) settle(sheet, head, widen(sheet, head, head.offsetWidth + step));
  else visit(order.dataset.then, { swap: "outerHTML", push: "true" });
}
