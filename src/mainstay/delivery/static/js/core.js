/* What every part of the browser's side shares: finding, visiting, sending, saying. */

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const main = () => $("#main");
export const dialog = () => $("#dialog");
export const clone = (selector) => $(selector).content.cloneNode(true);
export const csrf = () => $('meta[name="csrf"]')?.content ?? "";

/* Words that scripts say come translated from the page: <template id="words" data-…>. */
export const word = (name) => $("#words")?.dataset[name] ?? "";

/* Show another address in the main column; `how` takes htmx's swap, push and so on. */
export const visit = (path, how) =>
  htmx.ajax("GET", path, { target: "#main", headers: { "HX-Target": "main#main" }, ...how });

/* Show an address in the dialog. */
export const ask = (path) =>
  htmx.ajax("GET", path, { target: "#dialog-body", swap: "innerHTML", headers: { "HX-Target": "div#dialog-body" } });

/* Send JSON (or a form's data) and return the answer's JSON; a refusal throws its problem document. */
export async function send(path, body, method = "POST") {
  const form = body instanceof FormData || body instanceof URLSearchParams;
  const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
  if (!form && body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: form ? body : JSON.stringify(body) });
  const text = await answer.text();
  let read = {};
  try { read = text ? JSON.parse(text) : {}; } catch { read = { detail: word("failed") }; }
  if (!answer.ok) throw Object.assign(new Error(read.detail ?? word("failed")), { problem: read, status: answer.status });
  return Object.assign(read, { changeSet: answer.headers.get("X-Change-Set") });
}

/* Work that is done after every swap of the main column, and once at the start. */
const arrivals = [];
export const arriving = (work) => { arrivals.push(work); };
export const arrived = () => { for (const work of arrivals) work(); };

const SHOWN_MS = 10_000;

export function settleToasts() {
  const region = $("#toasts");
  if (!region) return;
  for (const toast of $$("[data-pane] > [data-toast]")) {
    region.replaceChildren(toast);
    arm(toast);
  }
}

function arm(toast) {
  const region = $("#toasts");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "plain square";
  close.textContent = "×";
  close.setAttribute("aria-label", region.dataset.close);
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  let timer = setTimeout(() => toast.remove(), SHOWN_MS);
  toast.addEventListener("mouseenter", () => clearTimeout(timer));
  toast.addEventListener("mouseleave", () => (timer = setTimeout(() => toast.remove(), 3000)));
  toast.addEventListener("submit", () => (toast.hidden = true));
}

/* Say something in the corner; with `undo`, a change set, offer to take it back. */
export function say(text, tone = "", undo = 0) {
  const region = $("#toasts");
  if (!region || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (Number(undo)) toast.append(undoing(undo));
  region.replaceChildren(toast);
  arm(toast);
}

function undoing(changeSet) {
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "plain", textContent: word("undo"),
  });
  button.addEventListener("click", async () => {
    try {
      await send(`/api/changes/${changeSet}/undo`, {});
      say(word("undone"));
      document.dispatchEvent(new CustomEvent("page:stale"));
    } catch (refusal) {
      say(refusal.message, "bad");
    }
  });
  return button;
}

/* Let an element glow once, where somebody else changed it. */
export function glow(element) {
  element.classList.remove("glow");
  void element.offsetWidth;
  element.classList.add("glow");
  setTimeout(() => element.classList.remove("glow"), 2000);
}
