/* Favourites in the rail: the star, renaming, the order by drag and by keyboard; and what was seen. */
import { $, $$, arriving, csrf, main, say, send, word } from "./core.js";
import { deeds } from "./clicks.js";

const API = "/api/places/favourites";
const SEEN_MS = 800;
const STEP = 1024;
const holder = () => $("#favourites");
const items = () => $$("#favourites .favourite");
const address = () => {
  const url = new URL(location.href);
  for (const name of ["cursor", "limit", "count"]) url.searchParams.delete(name);
  return url.pathname + url.search;
};
const kept = () => items().find((item) => item.dataset.path === address());

function shine() {
  const star = $("#star");
  if (!star) return;
  star.hidden = !holder();
  star.disabled = false;
  star.setAttribute("aria-pressed", String(Boolean(kept())));
}

deeds.star = async () => {
  const known = kept();
  const star = $("#star");
  star?.setAttribute("aria-pressed", String(!known));
  try {
    if (known) {
      const { changeSet } = await send(`${API}/${known.dataset.id}`, undefined, "DELETE");
      say(holder().dataset.wordDropped, "", changeSet);
    } else {
      const title = (document.title.split(" · ")[0] || address()).trim().slice(0, 300);
      const same = $$(".rail-scroll > :is(section, details) .rail-link use, .rail-scroll > .rail-link use");
      const shown = main().dataset.icon ?? same.find((use) => use.closest("a").getAttribute("href") === location.pathname)?.getAttribute("href").split("#tabler-")[1];
      await send(API, { path: address().slice(0, 500), title, icon: shown ?? "star" });
      say(holder().dataset.wordKept);
    }
    await redraw();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  shine();
};

/* Read the rail's part anew: after a change here, and after one in another window. */
let reading = null;
let late = false;
export async function redraw() {
  if (holder()?.matches("[data-holding]")) return;
  // An open menu stays open: what has changed meanwhile is read when it closes.
  late = Boolean($("#favourite-menu")?.matches(":popover-open"));
  if (late) return;
  reading?.abort();
  reading = new AbortController();
  try {
    const answer = await fetch("/places/favourites/rail", { headers: { "HX-Request": "true" }, signal: reading.signal });
    if (!answer.ok) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const focused = document.activeElement?.closest?.(".favourite")?.dataset.id;
    holder().replaceWith(fresh.content.firstElementChild);
    htmx.process(holder());
    start(holder());
    $(`.favourite[data-id="${focused}"] a`, holder())?.focus();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

export function start(section) {
  shine();
  tell();
  section.addEventListener("click", (event) => {
    const more = event.target.closest(".favourite-more");
    if (more) return menu(more);
    const act = event.target.closest("[data-act]");
    if (act) deed(act.dataset.act, items().find((item) => item.dataset.id === $("#favourite-menu").dataset.for));
  });
  section.addEventListener("keydown", (event) => {
    const item = event.target.closest(".favourite");
    if (event.key === "Escape" && $("#favourite-menu").matches(":popover-open")) return $("#favourite-menu").hidePopover();
    if (event.target.closest("#favourite-menu") && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      const all = $$("#favourite-menu [role=menuitem]");
      const step = event.key === "ArrowDown" ? 1 : -1;
      return all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    }
    if (!item || !event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    deed(event.key === "ArrowUp" ? "up" : "down", item);
  });
  dragging(section);
}

function menu(button) {
  const sheet = $("#favourite-menu");
  const item = button.closest(".favourite");
  if (sheet.matches(":popover-open")) sheet.hidePopover();
  sheet.dataset.for = item.dataset.id;
  const { right, bottom, top } = button.getBoundingClientRect();
  sheet.showPopover();
  const height = sheet.offsetHeight;
  sheet.style.left = `${Math.max(8, Math.min(right + 4, innerWidth - sheet.offsetWidth - 8))}px`;
  sheet.style.top = `${bottom + height > innerHeight ? Math.max(8, top - height) : bottom}px`;
  button.setAttribute("aria-expanded", "true");
  sheet.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    if (late) setTimeout(redraw);
    if (document.activeElement === document.body) button.focus();
  }, { once: true });
  $("[role=menuitem]", sheet).focus();
}

async function deed(name, item) {
  const sheet = $("#favourite-menu");
  if (sheet.matches(":popover-open")) sheet.hidePopover();
  if (!item) return;
  if (name === "rename") return rename(item);
  if (name === "up" || name === "down") return shift(item, name === "up" ? -1 : 1);
  try {
    const { changeSet } = await send(`${API}/${item.dataset.id}`, undefined, "DELETE");
    say(holder().dataset.wordDropped, "", changeSet);
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  await redraw();
}

function rename(item) {
  const link = $("a", item);
  const field = Object.assign(document.createElement("input"), { type: "text", value: link.title, maxLength: 300, className: "favourite-name" });
  field.setAttribute("aria-label", holder().dataset.wordName);
  holder().dataset.holding = "";
  link.hidden = true;
  item.prepend(field);
  field.select();
  let over = false;
  const end = async (keep) => {
    if (over) return;
    over = true;
    delete holder().dataset.holding;
    const title = field.value.trim();
    field.remove();
    link.hidden = false;
    try {
      if (keep && title && title !== link.title) await send(`${API}/${item.dataset.id}`, { title }, "PATCH");
    } catch (refusal) {
      say(refusal.message, "bad");
    }
    await redraw();
    $(`.favourite[data-id="${item.dataset.id}"] a`)?.focus();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
    event.stopPropagation();
  });
  field.addEventListener("blur", () => end(true));
}

/* The order is one number for each; only the moved one is written, unless numbers have met. */
async function shift(item, step) {
  const all = items();
  const to = all.indexOf(item) + step;
  if (to < 0 || to >= all.length) return;
  all[to][step < 0 ? "before" : "after"](item);
  $("a", item).focus();
  await settle(item);
}

async function settle(item) {
  const orders = await send(`${API}?limit=200&fields=sort_order`, undefined, "GET");
  const known = new Map(orders.items.map((one) => [String(one.id), one.sort_order]));
  const all = items();
  const at = all.indexOf(item);
  const before = at ? known.get(all[at - 1].dataset.id) : 0;
  const after = at + 1 < all.length ? known.get(all[at + 1].dataset.id) : before + 2 * STEP;
  try {
    if (after - before > 1e-6) await send(`${API}/${item.dataset.id}`, { sort_order: (before + after) / 2 }, "PATCH");
    else for (const [place, one] of all.entries()) await send(`${API}/${one.dataset.id}`, { sort_order: (place + 1) * STEP }, "PATCH");
    $("[role=status]", holder()).textContent = holder().dataset.wordMoved.replace("{num}", at + 1);
  } catch (refusal) {
    say(refusal.message, "bad");
    await redraw();
  }
}

function dragging(section) {
  let held = null;
  section.addEventListener("dragstart", (event) => {
    held = event.target.closest(".favourite");
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.path);
    section.dataset.holding = "";
    held.classList.add("held");
  });
  section.addEventListener("dragover", (event) => {
    const over = event.target.closest(".favourite");
    if (!held || !over || over === held) return held && event.preventDefault();
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    over[event.clientY < top + height / 2 ? "before" : "after"](held);
  });
  section.addEventListener("drop", (event) => event.preventDefault());
  section.addEventListener("dragend", async () => {
    const item = held;
    held = null;
    item?.classList.remove("held");
    delete section.dataset.holding;
    if (item) await settle(item);
  });
}

document.addEventListener("live:record", (event) => {
  if (event.detail?.resource === "places.favourite") redraw();
});

/* Tell which record was opened, once it has been looked at; a page fetched ahead is not shown. */
let told = "";
let telling = 0;
function tell() {
  clearTimeout(telling);
  const { resource = "", record = "" } = main()?.dataset ?? {};
  const home = location.pathname === "/";
  const now = home ? "home" : resource && record ? `${resource}:${record}` : "";
  if (!now || now === told) { told = now && told; return; }
  telling = setTimeout(async () => {
    if (document.hidden) return;
    told = now;
    const body = home ? {} : { entity: resource, record_id: Number(record) };
    await fetch("/places/seen", {
      method: "POST", keepalive: true, body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    }).catch(() => { told = ""; });
  }, SEEN_MS);
}

arriving(() => { shine(); tell(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
