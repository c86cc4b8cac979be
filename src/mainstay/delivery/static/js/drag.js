/* Dragging with mouse, finger and pen, by pointer events alone.

   dragging(root, { grip, lift, move, drop, cancel }):
     grip(event)    the element that is taken hold of, or nothing
     lift(element)  the drag begins; returns the elements whose picture follows the pointer, or false
     move(x, y)     the pointer is here; also called while the page scrolls beneath it
     drop(), cancel()
   A mouse drags after a few pixels, a finger after a quarter of a second at rest; before that
   it scrolls. Near an edge whatever scrolls there scrolls by itself. Escape cancels. */

const SLOP = 4;
const FINGER = 10;
const HOLD_MS = 250;
const EDGE = 56;
const FASTEST = 16;

export function dragging(root, on) {
  let press = null;

  root.addEventListener("pointerdown", (event) => {
    if (press || event.button !== 0 || !event.isPrimary) return;
    const element = on.grip(event);
    if (!element) return;
    const touch = event.pointerType === "touch";
    const box = element.getBoundingClientRect();
    press = {
      element, touch, id: event.pointerId, x: event.clientX, y: event.clientY,
      startX: event.clientX, startY: event.clientY, offsetX: event.clientX - box.x, offsetY: event.clientY - box.y,
      held: false, ghost: null, frame: 0, timer: touch ? setTimeout(hold, HOLD_MS) : 0,
    };
    for (const [name, work] of heard) document.addEventListener(name, work, name === "keydown");
  });
  // Must be there before the finger is, or the browser would scroll away with the card.
  root.addEventListener("touchmove", (event) => press?.held && event.cancelable && event.preventDefault(), { passive: false });
  root.addEventListener("contextmenu", (event) => press?.touch && event.preventDefault());
  root.addEventListener("dragstart", (event) => event.preventDefault());

  function moved(event) {
    if (event.pointerId !== press.id) return;
    press.x = event.clientX;
    press.y = event.clientY;
    const far = Math.hypot(press.x - press.startX, press.y - press.startY);
    if (!press.held && press.touch && far > FINGER) return end();
    if (!press.held && !press.touch && far > SLOP) hold();
    if (press?.held) follow();
  }

  function hold() {
    const copy = ghost(press.element);
    const pictured = on.lift(press.element);
    if (!pictured) return end();
    if (pictured.length > 1) copy.dataset.many = pictured.length;
    document.body.append(copy);
    press.held = true;
    getSelection()?.removeAllRanges();
    if (press.touch) navigator.vibrate?.(10);
    document.documentElement.classList.add("dragging");
    press.ghost = copy;
    follow();
    press.frame = requestAnimationFrame(scroll);
  }

  function follow() {
    press.ghost.style.transform = `translate(${press.x - press.offsetX}px, ${press.y - press.offsetY}px) rotate(1.5deg)`;
    on.move(press.x, press.y);
  }

  function scroll() {
    if (!press?.held) return;
    let went = false;
    for (const one of scrollers(press.x, press.y)) {
      const box = one.getBoundingClientRect();
      went = nudge(one, "scrollTop", press.y - box.top, box.bottom - press.y) || went;
      went = nudge(one, "scrollLeft", press.x - box.left, box.right - press.x) || went;
    }
    if (went) on.move(press.x, press.y);
    press.frame = requestAnimationFrame(scroll);
  }

  function released(event) {
    if (event.pointerId !== press.id) return;
    const held = press.held;
    if (held) unclicked();
    end();
    if (held) on.drop();
  }

  function lost(event) {
    if (event.pointerId === press.id) stop();
  }

  function escaped(event) {
    if (event.key !== "Escape" || !press.held) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
  }

  function stop() {
    const held = press.held;
    end();
    if (held) on.cancel();
  }

  function end() {
    clearTimeout(press.timer);
    cancelAnimationFrame(press.frame);
    press.ghost?.remove();
    document.documentElement.classList.remove("dragging");
    for (const [name, work] of heard) document.removeEventListener(name, work, name === "keydown");
    press = null;
  }

  const heard = [["pointermove", moved], ["pointerup", released], ["pointercancel", lost], ["keydown", escaped]];
}

/* The picture under the pointer: a copy that nobody can click or hear. */
function ghost(element) {
  const box = element.getBoundingClientRect();
  const copy = element.cloneNode(true);
  copy.removeAttribute("id");
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  copy.classList.remove("lifted");
  copy.classList.add("ghost");
  copy.inert = true;
  copy.setAttribute("aria-hidden", "true");
  copy.style.width = `${box.width}px`;
  copy.style.height = `${box.height}px`;
  return copy;
}

function scrollers(x, y) {
  const found = [];
  for (let one = document.elementFromPoint(x, y); one; one = one.parentElement) {
    const style = getComputedStyle(one);
    const tall = one.scrollHeight > one.clientHeight && /auto|scroll/.test(style.overflowY);
    const wide = one.scrollWidth > one.clientWidth && /auto|scroll/.test(style.overflowX);
    if (tall || wide) found.push(one);
  }
  return found;
}

/* Scroll a little when the pointer is near an edge; say whether that moved anything. */
function nudge(one, way, before, after) {
  const speed = (gap) => Math.ceil(FASTEST * Math.min(1, 1 - gap / EDGE));
  const step = before < EDGE ? -speed(before) : after < EDGE ? speed(after) : 0;
  if (!step) return false;
  const was = one[way];
  one[way] += step;
  return one[way] !== was;
}

/* The click that follows a drop opens nothing. */
function unclicked() {
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, true), 50);
}
