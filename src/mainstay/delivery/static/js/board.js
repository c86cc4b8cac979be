/* The board: cards are dragged, carried by keyboard, added in place; columns fold and have limits. */
import { $, $$, ask, dialog, glow, main, say, send } from "./core.js";
import { dragging } from "./drag.js";
import { chosen } from "./select.js";

const SLOW_MS = 700;
const MOVE_MS = 180;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
const titleOf = (card) => $(".card-title", card)?.textContent.trim() ?? "";
const cardsOf = (cell) => $$(":scope > .card[data-record]", cell);
const here = () => { const board = $("#board"); return board?.isConnected ? board : null; };

/* What this window has changed itself: it needs no glow. */
const mine = new Map();
let swaps = 0;

export function start(board) {
  watch(board);
  const says = (text) => { $("#board-says").textContent = text; };
  board.addEventListener("click", (event) => clicked(board, event));
  board.addEventListener("submit", (event) => submitted(board, event));
  board.addEventListener("keydown", (event) => keyed(board, event, says));
  board.addEventListener("focusout", (event) => carrying && !event.relatedTarget?.closest?.(".card") && !moving && settle(false, says));
  switcher(board);
  first(board);
  dragging(board, {
    grip: (event) => {
      const card = event.target.closest(".card[data-record]");
      const taken = event.target.closest("button, input, textarea, select, summary, label");
      return "movable" in board.dataset && card && !taken && !card.matches(".saving") ? card : null;
    },
    lift: (card) => { pickUp(board, card); return held.cards; },
    move: (x, y) => aim(board, x, y),
    drop: () => letGo(board, says),
    cancel: () => { $(".card-slot")?.remove(); unlift(); free(); },
  });
}

/* ---- by pointer: a slot shows where the cards will stand ---- */

let held = null;

function pickUp(board, card) {
  const cards = together(board, card);
  const slot = document.createElement("li");
  slot.className = "card-slot";
  slot.setAttribute("aria-hidden", "true");
  slot.style.height = `${card.offsetHeight}px`;
  held = { cards, card, slot, from: origins(cards) };
  card.before(slot);
  for (const one of cards) one.classList.add("lifted");
  hold();
}

/* A selected card takes the other selected ones along. */
function together(board, card) {
  const picked = $$(".card[data-record]", board).filter((one) => chosen().has(Number(one.dataset.record)));
  return picked.includes(card) ? picked : [card];
}

const origins = (cards) => cards.map((card) => ({ card, cell: card.parentElement, next: card.nextElementSibling }));

function aim(board, x, y) {
  const cell = cellAt(board, x, y);
  for (const one of $$(".cards.over", board)) one.classList.toggle("over", one === cell);
  if (!cell || !allowed(board, held.from[0].cell, cell)) return;
  cell.classList.add("over");
  const home = held.from[0].cell;
  if (!("ordered" in board.dataset)) {
    if (cell === home) held.card.before(held.slot);
    else if (held.slot.parentElement !== cell) cell.prepend(held.slot);
    return;
  }
  const stay = cardsOf(cell).filter((card) => !card.classList.contains("lifted"));
  const next = stay.find((card) => { const box = card.getBoundingClientRect(); return y < box.top + box.height / 2; });
  const place = next ?? $(":scope > .more", cell);
  if (held.slot.parentElement !== cell || held.slot.nextElementSibling !== (place ?? null)) cell.insertBefore(held.slot, place ?? null);
}

function cellAt(board, x, y) {
  const under = document.elementFromPoint(x, y);
  const cell = under?.closest(".cards") ?? $(".cards", under?.closest(".lane-cell") ?? document.createElement("i"));
  if (cell) return cell;
  const column = under?.closest(".column");
  if (!column || !board.contains(column)) return null;
  const lane = held.from[0].cell.dataset.lane;
  return $$(`.cards[data-cell="${CSS.escape(column.dataset.column)}"]`, board).find((one) => one.dataset.lane === lane) ?? null;
}

const allowed = (board, from, to) =>
  !board.dataset.lane || "laneMovable" in board.dataset || from.dataset.lane === to.dataset.lane;

