/* Files of a record: dropped, pasted, chosen or photographed; each with its progress. */
import { $, $$, csrf, dialog, main, say, send } from "./core.js";

const AT_ONCE = 3;
const READ_BYTES = 200_000;
let busy = 0;
const waiting = [];

export const href = (file) => `/file/${file.id}/${encodeURIComponent(file.name)}`;
const box = (element) => element?.closest("[data-pane]") ?? main();
const stale = () => document.dispatchEvent(new CustomEvent("page:stale"));
const zone = (root = document) => $("[data-module~=files][data-entity]", root);

/* Send one file; the row in `list` shows how far it is, cancels it, and tries again. */
export function upload(file, { entity, record, first = "", list }) {
  const words = zone(box(list))?.dataset ?? {};
  return new Promise((resolve, reject) => {
    const row = shown(file, words);
    list.hidden = false;
    list.append(row.item);
    const ended = () => {
      if (!list.children.length) list.hidden = true;
    };
    const drop = () => {
      row.item.remove();
      ended();
    };
    const go = () => {
      const request = new XMLHttpRequest();
      row.cancel.onclick = () => {
        request.abort();
        drop();
        reject(new DOMException("", "AbortError"));
      };
      transmit(request, file, { entity, record, first }, row).then(
        (made) => {
          drop();
          resolve(made);
        },
        (why) => {
          // What was refused for what it is stays refused; the rest may fare better next time.
          const again = !why.status || why.status >= 500 || why.status === 409 || why.status === 429;
          row.failed(why.message || words.lost, again && (() => queue(go)), () => {
            drop();
            reject(why);
          });
        },
      );
      return request;
    };
    const most = Number(words.most ?? 0);
    if (most && file.size > most) row.failed(`${words.tooLarge}`, null, () => { drop(); reject(new Error(words.tooLarge)); });
    else if (!file.size) row.failed(words.empty, null, () => { drop(); reject(new Error(words.empty)); });
    else queue(go);
  });
}

/* A few at once; the others wait for their turn. */
function queue(go) {
  if (busy >= AT_ONCE) return waiting.push(go);
  busy += 1;
  go().addEventListener("loadend", () => {
    busy -= 1;
    const next = waiting.shift();
    if (next) queue(next);
  });
  return busy;
}

function transmit(request, file, { entity, record, first }, row) {
  const query = new URLSearchParams({ entity, record_id: record, name: file.name });
  if (first) query.set("first_id", first);
  return new Promise((resolve, reject) => {
    request.open("POST", `/api/files/upload?${query}`);
    request.setRequestHeader("X-CSRF-Token", csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) row.at(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      if (request.status === 201) resolve({ ...answer, changeSet: request.getResponseHeader("X-Change-Set") });
      else reject(Object.assign(new Error(answer.detail ?? ""), { status: request.status }));
    });
    request.addEventListener("error", () => reject(new Error("")));
    request.send(file);
  });
}

/* One line: name, how far, cancel; after a refusal the reason and a way to try again. */
function shown(file, words) {
  const item = document.createElement("li");
  item.className = "upload";
  const name = Object.assign(document.createElement("span"), { className: "grow", textContent: file.name });
  const bar = Object.assign(document.createElement("progress"), { className: "progress", max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  const note = Object.assign(document.createElement("span"), { className: "note" });
  note.setAttribute("role", "status");
  const cancel = button(words.cancel ?? "×", `${words.cancel ?? ""} ${file.name}`);
  item.append(name, bar, note, cancel);
  return {
    item,
    cancel,
    at(share) {
      bar.value = share;
      note.textContent = `${Math.round(share * 100)} %`;
    },
    failed(why, again, drop) {
      item.classList.add("failed");
      bar.hidden = true;
      note.textContent = why || words.lost;
      note.setAttribute("role", "alert");
      cancel.textContent = words.dismiss;
      cancel.setAttribute("aria-label", `${words.dismiss} ${file.name}`);
      const retry = again && button(words.retry, `${words.retry} ${file.name}`);
      if (retry) {
        retry.onclick = () => {
          retry.remove();
          item.classList.remove("failed");
          cancel.textContent = words.cancel;
          bar.hidden = false;
          bar.value = 0;
          again();
        };
        cancel.before(retry);
      }
      cancel.onclick = drop;
    },
  };
}

function button(text, label) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "plain small-button", textContent: text });
  made.setAttribute("aria-label", label.trim());
  return made;
}

async function attach(place, files, first = "") {
  const { entity, record } = place.dataset;
  const list = $(".uploads", place);
  const chosen = [...files];
  const made = await Promise.allSettled(chosen.map((file) => upload(file, { entity, record, first, list })));
  const fine = made.filter((one) => one.status === "fulfilled");
  if (!fine.length) return;
  say(place.dataset.done, "", fine.length === 1 ? fine[0].value.changeSet : 0);
  stale();
}

/* ---- looking ---- */

let lookers = null;

