/* The frame of a list: sheets under their buttons, options, what is remembered, saved views. */
import { $, $$, arriving, dialog, main, say, send, visit } from "./core.js";

export const frame = () => $("#main .list-tools");
const narrow = matchMedia("(max-width: 640px)");
let pressed = null;
let opened = null;
let remembering = false;

/* ---- sheets: popovers that hang under the button that opened them ---- */

/* A rule rather than a style attribute: a swap would copy that, which the content policy forbids. */
const places = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, places];

export function hang(sheet, anchor) {
  opened = anchor;
  places.replaceSync("");
  if (narrow.matches || !anchor) return;
  const gap = 4;
  const edge = 8;
  const from = anchor.getBoundingClientRect();
  const size = sheet.getBoundingClientRect();
  const below = innerHeight - from.bottom - gap - edge;
  const above = from.top - gap - edge;
  const up = sheet.dataset.pop === "above" || (size.height > below && above > below);
  const start = getComputedStyle(sheet).direction === "rtl" ? from.right - size.width : from.left;
  const left = Math.max(edge, Math.min(start, innerWidth - size.width - edge));
  const top = up ? Math.max(edge, from.top - gap - Math.min(size.height, above)) : from.bottom + gap;
  places.replaceSync(`#${sheet.id}.pop { left: ${left}px; top: ${top}px; max-height: ${up ? above : below}px; }`);
}

/* Re-reading waits while a sheet is open; what another part holds is left to it. */
let held = false;
export function hold() {
  const open = $("#main [data-pop]:popover-open") !== null;
  if (open !== held || open) main()?.toggleAttribute("data-holding", open);
  held = open;
}

document.addEventListener("click", (event) => {
  pressed = event.target.closest("[popovertarget]") ?? pressed;
}, true);

document.addEventListener("toggle", (event) => {
  const sheet = event.target;
  if (!sheet.matches?.("[data-pop]")) return;
  hold();
  const opener = $(`[popovertarget="${sheet.id}"]`);
  opener?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open" || sheet.id === "filter-sheet") return;
  hang(sheet, pressed?.getAttribute("popovertarget") === sheet.id ? pressed : opener);
  $("[aria-current], a, button, select, input", sheet)?.focus({ preventScroll: true });
}, true);

/* Escape shuts the sheet and nothing else; the focus goes back to where it was opened. */
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && $("[data-pop]:popover-open");
  if (!open) return;
  open.hidePopover();
  (opened?.isConnected ? opened : $(`[popovertarget="${open.id}"]`))?.focus({ preventScroll: true });
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("keydown", (event) => {
  const sheet = event.target.closest?.("[data-pop]:not(#filter-sheet)");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!sheet || !step || event.target.matches("select, input")) return;
  const items = $$("a, button", sheet);
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  next?.focus();
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-pop] .menu-item");
  if (item && !item.closest("#filter-sheet")) item.closest("[data-pop]").hidePopover();
});

/* ---- options, and what is remembered of them ---- */

export const go = (params) => visit(`${frame().dataset.plain}?${params}`, { swap: "outerMorph", push: "true" });

document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-option]");
  if (!input || !frame()) return;
  const params = new URLSearchParams(frame().dataset.state);
  const same = $$(`[data-option][name="${CSS.escape(input.name)}"]`);
  const value = input.type === "checkbox" ? same.filter((one) => one.checked).map((one) => one.value).join(",") : input.value;
  if (value) params.set(input.name, value);
  else params.delete(input.name);
  remembering = true;
  go(params);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#main a[data-remember], #main th[scope] a")) remembering = true;
}, true);

async function remember(again = true) {
  const { remember: address, keyOf, way, address: here } = frame()?.dataset ?? {};
  if (!address || new URL(here, location.href).searchParams.has("v")) return;
  try {
    await send(address, { entity: keyOf, query: way });
  } catch (refusal) {
    // Two windows may begin to remember at the same moment; the second finds what the first wrote.
    if (refusal.status === 409 && again) await remember(false);
    else say(refusal.message, "bad");
  }
}
document.addEventListener("list:remember", () => remember());

/* A bare address shows what it stands for, so that a reload and a copied link show the same. */
function settleAddress() {
  const { address, plain } = frame()?.dataset ?? {};
  if (address && location.pathname === plain && !location.search && address !== plain) {
    history.replaceState(history.state, "", address + location.hash);
  }
}
document.addEventListener("htmx:after:history:update", settleAddress);

arriving(() => {
  settleAddress();
  hold();
  if (!remembering) return;
  remembering = false;
  remember();
});
settleAddress();

/* ---- copying ---- */

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without a secure address the clipboard is only reached through a selection.
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-query], [data-copy-list]");
  if (!button || !frame()) return;
  const link = new URL(frame().dataset.address, location.href).href;
  await copy(button.hasAttribute("data-copy-list") ? link : button.dataset.copyQuery);
  say(frame().dataset.copied);
});

/* ---- saved views ---- */

function form(title, save) {
  const body = $("#dialog-body");
  body.replaceChildren($("#view-form").content.cloneNode(true));
  $("h2", body).id = "dialog-title";
  const fields = $("form[data-view-form]", body);
  fields.elements.title.value = title;
  fields.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(fields));
    try {
      await save(said);
      dialog().close();
    } catch (refusal) {
      const note = $("[role=alert]", fields);
      note.textContent = refusal.message;
      note.hidden = false;
      fields.elements.title.focus();
    }
  });
  dialog().showModal();
  fields.elements.title.select();
  return fields;
}

const saved = (id) => visit(`${frame().dataset.plain}?v=${id}`, { swap: "outerHTML", push: "true" });
const stale = () => visit(frame().dataset.address, { swap: "outerMorph" });

const deeds = {
  async new({ api, way, key, words }) {
    form("", async (said) => {
      const made = await send(api, { shared: "personal", ...said, entity: key, query: way });
      say(words, "", made.changeSet);
      saved(made.id);
    });
  },
  async rename({ one, title }) {
    const fields = form(title, async ({ title: name }) => {
      await send(one, { title: name }, "PATCH");
      stale();
    });
    fields.elements.shared?.closest(".field").remove();
  },
  async update({ one, id, way, words }) {
    const done = await send(one, { query: way }, "PATCH");
    say(words, "", done.changeSet);
    saved(id);
  },
  async duplicate({ one }) {
    saved((await send(`${one}/duplicate`, {})).id);
  },
  async share({ one }) { await send(one, { shared: "everyone" }, "PATCH"); stale(); },
  async unshare({ one }) { await send(one, { shared: "personal" }, "PATCH"); stale(); },
  async make_usual({ one, whom }) { await send(`${one}/make_usual`, { whom }); stale(); },
  async drop_usual({ one, whom }) { await send(`${one}/drop_usual`, { whom }); stale(); },
  async move({ one, before }) {
    await send(`${one}/move`, { before_id: before ? Number(before) : null });
    stale();
  },
  async delete({ one, way, plain }) {
    const done = await send(one, undefined, "DELETE");
    say(frame().dataset.viewDeleted, "", done.changeSet);
    visit(`${plain}?${way}`, { swap: "outerHTML", push: "true" });
  },
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-view-do]");
  if (!button || !frame()) return;
  const { views: api, way, keyOf: key, plain, viewSaved: words } = frame().dataset;
  const { view: id, title } = button.closest("[data-view]")?.dataset ?? {};
  const { whom, before, viewDo } = button.dataset;
  try {
    await deeds[viewDo]({ api, way, key, plain, words, id, title, whom, before, one: `${api}/${id}` });
  } catch (refusal) {
    say(refusal.message, "bad");
  }
});