function letGo(board, says) {
  const { cards, slot, from } = held;
  const cell = slot.parentElement;
  flip(cards.filter((card) => !card.classList.contains("lifted")), () => {});
  for (const card of cards) slot.before(card);
  slot.remove();
  unlift();
  commit(board, from, says);
  if (cell) for (const one of $$(".cards.over", board)) one.classList.remove("over");
}

function unlift() {
  for (const card of $$(".card.lifted")) card.classList.remove("lifted");
  for (const cell of $$(".cards.over")) cell.classList.remove("over");
  held = null;
}

const hold = () => { main().dataset.holding = "board"; };
const free = () => { if (main()?.dataset.holding === "board") delete main().dataset.holding; };

/* ---- by keyboard: the cards themselves walk ---- */

let carrying = null;
let moving = false;

function keyed(board, event, says) {
  const card = event.target.closest(".card[data-record]");
  if (!card || !event.target.matches(".card-title") || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (carrying) {
    if (way) carry(board, card, way, says);
    else if (event.key === " " || event.key === "Enter") settle(true, says, board);
    else if (event.key !== "Tab") return;
  } else if (event.key === " " && "movable" in board.dataset && !card.matches(".saving")) {
    const cards = together(board, card);
    carrying = { card, cards, from: origins(cards) };
    for (const one of cards) one.classList.add("carried");
    hold();
    says(filled(board.dataset.lifted, { title: titleOf(card) }) + " " + stands(board, card));
  } else if (way && !event.shiftKey) {
    (way[1] ? beside(card, way[1]) : across(board, card, way[0]))?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

const words = (card) => $(".card-title", card);

function beside(card, step) {
  const cards = cardsOf(card.parentElement);
  const next = cards[cards.indexOf(card) + step];
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return next && words(next);
}

/* The cells of one lane that can be reached, from left to right. */
const row = (board, cell) => $$(".cards", board).filter((one) => one.dataset.lane === cell.dataset.lane && one.checkVisibility());

function across(board, card, step) {
  const cells = row(board, card.parentElement);
  const at = cardsOf(card.parentElement).indexOf(card);
  for (let n = cells.indexOf(card.parentElement) + step; cells[n]; n += step) {
    const cards = cardsOf(cells[n]);
    const next = cards[Math.min(at, cards.length - 1)];
    if (!next) continue;
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    return words(next);
  }
  return null;
}

function carry(board, card, [dx, dy], says) {
  const { cards } = carrying;
  const cell = card.parentElement;
  const others = cardsOf(cell).filter((one) => !cards.includes(one));
  moving = true;
  flip(cards, () => {
    if (dy && "ordered" in board.dataset) {
      const at = cardsOf(cell).filter((one) => one === card || !cards.includes(one)).indexOf(card);
      const next = others[dy < 0 ? at - 1 : at + 1];
      if (dy < 0 && at > 0) next.before(...cards);
      else if (dy > 0 && at < others.length) next ? next.before(...cards) : others.at(-1).after(...cards);
    } else if (dx) {
      const cells = row(board, cell);
      const target = cells[cells.indexOf(cell) + dx];
      const at = cardsOf(cell).indexOf(cards[0]);
      if (target) cardsOf(target)[at] ? cardsOf(target)[at].before(...cards) : landAtEnd(target, cards);
    }
  });
  words(card).focus({ preventScroll: true });
  moving = false;
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  says(stands(board, card));
}

function landAtEnd(cell, cards) {
  const more = $(":scope > .more", cell);
  more ? more.before(...cards) : cell.append(...cards);
}

function stands(board, card) {
  const cell = card.parentElement;
  const column = [cell.dataset.label, cell.dataset.laneLabel].filter(Boolean).join(", ");
  const cards = cardsOf(cell);
  const loaded = cards.length;
  const here_ = Number(cell.dataset.held) + (carrying?.from.some((one) => one.cell === cell) ? 0 : carrying?.cards.length ?? 0);
  return filled(board.dataset.stands, { title: titleOf(card), column, place: cards.indexOf(card) + 1, count: Math.max(loaded, here_) });
}

function settle(keep, says, board = here()) {
  const { card, cards, from } = carrying;
  carrying = null;
  for (const one of cards) one.classList.remove("carried");
  if (keep) return commit(board, from, says);
  moving = true;
  putBack(from);
  moving = false;
  if (document.activeElement === document.body || document.activeElement === words(card)) words(card)?.focus();
  says(filled(board?.dataset.back ?? "", { title: titleOf(card) }));
  free();
}

/* ---- what a drop does ---- */

async function commit(board, from, says) {
  const cards = from.map((one) => one.card);
  const [card] = cards;
  const cell = card.parentElement;
  const before = from[0];
  const still = cards.length === 1 && before.cell === cell && before.next === card.nextElementSibling;
  if (still) { free(); return says(filled(board.dataset.back, { title: titleOf(card) })); }
  const body = wanted(board, cards, cell);
  for (const one of cards) one.classList.add("saving");
  count(from, cell, 1);
  try {
    const answer = await placed(board, card, cell, before.cell, body);
    if (!answer) return refused(board, from, cell, "", says);
    answer.items.forEach((item) => {
      mine.set(`c-${item.id}`, String(item.version));
      const one = document.getElementById(`c-${item.id}`);
      if (one) one.dataset.version = item.version;
    });
    const many = cards.length > 1 ? "many" : before.cell === cell ? "placed" : "moved";
    const said = filled(board.dataset[many], { title: titleOf(card), column: cell.dataset.label, count: cards.length });
    say(`${said}.`.replace("..", "."), "", answer.change_set);
    says(stands(board, card));
    later();
  } catch (refusal) {
    refused(board, from, cell, refusal.message, says);
  } finally {
    for (const one of cards) one.classList.remove("saving");
    free();
  }
}

/* What is sent: where the cards go, and between which two. */
function wanted(board, cards, cell) {
  const near = (one, way) => {
    let next = one[way];
    while (next && (!next.dataset.record || cards.includes(next))) next = next[way];
    return next ? Number(next.dataset.record) : null;
  };
  const version = (one) => Number(one.dataset.version);
  return {
    column: { [board.dataset.by]: JSON.parse(cell.dataset.value) },
    lane: board.dataset.lane ? { [board.dataset.lane]: JSON.parse(cell.dataset.laneValue) } : {},
    after: near(cards[0], "previousElementSibling"),
    before: near(cards.at(-1), "nextElementSibling"),
    version: version(cards[0]),
    others: cards.slice(1).map((one) => ({ id: Number(one.dataset.record), version: version(one) })),
  };
}

async function placed(board, card, cell, from, body) {
  const address = `/api/${board.dataset.path}/${card.dataset.record}/place`;
  const verb = $(`[data-column="${CSS.escape(cell.dataset.cell)}"]`, board)?.dataset.verb;
  if (!verb || from.dataset.cell === cell.dataset.cell) return send(address, body);
  return asked(`/${board.dataset.path}/${card.dataset.record}/do/${verb}`, (values) => send(address, { ...body, values }));
}

/* The verb's own dialog, with the drop kept until it is answered; null when it is put off. */
function asked(path, work) {
  return new Promise((resolve) => {
    let answer = null;
    const submit = async (event) => {
      if (!event.target.closest("#dialog-body") || event.target.method === "dialog") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const form = event.target;
      try {
        answer = await work(valuesOf(form));
        dialog().close();
      } catch (refusal) {
        blame(form, refusal);
      }
    };
    document.addEventListener("submit", submit, true);
    dialog().addEventListener("close", () => {
      document.removeEventListener("submit", submit, true);
      resolve(answer);
    }, { once: true });
    ask(path);
  });
}

function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith("_") || name === "q" || typeof value !== "string" || value === "") continue;
    values[name] = name in values ? [values[name]].flat().concat(value) : value;
  }
  return values;
}

