/* What a chart of mainstay.plots says under the pointer or the arrow keys, at once. */
import { $, $$ } from "./core.js";

export function start(root) {
  const drawing = $(".plot-svg", root);
  const box = $(".plot-box", root);
  if (!drawing || !box) return;
  const marks = $$("title", drawing).map((title) => take(title)).filter(Boolean);
  if (!marks.length) return;
  const tip = document.createElement("div");
  tip.className = "plot-tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  root.append(tip);
  let now = -1;
  const show = (place) => {
    marks[now]?.element.classList.remove("now");
    now = place;
    const mark = marks[place];
    tip.hidden = !mark;
    if (!mark) return;
    mark.element.classList.add("now");
    say(tip, mark.words);
    put(tip, root, mark.element);
  };
  drawing.addEventListener("pointerover", (event) => {
    const element = event.target.closest("[data-mark]");
    show(element ? Number(element.dataset.mark) : -1);
  });
  drawing.addEventListener("pointerleave", () => show(-1));
  marks.forEach((mark, place) => {
    mark.element.dataset.mark = place;
    mark.element.addEventListener("focus", () => show(place));
    mark.element.addEventListener("blur", () => show(-1));
  });
  if (marks[0].element.matches("a")) return;
  drawing.setAttribute("tabindex", "0");
  drawing.addEventListener("blur", () => show(-1));
  drawing.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const end = { Home: 0, End: marks.length - 1 }[event.key];
    if (event.key === "Escape") show(-1);
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    show(end ?? Math.min(marks.length - 1, Math.max(0, now + step)));
  });
}

/* The browser's own tooltip is slow and never seen by the keyboard: its words move into ours. */
function take(title) {
  const element = title.parentElement;
  if (!element.matches("a, g")) return null;
  const words = title.textContent;
  title.remove();
  return { element, words };
}

function say(tip, words) {
  const [head, ...rest] = words.split(/: (.*)/s);
  tip.replaceChildren();
  if (rest.length && rest[0]) {
    const strong = document.createElement("b");
    strong.textContent = head;
    tip.append(strong, rest[0].replaceAll(", ", "\n"));
  } else tip.textContent = words;
}

function put(tip, root, element) {
  const room = root.getBoundingClientRect();
  const at = ($(".plot-guide", element) ?? element).getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const middle = at.left + at.width / 2 - room.left;
  const right = middle + 12 + size.width <= room.width;
  const left = right ? middle + 12 : Math.max(0, middle - size.width - 12);
  const top = Math.max(0, Math.min(at.top - room.top, room.height - size.height));

  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}
