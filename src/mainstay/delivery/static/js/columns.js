/* The column chooser: which columns are shown and in what order, by mouse, touch and keyboard. */
import { $, $$, arriving, main, visit } from "./core.js";

export function start(chooser) {
  const list = $(".chooser-list", chooser);
  const dress = () => { for (const line of $$("li", list)) dressed(chooser, line); };
  dress();
  arriving(() => { if (chooser.isConnected) dress(); });
  chooser.addEventListener("change", (event) => {
    if (!event.target.matches(".chooser-list input")) return;
    const line = event.target.closest("li");
    const shown = $$("li[data-shown]", list);
    line.toggleAttribute("data-shown", event.target.checked);
    if (event.target.checked) (shown.at(-1) ?? list.firstElementChild)?.after(line);
    show(chooser);
  });
  chooser.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) moved(chooser, step.closest("li"), Number(step.dataset.step), step);
    if (event.target.closest("button[data-usual]")) go(chooser.dataset.usual);
  });
  chooser.addEventListener("input", (event) => {
    if (!event.target.matches(".chooser-find")) return;
    const words = event.target.value.trim().toLowerCase();
    for (const line of $$("li", list)) line.hidden = !line.textContent.toLowerCase().includes(words);
  });
  list.addEventListener("pointerdown", (event) => dragged(chooser, list, event));
}

/* A line gets its handle and its buttons here: without a script they could do nothing. */
function dressed(chooser, line) {
  if ($(".chooser-grip", line)) return;
  const parts = $("template", chooser).content.cloneNode(true);
  const [up, down] = $$("button", parts);
  const name = line.textContent.trim();
  up.setAttribute("aria-label", chooser.dataset.up.replace("…", name));
  down.setAttribute("aria-label", chooser.dataset.down.replace("…", name));
  line.prepend($(".chooser-grip", parts));
  line.append($(".chooser-move", parts));
}

function moved(chooser, line, step, button) {
  const lines = $$("li[data-shown]", chooser);
  const to = lines[lines.indexOf(line) + step];
  if (!to) return;
  if (step < 0) to.before(line);
  else to.after(line);
  button.focus();
  show(chooser);
}

function dragged(chooser, list, event) {
  const line = event.target.closest(".chooser-grip")?.closest("li[data-shown]");
  if (!line || event.button) return;
  event.preventDefault();
  main().setAttribute("data-holding", "");
  line.classList.add("held");
  list.setPointerCapture(event.pointerId);
  const before = order(chooser);
  const drag = (move) => {
    const others = $$("li[data-shown]", list).filter((one) => one !== line);
    const under = others.find((one) => move.clientY < one.getBoundingClientRect().bottom - one.offsetHeight / 2);
    if (under) under.before(line);
    else others.at(-1)?.after(line);
  };
  list.addEventListener("pointermove", drag);
  list.addEventListener("lostpointercapture", () => {
    list.removeEventListener("pointermove", drag);
    line.classList.remove("held");
    main().removeAttribute("data-holding");
    if (order(chooser) !== before) show(chooser);
  }, { once: true });
}

const order = (chooser) =>
  $$("li[data-shown]", chooser)
    .map((line) => (line.dataset.width ? `${line.dataset.name}:${line.dataset.width}` : line.dataset.name))
    .join(",");

function show(chooser) {
  const url = new URL(chooser.dataset.here, location.origin);
  url.searchParams.set("columns", order(chooser));
  go(url.pathname + url.search);
}

/* The page is changed, not swapped, so that the sheet stays open and the focus where it is. */
async function go(path) {
  await visit(path, { swap: "outerMorph", push: "true" });
  document.dispatchEvent(new CustomEvent("list:remember"));
}