function blame(form, refusal) {
  const said = $(":scope > .banner", form) ?? document.createElement("p");
  said.className = "banner bad";
  said.setAttribute("role", "alert");
  said.textContent = refusal.message;
  form.prepend(said);
  const field = refusal.problem?.errors?.[0]?.field;
  $(`[name="${CSS.escape(field ?? "")}"]`, form)?.focus();
}

/* Back to where it was, in sight of everybody, with the reason. */
function refused(board, from, cell, reason, says) {
  count(from, cell, -1);
  putBack(from);
  for (const { card } of from) {
    card.classList.add("refused");
    setTimeout(() => card.classList.remove("refused"), 1200);
  }
  if (reason) say(reason, "bad");
  says(`${reason} ${filled(board.dataset.back, { title: titleOf(from[0].card) })}`.trim());
}

function putBack(from) {
  flip(from.map((one) => one.card), () => {
    for (const { card, cell, next } of [...from].reverse()) {
      if (next?.parentElement === cell) cell.insertBefore(card, next);
      else landAtEnd(cell, [card]);
    }
  });
}

/* The numbers above the columns follow at once; the next reading makes them exact. */
function count(from, cell, sign) {
  for (const one of from) {
    if (one.cell.dataset.cell === cell.dataset.cell) continue;
    add(one.cell, -sign);
    add(cell, sign);
  }
}

