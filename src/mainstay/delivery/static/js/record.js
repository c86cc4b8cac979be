/* A record's page: verbs that send at once, lines that add, ticks, the stream, taking back. */
import { $, $$, arriving, csrf, say, send, visit, word } from "./core.js";
import { edit } from "./inline.js";
import { paneOf, visitSplit } from "./panes.js";

const UNFOLDED = "mainstay_details";
const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));

/* Send what an element says; a refusal is said where it was tried, and nothing changes. */
async function sent(element, path, body, method) {
  element.toggleAttribute("aria-busy", true);
  try {
    const answer = await send(path, body, method);
    if (element.dataset.said) say(element.dataset.said, "", answer.changeSet ?? 0);
    stale();
    return true;
  } catch (refusal) {
    say(refusal.message, "bad");
    if (refusal.status === 409) stale();
    return false;
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/* Show an address in the pane that an element stands in, without leaving the record. */
async function reread(pane, address) {
  const path = address.pathname + address.search;
  history.replaceState({ htmx: true }, "", path);
  if (pane.id === "split") await visitSplit(path, { swap: "outerMorph" });
  else await visit(path, { swap: "outerMorph" });
}

/* An empty field that somebody wants to fill gets its row, and its editor in it. */
function offer(chip) {
  const label = chip.textContent.trim();
  const written = Boolean(chip.closest(".record-main"));
  const [row, name, value] = (written ? ["section", "h2", "div"] : ["div", "dt", "dd"]).map((tag) => document.createElement(tag));
  name.textContent = label;
  value.textContent = "–";
  value.tabIndex = 0;
  for (const attribute of chip.attributes) {
    if (/^data-(edit|key)/.test(attribute.name)) value.setAttribute(attribute.name, attribute.value);
  }
  row.append(name, value);
  const chips = chip.closest(".add-fields");
  if (written) {
    row.className = "block written";
    for (const part of ["resource", "record", "version", "draw"]) row.dataset[part] = chips.dataset[part];
    chips.before(row);
  } else {
    let list = chips.previousElementSibling;
    if (!list?.matches(".facts")) {
      list = Object.assign(document.createElement("dl"), { className: "facts" });
      chips.before(list);
    }
    list.append(row);
  }
  chip.remove();
  edit(value);
}

/* What a long text will look like, before it is saved. */
async function preview(button) {
  const form = button.closest("form");
  const input = $("textarea", form);
  let shown = $(".cell-written", form);
  const on = button.getAttribute("aria-pressed") !== "true";
  if (on) {
    shown ??= input.insertAdjacentElement("afterend", Object.assign(document.createElement("div"), { className: "cell-written prose", tabIndex: 0 }));
    shown.style.minHeight = `${input.offsetHeight}px`;
    const answer = await fetch("/written", {
      method: "POST", headers: { "X-CSRF-Token": csrf() }, body: new URLSearchParams({ text: input.value }),
    });
    if (!answer.ok) return say(word("failed"), "bad");
    shown.innerHTML = await answer.text(); // Markdown that the server has cleaned
  }
  button.setAttribute("aria-pressed", String(on));
  input.hidden = on;
  shown.hidden = !on;
  (on ? shown : input).focus();
}

async function takeBack(button) {
  button.disabled = true;
  let last = 0;
  try {
    for (const group of button.dataset.undo.split(" ")) {
      const answer = await send(`/api/changes/${group}/undo`, {});
      last = answer.change_set ?? 0;
    }
    say(word("undone"), "", last);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  button.disabled = false;
  stale();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-send], [data-undo], [data-turn], [data-reread], [data-unfold], [data-reveal], [data-copy], [data-written], .add-field[data-edit-field]");
  if (!target || target.ariaDisabled === "true") return;
  const { dataset } = target;
  if (dataset.send) sent(target, dataset.send, dataset.body ? JSON.parse(dataset.body) : undefined, dataset.method ?? "POST");
  else if (dataset.undo) takeBack(target);
  else if (dataset.editField) offer(target);
  else if (dataset.written !== undefined) preview(target);
  else if (dataset.turn) {
    document.cookie = `mainstay_stream=${dataset.turn};path=/;max-age=31536000;samesite=lax`;
    stale();
  } else if (dataset.copy) {
    navigator.clipboard.writeText(new URL(dataset.copy, location.href).href).then(() => say(dataset.said));
  } else if (dataset.unfold !== undefined) {
    const open = !target.closest(".side").hasAttribute("data-open");
    sessionStorage.setItem(UNFOLDED, open ? "1" : "");
    unfold();
  } else if (dataset.reveal) {
    target.setAttribute("aria-expanded", "true");
    const list = document.getElementById(dataset.reveal);
    list.dataset.shown = "";
    $("input", list).focus();
  } else if (!event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    event.stopPropagation();
    reread(paneOf(target), new URL(target.href));
  }
}, true);

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-tick]");
  if (!box) return;
  const done = box.checked;
  sent(box, box.dataset.tick, { [box.dataset.field]: done }, "PATCH").then((ok) => { if (!ok) box.checked = !done; });
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-add]");
  if (!form) return;
  event.preventDefault();
  const input = $("input", form);
  const value = input.value.trim();
  if (!value) return;
  input.value = "";
  const body = { ...JSON.parse(form.dataset.known), [form.dataset.field]: value };
  if (!(await sent(form, form.dataset.add, body))) input.value ||= value;
}, true);

/* A value that was empty and is known now moves to its place, and the other way round. */
document.addEventListener("cell:saved", (event) => {
  const { resource, record } = event.detail;
  const here = $$(`.record [data-resource="${resource}"][data-record="${record}"]`).length;
  if (here) document.dispatchEvent(new CustomEvent("page:stale"));
});

function unfold() {
  const open = sessionStorage.getItem(UNFOLDED) === "1";
  for (const side of $$(".record > .side")) {
    side.toggleAttribute("data-open", open);
    $("[data-unfold]", side)?.setAttribute("aria-expanded", String(open));
  }
}

arriving(unfold);

export function start() {
  unfold();
  const found = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (found) found.scrollIntoView({ block: "center" });
}
