/* The calendar's hands: records are moved and stretched by pointer, by touch and by keyboard. */
import { $, $$, ask, main } from "./core.js";
import { dayOf, daysFrom } from "./dates.js";
import { HOLD_MS, PAUSE_MS, START_PX, STEP, changed, inWords, keep, kindsOf, stretches, valuesOf } from "./spans.js";

const EDGE = { mouse: 8, pen: 10, touch: 16 };
const narrow = matchMedia("(max-width: 640px)");

export function start(root) {
  const kinds = kindsOf(root);
  const { zone } = root.dataset;
  let hold = null;
  let pending = null;
  let swallow = false;

  const hourly = (item) => item.classList.contains("hour");
  const announce = (text) => { $("[data-said]", root).textContent = text; };

  function paint(item, [first, last]) {
    const from = dayOf(first || last, kinds[first ? 0 : 1], zone);
    const to = dayOf(last || first, kinds[last ? 1 : 0], zone);
    for (const cell of $$("td[data-day]", root)) {
      const inside = cell.dataset.day >= from && cell.dataset.day <= to;
      cell.classList.toggle("cal-drop", inside && "hours" in cell.dataset === hourly(item));
    }
  }
  const unpaint = () => { for (const cell of $$("td.cal-drop", root)) cell.classList.remove("cal-drop"); };

  /* ---- pointer and touch ---- */

  const under = (event) =>
    document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches("td[data-day]") && root.contains(one));

  function firstDay(item) {
    const [first, last] = valuesOf(item);
    return dayOf(first || last, kinds[first ? 0 : 1], zone);
  }

  function modeAt(item, event) {
    if (!stretches(root)) return "move";
    const box = item.getBoundingClientRect();
    const edge = EDGE[event.pointerType] ?? 8;
    if (hourly(item)) return event.clientY > box.bottom - edge ? "end" : "move";
    const right = document.dir === "rtl" ? "start" : "end";
    if (event.clientX > box.right - edge && !item.classList.contains(right === "end" ? "until" : "since")) return right;
    const left = right === "end" ? "start" : "end";
    if (event.clientX < box.left + edge && !item.classList.contains(left === "start" ? "since" : "until")) return left;
    return "move";
  }

  function grip(item) {
    if ($(".cal-grip", item) || !stretches(root)) return;
    for (const side of hourly(item) ? ["end"] : ["start", "end"]) {
      if (item.classList.contains(side === "start" ? "since" : "until")) continue;
      const mark = document.createElement("i");
      mark.className = `cal-grip ${side}`;
      item.append(mark);
    }
  }

  /* How far down a day's column the pointer is. */
  function share(cell, event) {
    const box = cell.getBoundingClientRect();
    return (event.clientY - box.top) / box.height;
  }

  function lift() {
    const { item, event } = hold;
    const box = item.getBoundingClientRect();
    hold.started = true;
    hold.day = under(event)?.dataset.day ?? firstDay(item);
    hold.share = share(item.closest("td"), event);
    main().dataset.holding = "";
    if (hold.mode === "move") {
      hold.ghost = item.cloneNode(true);
      hold.ghost.removeAttribute("id");
      hold.ghost.classList.add("cal-ghost");
      hold.ghost.style.width = `${Math.min(box.width, 320)}px`;
      hold.ghost.style.height = `${box.height}px`;
      hold.grab = [Math.min(event.clientX - box.left, 300), event.clientY - box.top];
      document.body.append(hold.ghost);
    }
    item.classList.add("cal-held");
    follow(event);
  }

  function follow(event) {
    const { item, mode, ghost, grab } = hold;
    if (ghost) {
      ghost.style.left = `${event.clientX - grab[0]}px`;
      ghost.style.top = `${event.clientY - grab[1]}px`;
    }
    hold.last = event;
    hold.frame ||= requestAnimationFrame(roll);
    const cell = under(event);
    if (!cell) return;
    let days = daysFrom(hold.day, cell.dataset.day);
    let minutes = 0;
    if (hourly(item) && "hours" in cell.dataset) {
      minutes = Math.round((share(cell, event) - hold.share) * (1440 / STEP)) * STEP;
      if (mode !== "move") days = 0;
    }
    const next = changed(root, item, mode, days, minutes);
    if (!next) return;
    hold.next = next;
    paint(item, next);
    announce(inWords(root, next));
  }

  /* Near the upper or lower edge the page scrolls on, so that a day out of sight can be reached. */
  function roll() {
    if (!hold?.started) return;
    hold.frame = 0;
    const { clientY } = hold.last;
    const over = Math.max(0, clientY - innerHeight + 48) - Math.max(0, 160 - clientY);
    if (!over) return;
    const box = $(".cal-box", root);
    const before = [scrollY, box.scrollTop];
    scrollBy(0, Math.max(-14, Math.min(14, over)));
    if (before[0] === scrollY) box.scrollTop += Math.max(-14, Math.min(14, over));
    if (before[0] !== scrollY || before[1] !== box.scrollTop) follow(hold.last);
  }

  function drop(kept) {
    const { item, ghost, next, started } = hold;
    clearTimeout(hold.timer);
    cancelAnimationFrame(hold.frame);
    hold = null;
    if (!started) return;
    swallow = true;
    setTimeout(() => { swallow = false; });
    const settled = () => {
      ghost?.remove();
      item.classList.remove("cal-held");
      unpaint();
    };
    delete main().dataset.holding;
    if (kept && next) keep(root, item, next, settled);
    else settled();
  }

  root.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(".cal-item");
    if (!item || event.button || !root.dataset.movable || event.ctrlKey || event.metaKey) return;
    hold = { item, event, mode: modeAt(item, event), x: event.clientX, at: event.clientY, started: false };
    if (event.pointerType === "touch") hold.timer = setTimeout(lift, HOLD_MS);
  });
  document.addEventListener("pointermove", (event) => {
    if (!hold) return;
    if (!root.isConnected) return drop(false);
    const far = Math.hypot(event.clientX - hold.x, event.clientY - hold.at) > START_PX;
    if (!hold.started && far && event.pointerType === "touch") { clearTimeout(hold.timer); hold = null; return; }
    if (!hold.started && far) lift();
    if (hold?.started) follow(event);
  });
  document.addEventListener("pointerup", () => hold && drop(true));
  document.addEventListener("pointercancel", () => hold && drop(false));
  root.addEventListener("touchmove", (event) => hold?.started && event.preventDefault(), { passive: false });
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.addEventListener("contextmenu", (event) => hold && event.preventDefault());
  root.addEventListener("pointerover", (event) => {
    const item = event.target.closest(".cal-item");
    if (item && root.dataset.movable && event.pointerType !== "touch") grip(item);
  });

  /* ---- clicks: a day adds, on a small screen it opens ---- */

  root.addEventListener("click", (event) => {
    if (swallow) { event.preventDefault(); event.stopPropagation(); return; }
    const cell = event.target.closest("td[data-day]") && (under(event) ?? event.target.closest("td[data-day]"));
    if (!cell) return;
    const day = $(".cal-day", cell);
    if (narrow.matches && day && !event.target.closest(".cal-sheet")) {
      if (event.target !== day && !day.contains(event.target)) { event.preventDefault(); event.stopPropagation(); day.click(); }
      return;
    }
    const link = event.target.closest(".cal-add");
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); quick(link); return; }
    if (event.target.closest("a, button, .cal-sheet")) return;
    const add = $(".cal-add", cell) ?? $(`td[data-day="${cell.dataset.day}"] .cal-add`, root);
    if (!add) return;
    quick(add, "hours" in cell.dataset ? hourAt(cell, event) : null);
  }, true);

  const hourAt = (cell, event) => Math.min(23, Math.floor(share(cell, event) * 24));

  /* Add on a day by the small form; without scripts the link opens the whole one. */
  function quick(link, hour = null) {
    const wanted = new URL(link.href).searchParams;
    const names = [root.dataset.starts, root.dataset.ends].filter(Boolean);
    const at = (value, clock) => `${value.slice(0, 10)}T${String(clock).padStart(2, "0")}:00`;
    names.forEach((name, place) => {
      const value = wanted.get(name);
      if (hour !== null && value && kinds[place] !== "date") wanted.set(name, at(value, Math.min(hour + place, 23)));
    });
    wanted.set("kind", root.dataset.kind);
    wanted.set("also", names.join(","));
    ask(`/quick?${wanted}`);
  }

  /* ---- keyboard: Shift moves, Alt stretches; a pause or Enter keeps it ---- */

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function stepped(item, event) {
    const [across, down] = STEPS[event.key];
    const side = document.dir === "rtl" ? -across : across;
    if (event.shiftKey) return hourly(item) ? ["move", side, down * 2 * STEP] : ["move", side + 7 * down, 0];
    if (hourly(item)) return ["end", 0, (down || side) * STEP];
    return across ? ["end", side, 0] : ["start", down, 0];
  }

  function nudge(item, event) {
    const [mode, days, minutes] = stepped(item, event);
    if (pending && (pending.item !== item || pending.mode !== mode)) commit();
    pending ??= { item, mode, days: 0, minutes: 0 };
    pending.days += days;
    pending.minutes += minutes;
    const next = changed(root, item, mode, pending.days, pending.minutes);
    if (!next) { announce(root.dataset.oneEnd); pending = null; return; }
    pending.next = next;
    main().dataset.holding = "";
    paint(item, next);
    announce(root.dataset.where.replace("{when}", inWords(root, next)));
    clearTimeout(pending.timer);
    pending.timer = setTimeout(commit, PAUSE_MS);
  }

  function commit(kept = true) {
    if (!pending) return;
    const { item, next, timer } = pending;
    const { id } = item;
    clearTimeout(timer);
    pending = null;
    delete main().dataset.holding;
    const settled = () => {
      unpaint();
      if (!document.activeElement || document.activeElement === document.body) document.getElementById(id)?.focus();
    };
    if (kept) keep(root, item, next, settled);
    else { settled(); announce(root.dataset.putBack); }
  }

  root.addEventListener("keydown", (event) => {
    const item = event.target.closest?.(".cal-item");
    if (!item) return;
    if (pending && (event.key === "Enter" || event.key === "Escape")) {
      commit(event.key === "Enter");
    } else if (root.dataset.movable && event.key in STEPS && event.shiftKey !== event.altKey && !event.ctrlKey) {
      nudge(item, event);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("focusout", (event) => {
    if (pending && event.target === pending.item) commit();
  });

  const box = $(".cal-box", root);
  if (box && $(".hourly", root)) box.scrollTop = 7 * 44;
}