function add(cell, step) {
  const shown = $(`[data-column="${CSS.escape(cell.dataset.cell)}"] [data-number]`);
  if (shown && /^\d+$/.test(shown.textContent)) shown.textContent = Math.max(0, Number(shown.textContent) + step);
}

/* Cards glide from where they were to where they are. */
function flip(cards, change) {
  const was = cards.map((card) => card.getBoundingClientRect());
  change();
  if (calm.matches) return;
  cards.forEach((card, n) => glide(card, was[n]));
}

function glide(card, was) {
  const now = card.getBoundingClientRect();
  const [x, y] = [was.x - now.x, was.y - now.y];
  if (!was.width || (!x && !y)) return;
  card.animate([{ transform: `translate(${x}px, ${y}px)`, zIndex: 5 }, { transform: "none", zIndex: 5 }], { duration: MOVE_MS, easing: "ease-out" });
}

/* The live feed re-reads the page after a change of ours too; only if it stays away, ask. */
function later() {
  const seen = swaps;
  setTimeout(() => { if (seen === swaps) document.dispatchEvent(new CustomEvent("page:stale")); }, SLOW_MS);
}

/* ---- clicks: open, fold, add, show a column on a phone ---- */

function clicked(board, event) {
  const target = event.target;
  const fold = target.closest("[data-fold]");
  const card = target.closest(".card[data-record]");
  if (fold) return folds(board, fold);
  if (target.closest("[data-add]")) return adds(board, target.closest(".column"));
  if (target.closest("[data-drop]")) return drops(target.closest(".adding"));
  if (target.closest("[data-show]")) return shows(board, target.closest("[data-show]"));
  if (!card || target.closest("a, button, input, label, summary") || String(getSelection())) return undefined;
  if (event.ctrlKey || event.metaKey) return window.open(words(card).href, "_blank");
  if (event.shiftKey) return undefined;
  return words(card).click();
}

function folds(board, button) {
  history.replaceState(history.state, "", button.dataset.fold);
  button.closest("details.menu")?.removeAttribute("open");
  document.dispatchEvent(new CustomEvent("page:stale"));
  document.dispatchEvent(new CustomEvent("list:remember"));
}

function adds(board, column) {
  const lane = board.dataset.lane ? $("details.lane[open] .cards", board)?.dataset.lane : undefined;
  const cell = $$(`.cards[data-cell="${CSS.escape(column.dataset.column)}"]`, board).find((one) => one.dataset.lane === lane);
  if (!cell) return;
  for (const one of $$(".adding", board)) one.remove();
  cell.prepend($("#board-add").content.cloneNode(true));
  cell.scrollTop = 0;
  const remembered = sessionStorage.getItem(`board-add-${board.dataset.resource}`);
  const choice = $(".adding select", cell);
  if (choice && remembered && $(`option[value="${CSS.escape(remembered)}"]`, choice)) choice.value = remembered;
  const input = $(".adding textarea", cell);
  input.focus();
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); input.form.requestSubmit(); }
    if (event.key === "Escape") drops(input.closest(".adding"));
  });
}

