/* The timeline's hands: bars are moved, stretched and linked; arrows show what waits for what. */
import { $, $$, arriving, clone, main, say, send } from "./core.js";
import { daysFrom } from "./dates.js";
import { move } from "./pushing.js";
import { HOLD_MS, PAUSE_MS, START_PX, changed, inWords, stretches } from "./spans.js";

const SVG = "http://www.w3.org/2000/svg";
const MIDDLE = 18;
const EDGE = 7;
const BEND = 10;
const RELATES = "relates_to";
const ENDS = { finish_to_start: "ES", start_to_start: "SS", finish_to_finish: "EE", start_to_finish: "SE" };

let current = null;
let centre = "";
arriving(() => current?.again());

const made = (name, marks, parent) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(marks)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
};

export function start(root) {
  current = timeline(root);
  current.again();
  current.place();
}

function timeline(root) {
  const pixels = Number(root.dataset.pixels);
  const first = root.dataset.first;
  const box = $(".tl-box", root);
  const [earlierName, laterName] = root.dataset.linkEnds.split(" ");
  let hold = null;
  let pending = null;
  let swallow = false;

  const bar = (id) => document.getElementById(`b${id}`);
  const announce = (text) => { $("[data-said]", root).textContent = text; };
  const title = (item) => $(".tl-words", item.closest(".tl-row")).textContent;

  /* ---- where a bar stands, also while it is held ---- */

  function days(item) {
    const next = hold?.item === item ? hold.next : pending?.item === item ? pending.next : null;
    if (!next) return [item.dataset.first, item.dataset.last];
    const shown = next.map((value) => (value ?? "").slice(0, 10));
    return [shown[0] || shown[1], shown[1] || shown[0]];
  }

  function edges(item) {
    const [from, to] = days(item);
    const left = daysFrom(first, from) * pixels;
    const right = (daysFrom(first, to) + 1) * pixels;
    const middle = (left + right) / 2;
    return item.classList.contains("point") ? [middle - 9, middle + 9] : [left, right];
  }

  function shape(item) {
    if (item.classList.contains("point")) {
      const by = (daysFrom(item.dataset.first, days(item)[0])) * pixels;
      item.setAttribute("transform", `translate(${by} 0)`);
      return;
    }
    const [left, right] = edges(item);
    for (const [name, spare] of [[".tl-body", 0], [".tl-hit", 4]]) {
      const rect = $(name, item);
      rect.setAttribute("x", left - spare);
      rect.setAttribute("width", Math.max(right - left, 3) + 2 * spare);
    }
    const done = $(".tl-done", item);
    const share = done ? Number(done.dataset.share ??= done.getAttribute("width") / Number(item.dataset.width)) : 0;
    if (done) {
      done.setAttribute("x", left);
      done.setAttribute("width", (right - left) * share);
    }
    tools(item, left, right);
  }

  /* ---- links ---- */

  const links = () => JSON.parse(root.dataset.links);

  /* Whether the later record begins or ends too early by the link's type and lag; a day is whole. */
  function early([, earlier, later, type, lag]) {
    const [a, b] = [bar(earlier), bar(later)];
    if (!a || !b || type === RELATES) return false;
    const [aFirst, aLast] = days(a);
    const [bFirst, bLast] = days(b);
    const wait = lag ?? 0;
    const gap = {
      start_to_start: () => daysFrom(aFirst, bFirst),
      finish_to_finish: () => daysFrom(aLast, bLast),
      start_to_finish: () => daysFrom(aFirst, bLast) + 1,
    }[type] ?? (() => daysFrom(aLast, bFirst) - 1);
    return gap() < wait;
  }

  function draw() {
    const sheet = $(".tl-links", root);
    if (!sheet) return;
    const kept = document.activeElement?.dataset?.link;
    sheet.replaceChildren();
    const tops = new Map();
    const top = (item) => {
      const row = item.closest(".tl-row");
      if (!tops.has(row)) tops.set(row, row.offsetParent ? row.offsetTop + row.offsetHeight - 2 * MIDDLE - 48 + MIDDLE : null);
      return tops.get(row);
    };
    let count = 0;
    for (const link of links()) {
      const [a, b] = [bar(link[1]), bar(link[2])];
      const bad = early(link);
      count += bad;
      if (!a || !b || top(a) === null || top(b) === null) continue;
      arrow(sheet, link, [edges(a), top(a)], [edges(b), top(b)], bad, [title(a), title(b)]);
    }
    const note = $("[data-conflict-count]", root);
    note.hidden = !count;
    note.textContent = count ? root.dataset.conflicts.replace("{count}", count) : "";
    if (kept) $(`[data-link="${kept}"]`, sheet)?.focus();
    return count;
  }

  function arrow(sheet, [id, , , type], [[aLeft, aRight], y1], [[bLeft, bRight], y2], bad, names) {
    const [from, to] = ENDS[type] ?? "ES";
    const [x1, out] = from === "E" ? [aRight, BEND] : [aLeft, -BEND];
    const [x2, into] = to === "S" ? [bLeft - 2, -BEND] : [bRight + 2, BEND];
    const turn = x1 + out;
    const near = x2 + into;
    const free = to === "S" ? turn <= near : turn >= near;
    const half = y1 + (y2 > y1 ? MIDDLE : -MIDDLE);
    const line = free || (from === "E") !== (to === "S")
      ? `M${x1} ${y1}H${from === "E" ? (to === "S" ? turn : Math.max(turn, near)) : Math.min(turn, near)}V${y2}H${x2}`
      : `M${x1} ${y1}H${turn}V${half}H${near}V${y2}H${x2}`;
    const only = type === RELATES;
    const group = made("g", { class: `tl-arrow${bad ? " conflict" : ""}${only ? " relates" : ""}` }, sheet);
    made("path", { class: "tl-link", d: line }, group);
    const tip = to === "S" ? -6 : 6;
    if (!only) made("path", { class: "tl-tip", d: `M${x2} ${y2}l${tip} -4v8z` }, group);
    const words = root.dataset[only ? "relates" : "linkWords"].replace("{earlier}", names[0]).replace("{later}", names[1]);
    const fixed = !root.dataset.linkable;
    const said = [words, bad && root.dataset.tooEarly, !fixed && root.dataset.unlink].filter(Boolean).join(", ");
    const hit = made("path", { class: "tl-link-hit", d: line, "data-link": id, "aria-label": said, role: "button", tabindex: 0 }, group);
    if (fixed) hit.dataset.fixed = "";
    made("title", {}, hit).textContent = said;
  }

  async function link(earlier, later) {
    const body = { [earlierName]: Number(earlier.dataset.id), [laterName]: Number(later.dataset.id) };
    const words = root.dataset.linked.replace("{earlier}", title(earlier)).replace("{later}", title(later));
    try {
      const done = await send(root.dataset.linkPath, body);
      say(words, "", done.changeSet);
    } catch (refusal) {
      say(refusal.message, "bad");
    }
    document.dispatchEvent(new CustomEvent("page:stale"));
  }

  async function unlink(id) {
    try {
      const done = await send(`${root.dataset.linkPath}/${id}`, undefined, "DELETE");
      say(root.dataset.unlinked, "", done.changeSet);
    } catch (refusal) {
      say(refusal.message, "bad");
    }
    document.dispatchEvent(new CustomEvent("page:stale"));
  }

  /* ---- what a bar can be held by ---- */

  function tools(item, left, right) {
    for (const old of $$(".tl-grip, .tl-knob", item)) old.remove();
    if (root.dataset.movable && stretches(root) && !item.classList.contains("point") && right - left > 3 * EDGE) {
      made("rect", { class: "tl-grip", x: left + 2, y: 13, width: 2, height: 10, rx: 1 }, item);
      made("rect", { class: "tl-grip", x: right - 4, y: 13, width: 2, height: 10, rx: 1 }, item);
    }
    if (root.dataset.linkable) {
      const hit = $(".tl-hit", item);
      hit.setAttribute("width", right - Number(hit.getAttribute("x")) + 18);
      made("circle", { class: "tl-knob", cx: right + 9, cy: MIDDLE, r: 4.5 }, item);
    }
  }

  function modeAt(item, event) {
    if (event.target.matches(".tl-knob")) return "link";
    if (!root.dataset.movable) return "";
    if (item.classList.contains("point") || !stretches(root)) return "move";
    const rect = $(".tl-body", item).getBoundingClientRect();
    const edge = event.pointerType === "touch" ? 16 : EDGE;
    if (rect.width < 3 * edge) return "move";
    if (event.clientX > rect.right - edge) return "end";
    return event.clientX < rect.left + edge ? "start" : "move";
  }

  /* ---- pointer and touch ---- */

  function lift() {
    hold.started = true;
    hold.scroll = box.scrollLeft;
    hold.item.classList.add("held");
    main().dataset.holding = "";
    follow(hold.event);
  }

  function follow(event) {
    const { item, mode } = hold;
    pull(event);
    if (mode === "link") return thread(event);
    const by = Math.round((event.clientX - hold.x + box.scrollLeft - hold.scroll) / pixels);
    const next = changed(root, item, mode, by);
    if (!next || String(next) === String(hold.next)) return;
    hold.next = next;
    shape(item);
    const bad = draw();
    announce([inWords(root, next), bad && root.dataset.conflicts.replace("{count}", bad)].filter(Boolean).join(". "));
  }

  /* Near an edge the sheet scrolls on, so that a bar can be taken further than is shown. */
  function pull(event) {
    const rect = box.getBoundingClientRect();
    const left = rect.left + $(".tl-corner", root).offsetWidth;
    const over = Math.max(0, event.clientX - rect.right + 32) - Math.max(0, left + 32 - event.clientX);
    if (over) box.scrollLeft += Math.max(-24, Math.min(24, over));
  }

  function thread(event) {
    const sheet = $(".tl-links", root);
    const origin = sheet.getBoundingClientRect();
    const knob = $(".tl-body", hold.item).getBoundingClientRect();
    const path = $(".tl-thread", sheet) ?? made("path", { class: "tl-thread" }, sheet);
    const [x, y] = [knob.right - origin.left, knob.top + knob.height / 2 - origin.top];
    path.setAttribute("d", `M${x} ${y}L${event.clientX - origin.left} ${event.clientY - origin.top}`);
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(".tl-bar");
    hold.target?.classList.remove("target");
    hold.target = under && under !== hold.item ? under : null;
    hold.target?.classList.add("target");
  }

  function drop(kept) {
    const { item, mode, next, target, started, timer } = hold;
    clearTimeout(timer);
    item.classList.remove("held");
    target?.classList.remove("target");
    $(".tl-thread", root)?.remove();
    delete main().dataset.holding;
    if (!started) { hold = null; return; }
    swallow = true;
    setTimeout(() => { swallow = false; });
    const settled = () => back(item);
    if (kept && mode === "link" && target) { hold = null; link(item, target); return; }
    if (!kept || !next) { hold = null; settled(); return; }
    hold = null;
    const mine = { item, next, shown: true };
    pending = mine;
    move(root, item, next, title(item), () => { if (pending === mine) pending = null; settled(); });
  }

  /* Draw a bar where the page says it is. */
  function back(item) {
    const now = bar(item.dataset.id);
    if (!now || hold || (pending && !pending.shown)) return;
    now.removeAttribute("transform");
    if (!now.classList.contains("point")) shape(now);
    for (const tool of $$(".tl-grip, .tl-knob, title", now)) tool.remove();
    again();
  }

  root.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(".tl-bar");
    if (!item || event.button || event.ctrlKey || event.metaKey) return;
    if (pending && !pending.shown) commit();
    const mode = modeAt(item, event);
    if (!mode) return;
    if (event.pointerType !== "touch") event.preventDefault();
    item.focus?.({ preventScroll: true });
    hold = { item, mode, event, x: event.clientX, y: event.clientY, started: false, next: null };
    if (event.pointerType === "touch") hold.timer = setTimeout(lift, HOLD_MS);
  });
  document.addEventListener("pointermove", (event) => {
    if (!hold || !root.isConnected) return;
    const far = Math.hypot(event.clientX - hold.x, event.clientY - hold.y) > START_PX;
    if (!hold.started && far && event.pointerType === "touch") { clearTimeout(hold.timer); hold = null; return; }
    if (!hold.started && far) lift();
    if (hold?.started) follow(event);
  });
  document.addEventListener("pointerup", () => hold && drop(true));
  document.addEventListener("pointercancel", () => hold && drop(false));
  root.addEventListener("touchmove", (event) => hold?.started && event.preventDefault(), { passive: false });
  root.addEventListener("contextmenu", (event) => hold && event.preventDefault());
  root.addEventListener("pointermove", (event) => {
    const item = event.target.closest(".tl-bar");
    if (!item || hold || $(".tl-knob, .tl-grip, title", item)) return;
    tools(item, ...edges(item));
    made("title", {}, item).textContent = item.getAttribute("aria-label");
  });
  root.addEventListener("pointerout", (event) => {
    const item = event.target.closest(".tl-bar");
    if (item && !hold && !item.contains(event.relatedTarget)) for (const tool of $$(".tl-grip, .tl-knob, title", item)) tool.remove();
  });

  root.addEventListener("click", (event) => {
    if (swallow) { event.preventDefault(); event.stopPropagation(); return; }
    const path = event.target.closest(".tl-link-hit");
    const item = event.target.closest(".tl-bar");
    const jump = event.target.closest(".tl-jump");
    const fold = event.target.closest(".tl-fold");
    if (path && root.dataset.linkable) unlink(path.dataset.link);
    else if (item) $(".tl-name a", item.closest(".tl-row")).click();
    else if (jump) show(bar(jump.closest(".tl-row").dataset.id));
    else if (fold) turn(fold);
    else if (event.target.closest("[data-to-today]") && root.dataset.today) { event.preventDefault(); place(true); }
  });

  /* ---- keyboard ---- */

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function nudge(item, event) {
    const [across, down] = STEPS[event.key];
    const mode = event.shiftKey ? "move" : across ? "end" : "start";
    if (pending?.shown) pending = null;
    if (pending && (pending.item !== item || pending.mode !== mode)) commit();
    const before = pending;
    pending ??= { item, mode, days: 0 };
    pending.days += event.shiftKey ? across + 7 * down : across || down;
    const next = changed(root, item, mode, pending.days);
    if (!next) { pending = before; announce(root.dataset.oneEnd); return; }
    pending.next = next;
    main().dataset.holding = "";
    shape(item);
    show(item);
    const bad = draw();
    const words = root.dataset.where.replace("{when}", inWords(root, next));
    announce([bad && root.dataset.conflicts.replace("{count}", bad), words].filter(Boolean).join(". "));
    clearTimeout(pending.timer);
    pending.timer = setTimeout(commit, PAUSE_MS);
  }

  function commit(kept = true) {
    if (!pending || pending.shown) return;
    const { item, next, timer } = pending;
    clearTimeout(timer);
    delete main().dataset.holding;
    if (!kept) {
      pending = null;
      back(item);
      announce(root.dataset.putBack);
      return;
    }
    const mine = pending;
    mine.shown = true;
    move(root, item, next, title(item), () => {
      if (pending === mine) pending = null;
      back(item);
      if (!document.activeElement || document.activeElement === document.body) bar(item.dataset.id)?.focus();
    });
  }

  root.addEventListener("keydown", (event) => {
    const item = event.target.closest?.(".tl-bar");
    const path = event.target.closest?.(".tl-link-hit");
    const waiting = pending && !pending.shown;
    if (path && ["Delete", "Backspace", "Enter"].includes(event.key)) {
      if (root.dataset.linkable) unlink(path.dataset.link);
    } else if (!item) return;
    else if (waiting && (event.key === "Enter" || event.key === "Escape")) commit(event.key === "Enter");
    else if (event.key === "Enter" || event.key === " ") $(".tl-name a", item.closest(".tl-row")).click();
    else if (event.key in STEPS && event.shiftKey !== event.altKey && !event.ctrlKey && root.dataset.movable) nudge(item, event);
    else if (["ArrowUp", "ArrowDown"].includes(event.key) && !event.shiftKey && !event.altKey) walk(item, event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("focusout", (event) => {
    if (pending && !pending.shown && event.target === pending.item) commit();
  });

  function walk(item, step) {
    const bars = $$(".tl-bar", root).filter((one) => one.closest(".tl-row").offsetParent);
    const next = bars[bars.indexOf(item) + step];
    next?.focus({ preventScroll: true });
    if (next) show(next);
  }

  /* ---- scrolling, folding ---- */

  const names = () => (innerWidth > 640 ? $(".tl-corner", root)?.offsetWidth ?? 0 : 0);

  function show(item) {
    const [left, right] = edges(item);
    const seen = box.clientWidth - names();
    const row = item.closest(".tl-row");
    const out = left < box.scrollLeft || Math.min(right, left + 40) > box.scrollLeft + seen;
    const above = row.offsetTop - 48 < box.scrollTop;
    const below = row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight;
    if (!out && !above && !below) return;
    const top = above ? row.offsetTop - 48 : below ? row.offsetTop + row.offsetHeight - box.clientHeight : box.scrollTop;
    box.scrollTo({ left: out ? Math.max(0, left - seen / 3) : box.scrollLeft, top, behavior: out ? "smooth" : "instant" });
  }

  /* Where the sheet stands at first: the time that was in the middle before, or today. */
  function place(today = false) {
    if (!box) return;
    const seen = box.clientWidth - names();
    const known = !today && centre ? daysFrom(first, centre) * pixels - seen / 2 : NaN;
    const inside = known >= 0 && known < Number($(".tl-scale", root).getAttribute("width"));
    const now = Number(root.dataset.today || 0) - seen * 0.3;
    box.scrollTo({ left: inside ? known : Math.max(0, now), behavior: today ? "smooth" : "instant" });
    off();
  }

  let frame = 0;
  function off() {
    frame = 0;
    const low = box.scrollLeft;
    const high = low + box.clientWidth - names();
    const [top, bottom] = [box.scrollTop - 200, box.scrollTop + box.clientHeight + 200];
    for (const row of $$(".tl-row", root)) {
      const at = row.offsetTop;
      if (at < top || at > bottom) continue;
      const side = Number(row.dataset.to) <= low ? "before" : Number(row.dataset.from) >= high ? "after" : "";
      if (side === (row.dataset.off ?? "")) continue;
      if (side) row.dataset.off = side;
      else delete row.dataset.off;
      if (side && !$(".tl-jump", row)) $(".tl-name", row).append(clone("[data-jump]"));
    }
  }
  box?.addEventListener("scroll", () => {
    const seen = (box.scrollLeft + (box.clientWidth - names()) / 2) / pixels;
    centre = new Date(Date.parse(`${first}T00:00:00Z`) + Math.round(seen) * 86_400_000).toISOString().slice(0, 10);
    frame ||= requestAnimationFrame(off);
  }, { passive: true });
  addEventListener("resize", () => root.isConnected && box && (off(), draw()));

  const folded = new Set();
  function turn(fold) {
    const { group } = fold.closest(".tl-group").dataset;
    if (!folded.delete(group)) folded.add(group);
    again();
  }

  /* What a re-read page does not know: what is folded, the arrows, and where bars lie outside. */
  function again() {
    if (!root.isConnected || !box) return;
    for (const head of $$(".tl-group", root)) {
      const fold = $(".tl-fold", head);
      const shut = folded.has(head.dataset.group);
      fold.setAttribute("aria-expanded", String(!shut));
      document.getElementById(fold.getAttribute("aria-controls")).hidden = shut;
    }
    if (hold || (pending && !pending.shown)) return;
    draw();
    off();
    const over = $(".tl-bar:hover", root);
    if (over && !$(".tl-knob, .tl-grip", over)) tools(over, ...edges(over));
  }

  return { again, place };
}
