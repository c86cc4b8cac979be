/* Pages that stay current: re-read the main column when something it shows has changed. */
import { $, $$, arriving, glow, main, say, visit } from "./core.js";

const SETTLE_MS = 150;

let stream = null;
let topics = "";
let waiting = 0;
let lost = 0;

function listen() {
  const wanted = main()?.dataset.live ?? "";
  if (wanted === topics && (stream || !wanted)) return;
  stream?.close();
  stream = null;
  topics = wanted;
  if (!wanted || !window.EventSource) return;
  // What changed between the page's reading and this stream's opening is sent first.
  const since = encodeURIComponent(main().dataset.place ?? "");
  const address = `/api/realtime/stream?topics=${encodeURIComponent(wanted)}`;
  stream = new EventSource(`${address}&last_event_id=${since}`);
  stream.addEventListener("record", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, SETTLE_MS);
  });
  stream.addEventListener("reset", refresh);
  stream.addEventListener("open", () => {
    if (lost) refresh();
    lost = 0;
  });
  stream.addEventListener("error", () => {
    lost += 1;
    if (lost === 3) say($("#toasts")?.dataset.offline, "bad");
  });
}

/* Somebody is typing, or a module holds something (data-holding): wait with re-reading. */
const busy = () =>
  main()?.matches("[data-holding]") || $("#main form[data-edit]") || $("#main details[open] form") || $("#main :is(input, textarea, select):focus");

async function refresh() {
  if (document.hidden || busy()) {
    waiting = setTimeout(refresh, 2000);
    return;
  }
  const before = new Map($$("#main tr[data-version]").map((row) => [row.id, row.dataset.version]));
  const address = new URL(location.href);
  const rows = $$("#rows > tr[data-version]").length;
  if (rows > 50) address.searchParams.set("limit", Math.min(rows, 500));
  const top = window.scrollY;
  await visit(address.pathname + address.search, { swap: "outerMorph" });
  window.scrollTo({ top });
  for (const row of $$("#main tr[data-version]")) {
    if (before.size && before.get(row.id) !== row.dataset.version) glow(row);
  }
  document.body.dispatchEvent(new CustomEvent("live:changed"));
}


document.addEventListener("visibilitychange", () => {
  if (!document.hidden && waiting) refresh();
});
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) { topics = ""; listen(); }
});

document.addEventListener("page:stale", refresh);
arriving(listen);