function drops(adding) {
  const column = adding.closest(".cards").dataset.cell;
  adding.remove();
  $(`[data-column="${CSS.escape(column)}"] [data-add]`)?.focus();
}

function submitted(board, event) {
  const form = event.target;
  if (form.matches(".card-add")) { event.preventDefault(); event.stopPropagation(); create(board, form); }
  if (form.matches(".limit-form")) { event.preventDefault(); event.stopPropagation(); limit(board, form); }
}

async function create(board, form) {
  const cell = form.closest(".cards");
  const title = form.elements[form.dataset.lead];
  const error = $(".note.bad", form);
  if (!title.value.trim()) return title.focus();
  const body = { ...JSON.parse(form.dataset.presets), [form.dataset.lead]: title.value.trim() };
  for (const name of Object.keys(body)) if (/^\d+$/.test(body[name]) && name.endsWith("_id")) body[name] = Number(body[name]);
  const choice = $("select", form);
  if (choice) { body[choice.name] = Number(choice.value); sessionStorage.setItem(`board-add-${board.dataset.resource}`, choice.value); }
  body[board.dataset.by] = JSON.parse(cell.dataset.value);
  if (board.dataset.lane) body[board.dataset.lane] = JSON.parse(cell.dataset.laneValue);
  $("button[type=submit]", form).disabled = true;
  try {
    const made = await send(`/api/${board.dataset.path}`, body);
    error.hidden = true;
    say(filled(board.dataset.added, { title: title.value.trim() }) + ".", "", made.changeSet);
    title.value = "";
    await onTop(board, cell, made);
  } catch (refusal) {
    error.textContent = refusal.message;
    error.hidden = false;
  } finally {
    $("button[type=submit]", form).disabled = false;
    title.focus();
  }
}

/* A new card stands first, right below where it was written. */
async function onTop(board, cell, made) {
  const [next] = cardsOf(cell);
  if (next && "ordered" in board.dataset) {
    const column = { [board.dataset.by]: JSON.parse(cell.dataset.value) };
    await send(`/api/${board.dataset.path}/${made.id}/place`, { column, before: Number(next.dataset.record) });
  }
  const address = new URL(location.href);
  const lane = cell.dataset.lane === undefined ? "" : `~${cell.dataset.lane}`;
  for (const [name, value] of [["view", "board"], ["cell", `${cell.dataset.cell}${lane}`], ["id", made.id]]) address.searchParams.set(name, value);
  const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "li#card" } });
  if (!answer.ok) return;
  const drawn = document.createElement("template");
  drawn.innerHTML = await answer.text();
  const card = $(".card", drawn.content);
  if (!card) return;
  mine.set(card.id, card.dataset.version);
  document.getElementById(card.id)?.remove();
  $(".adding", cell)?.after(card);
  add(cell, 1);
  htmx.process(card);
  glow(card);
}

async function limit(board, form) {
  const { limit: known, version, value } = form.dataset;
  const most = form.elements.most.value.trim();
  const within = Number(board.dataset.within) || null;
  const about = { entity: board.dataset.resource, field: board.dataset.by, value, within_id: within };
  try {
    let answer;
    if (!most) answer = known ? await send(`/api/views/limits/${known}`, undefined, "DELETE") : null;
    else if (known) answer = await send(`/api/views/limits/${known}`, { most: Number(most), version: Number(version) }, "PATCH");
    else answer = await send("/api/views/limits", { ...about, most: Number(most) });
    form.closest("details.menu").open = false;
    form.elements.most.blur();
    if (answer) say(filled(most ? board.dataset.limited : board.dataset.unlimited, { most }), "", answer.changeSet);
    document.dispatchEvent(new CustomEvent("page:stale"));
  } catch (refusal) {
    say(refusal.message, "bad");
  }
}

/* ---- phones: one column at a time ---- */

function shows(board, button) {
  $(`#col-${CSS.escape(button.dataset.show)}`, board)?.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", inline: "start", block: "nearest" });
}

