/* Pages that stay current: re-read the main column when something it shows has changed. */
import { $, $$, arriving, glow, main, say, visit } from "./core.js";
import { mainAddress, split, visitSplit } from "./panes.js";

const SETTLE_MS = 150;
const REREAD = "Mainstay-Reread";

let stream = null;
let topics = "";
let waiting = 0;
let lost = 0;
let seen = ""; // the place in the log up to which this window has been told

const number = (place) => (/^(\d+)-(\d+)$/.exec(place) ?? []).slice(1).map(BigInt);
function later(one, other) {
  const [a, b] = [number(one), number(other)];
  if (!a.length || !b.length) return a.length ? one : other;
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? one : other;
}

/* The topics of what is shown: the main column, and a record beside its list. */
const shown = () => $$("[data-pane][data-live]").flatMap((pane) => pane.dataset.live.split(","));

/* What stands beside the main column and keeps itself current: the rail's own topics. */
const beside = () => $$("#rail [data-live]").map((part) => part.dataset.live);

function listen() {
  const wanted = [...new Set([...shown(), ...beside()])].filter(Boolean).join(",");
  if (wanted === topics && (stream || !wanted)) return;
  stream?.close();
  stream = null;
  topics = wanted;
  if (!wanted || !window.EventSource) return;
  // What changed between the page's reading and this stream's opening is sent first.
  const since = encodeURIComponent(later(main().dataset.place ?? "", seen));
  const address = `/api/realtime/stream?topics=${encodeURIComponent(wanted)}`;
  stream = new EventSource(`${address}&last_event_id=${since}`);
  stream.addEventListener("record", (event) => {
    const detail = JSON.parse(event.data);
    seen = later(event.lastEventId, seen);
    document.dispatchEvent(new CustomEvent("live:record", { detail }));
    if (beside().includes(detail.resource) && !shown().includes(detail.resource)) return;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, SETTLE_MS);
  });
  stream.addEventListener("reset", refresh);
  stream.addEventListener("looking", (event) => {
    document.dispatchEvent(new CustomEvent("live:looking", { detail: JSON.parse(event.data) }));
  });
  stream.addEventListener("open", () => {
    if (lost) refresh();
    lost = 0;
    document.dispatchEvent(new CustomEvent("live:open"));
  });
  stream.addEventListener("error", () => {
    lost += 1;
    if (lost === 3) say($("#toasts")?.dataset.offline, "bad");
  });
}

/* Somebody is typing, or a module holds something (data-holding): wait with re-reading. */
const busy = () =>
  $("[data-pane][data-holding]") || $("[data-pane] form[data-edit]") || $("[data-pane] details[open] form") || $("[data-pane] :is(input, textarea, select):focus:not([hx-morph-skip] *)");

async function refresh(force = false) {
  clearTimeout(waiting);
  if (document.hidden || (force !== true && busy())) {
    waiting = setTimeout(refresh, 2000);
    return;
  }
  waiting = 0;
  // A view that holds more than one page of rows reads again what is in view, by itself.
  const own = $("#main [data-live-own]");
  const kept = own && !own.dispatchEvent(new CustomEvent("live:refresh", { cancelable: true }));
  if (split()) {
    const own = location.pathname + location.search;
    await visitSplit(own, { swap: "outerMorph", headers: { "HX-Target": "aside#split", [REREAD]: own } });
  }
  if (kept) return;
  const before = new Map($$("#main tr[data-version]").map((row) => [row.id, row.dataset.version]));
  const from = mainAddress();
  const address = new URL(from, location.href);
  const rows = $$("#rows > tr[data-version]").length;
  if (rows > 50) address.searchParams.set("limit", Math.min(rows, 500));
  const top = window.scrollY;
  const headers = { "HX-Target": "main#main", [REREAD]: from };
  await visit(address.pathname + address.search, { swap: "outerMorph", headers });
  window.scrollTo({ top });
  for (const row of $$("#main tr[data-version]")) {
    if (before.size && before.get(row.id) !== row.dataset.version) glow(row);
  }
  document.body.dispatchEvent(new CustomEvent("live:changed"));
}


/* What was read again for a page that has been left meanwhile comes too late. */
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const from = ctx?.request?.headers?.[REREAD];
  if (!from) return;
  const now = ctx.target?.id === "split" ? location.pathname + location.search : mainAddress();
  if (from !== now) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && waiting) refresh();
});
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) { topics = ""; listen(); }
});

document.addEventListener("page:stale", (event) => refresh(event.detail?.force === true));
arriving(listen);