function looking(place) {
  if (lookers?.isConnected) return lookers;
  lookers = document.createElement("dialog");
  lookers.className = "lightbox";
  lookers.innerHTML = '<div class="lightbox-bar"><b class="grow"></b><span class="count"></span><a class="button small-button keep"></a><button class="button small-button keep" type="button" data-shut autofocus></button></div><button class="button square keep" type="button" data-step="-1">‹</button><figure></figure><button class="button square keep" type="button" data-step="1">›</button>';
  const { previous, next, close, download } = place.dataset;
  const [back, on] = $$("[data-step]", lookers);
  back.setAttribute("aria-label", previous);
  on.setAttribute("aria-label", next);
  $("[data-shut]", lookers).textContent = close;
  $("a", lookers).textContent = download;
  lookers.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) turn(Number(step.dataset.step));
    else if (event.target.closest("[data-shut]") || event.target === lookers || event.target.tagName === "FIGURE") lookers.close();
  });
  lookers.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") turn(1);
    else if (event.key === "ArrowLeft") turn(-1);
    else return;
    event.preventDefault();
  });
  document.body.append(lookers);
  return lookers;
}

let row = [];
let at = 0;

function look(place, id) {
  row = $$("[data-file]", place).filter((one) => ["image", "text"].includes(one.dataset.shown)).map((one) => ({ ...one.dataset }));
  at = Math.max(0, row.findIndex((one) => one.file === id));
  const shown = looking(place);
  shown.dataset.cut = place.dataset.cut;
  draw();
  if (!shown.open) shown.showModal();
}

function turn(step) {
  at = (at + step + row.length) % row.length;
  draw();
}

async function draw() {
  const one = row[at];
  const figure = $("figure", lookers);
  $("b", lookers).textContent = one.name;
  $(".count", lookers).textContent = row.length > 1 ? `${at + 1} / ${row.length}` : "";
  $("a", lookers).href = one.href;
  $("a", lookers).setAttribute("download", one.name);
  lookers.setAttribute("aria-label", one.name);
  for (const step of $$("[data-step]", lookers)) step.hidden = row.length < 2;
  if (one.shown === "image") {
    const picture = Object.assign(new Image(), { src: `${one.href}?inline=1`, alt: one.name });
    figure.replaceChildren(picture);
    return;
  }
  const text = document.createElement("pre");
  text.tabIndex = 0;
  figure.replaceChildren(text);
  const answer = await fetch(`${one.href}?inline=1`, { headers: { Range: `bytes=0-${READ_BYTES - 1}` } });
  const words = new TextDecoder().decode(await answer.arrayBuffer());
  if (row[at] !== one) return;
  // As text, never as HTML: nothing in a file is read as part of the page.
  text.textContent = answer.ok ? words : answer.statusText;
  const whole = Number(answer.headers.get("Content-Range")?.split("/")[1] ?? 0);
  if (whole > READ_BYTES) figure.append(Object.assign(document.createElement("p"), { textContent: lookers.dataset.cut }));
}

/* ---- the page ---- */

const carries = (event) => event.dataTransfer?.types.includes("Files");
const target = (event) => {
  const place = zone(box(event.target instanceof Element ? event.target : document.body)) ?? zone();
  return place && "mayAdd" in place.dataset ? place : null;
};
let leaving = 0;

document.addEventListener("dragover", (event) => {
  const place = carries(event) && target(event);
  if (!place) return;
  event.preventDefault();
  clearTimeout(leaving);
  box(place).dataset.dropping = place.dataset.drop;
  leaving = setTimeout(() => delete box(place).dataset.dropping, 200);
});

document.addEventListener("drop", (event) => {
  const place = carries(event) && target(event);
  if (!place || event.defaultPrevented) return;
  event.preventDefault();
  attach(place, event.dataTransfer.files);
});

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files;
  if (!files?.length || event.defaultPrevented || event.target.closest("input, textarea, [contenteditable]")) return;
  const place = target(event);
  if (place) attach(place, files);
});

document.addEventListener("change", (event) => {
  const input = event.target.closest?.("[data-pick]");
  if (!input?.files.length) return;
  attach(input.closest("[data-entity]"), [...input.files], input.dataset.first);
  input.value = "";
  const menu = input.closest("details.menu");
  if (menu) menu.open = false;
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-look]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    look(link.closest("[data-entity]"), link.closest("[data-file]").dataset.file);
  }
  const gone = event.target.closest("[data-remove]");
  if (!gone) return;
  const { removed } = gone.closest("[data-entity]").dataset;
  try {
    const change = await send(`/api/files/files/${gone.dataset.remove}`, undefined, "DELETE");
    say(removed, "", change.changeSet);
    stale();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
});

/* The form in the dialog: names and descriptions go to the API. */
async function save(event) {
  event.preventDefault();
  const form = event.target;
  const body = { name: form.elements.name.value, description: form.elements.description.value, version: Number(form.dataset.version) };
  if (form.elements.is_public) body.is_public = form.elements.is_public.checked;
  try {
    await send(`/api/files/files/${form.dataset.editFile}`, body, "PATCH");
    dialog().close();
    stale();
  } catch (refusal) {
    const note = $(".note.bad", form);
    note.textContent = refusal.message;
    note.hidden = false;
  }
}

export function start(element) {
  // On a slow line somebody may have chosen files before this script was there.
  for (const input of $$("[data-pick]", element)) {
    if (input.files?.length) input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (element.dataset.editFile) element.addEventListener("submit", save);
}