/* Where one column fills the screen, the first one with a card in it is shown at first. */
function open(board, scroll) {
  const columns = $$(".column", board);
  const full = columns.find((one) => $(".card[data-record]", one));
  const narrow = full && full.offsetWidth * 1.5 > scroll.clientWidth;
  if (narrow && opened !== location.href) scroll.scrollLeft = full.offsetLeft - columns[0].offsetLeft;
  opened = location.href;
}

function switcher(board) {
  const scroll = $("#board-scroll", board);
  let waiting = 0;
  open(board, scroll);
  scroll.addEventListener("scroll", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(mark); }, { passive: true });
  function mark() {
    const start = scroll.getBoundingClientRect().left;
    const columns = $$(".column", board);
    const gap = (one) => Math.abs(one.getBoundingClientRect().left - start);
    const nearest = columns.reduce((best, one) => (gap(one) < gap(best) ? one : best), columns[0]);
    for (const button of $$("[data-show]", board)) {
      const now = button.dataset.show === nearest?.dataset.column;
      button.toggleAttribute("aria-current", now);
      if (now) { button.setAttribute("aria-current", "true"); button.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    }
  }
}

/* One card of each column is reached by Tab; the arrow keys lead on from there. */
function first(board) {
  for (const cell of $$(".cards", board)) {
    const cards = cardsOf(cell);
    if (!cards.some((card) => words(card).tabIndex === 0) && cards.length) words(cards[0]).tabIndex = 0;
  }
}

/* ---- other people's moves: cards glide and glow, every column stays scrolled ---- */

let known = null;
let opened = "";
let watching = false;

function watch() {
  if (watching) return;
  watching = true;
  // Before anything else that Escape would do.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !carrying) return;
    event.preventDefault();
    settle(false, (text) => { $("#board-says").textContent = text; });
  }, true);
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const board = here();
    if (!board || ctx.target?.id !== "main" || ctx.request.method !== "GET") return;
    const to = new URL(ctx.request.action, location.href);
    if (to.pathname === location.pathname) ctx.request.headers["X-Shown"] = shown(board);
  });
  document.addEventListener("htmx:before:morph:node", (event) => {
    const { oldNode, newNode } = event.detail;
    if (!oldNode.dataset?.drawn || oldNode.dataset.drawn !== newNode.dataset.drawn) return;
    oldNode.dataset.version = newNode.dataset.version;
    event.preventDefault();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx?.target?.id === "main") known = here() && remember(here());
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const board = here();
    if (event.detail.ctx?.target?.id !== "main" || !board) return;
    swaps += 1;
    first(board);
    if (known?.board === board) compare(board, known);
    known = null;
  });
}

const shown = (board) => $$(".column", board).map((column) => {
  const cells = $$(`.cards[data-cell="${CSS.escape(column.dataset.column)}"]`, board);
  return `${column.dataset.column}:${cells.reduce((sum, cell) => sum + cardsOf(cell).length, 0)}`;
}).join(",");

function remember(board) {
  const cards = new Map($$(".card[data-record]", board).map((card) => [card.id, { version: card.dataset.version, box: card.getBoundingClientRect() }]));
  const scrolled = [$("#board-scroll", board), ...$$(".cards", board)].map((one) => [one, one.scrollTop, one.scrollLeft]);
  return { board, cards, scrolled, focus: document.activeElement?.closest?.(".card")?.id };
}

function compare(board, was) {
  for (const [one, top, left] of was.scrolled) {
    if (!one.isConnected) continue;
    if (one.scrollTop !== top) one.scrollTop = top;
    if (one.scrollLeft !== left) one.scrollLeft = left;
  }
  for (const card of $$(".card[data-record]", board)) {
    const old = was.cards.get(card.id);
    const own = mine.get(card.id) === card.dataset.version;
    if (old?.version === card.dataset.version || own) continue;
    if (old && !calm.matches) glide(card, old.box);
    if (was.cards.size) glow(card);
  }
  const focused = was.focus && document.getElementById(was.focus);
  if (focused && document.activeElement === document.body) words(focused)?.focus({ preventScroll: true });
}
