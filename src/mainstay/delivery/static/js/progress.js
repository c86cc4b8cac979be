/* The corner where long work is followed: bulk changes, imports. It survives a reload. */
import { $, $$, arriving, say, send } from "./core.js";

const SETTLE_MS = 250;
const HIDDEN = "mainstay_work_hidden";

let stream = null;
let listening = "";
let waiting = 0;
let shown = 0;

const tray = () => $("#tray");
const hidden = () => new Set(JSON.parse(sessionStorage.getItem(HIDDEN) ?? "[]"));

async function read() {
  clearTimeout(waiting);
  waiting = 0;
  const mine = (shown += 1);
  const answer = await fetch(tray().dataset.source, { headers: { "HX-Request": "true" } });
  if (!answer.ok || mine !== shown) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const gone = hidden();
  const works = $$(".work", fresh).filter((one) => !gone.has(one.dataset.work));
  const focused = document.activeElement?.closest?.(".work")?.dataset.work;
  const ended = $$(".work:has(progress)", tray()).length > works.filter((one) => $("progress", one)).length;
  tray().replaceChildren(...works);
  if (focused) $(`[data-work="${CSS.escape(focused)}"] button`, tray())?.focus();
  listen($("[data-topics]", fresh)?.dataset.topics ?? "");
  if (ended) document.dispatchEvent(new CustomEvent("page:stale"));
}

/* Only while something goes on is there a stream of its own. */
function listen(topics) {
  if (topics === listening) return;
  stream?.close();
  stream = null;
  listening = topics;
  if (!topics) return;
  stream = new EventSource(`/api/realtime/stream?topics=${encodeURIComponent(topics)}`);
  for (const name of ["record", "reset"]) stream.addEventListener(name, soon);
  // What was said before the stream was open is read once.
  stream.addEventListener("open", soon);
}

function soon() {
  waiting ||= setTimeout(read, SETTLE_MS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-work-do]");
  if (!button) return;
  const { workDo, api } = button.dataset;
  const work = button.closest(".work");
  if (workDo === "hide") {
    sessionStorage.setItem(HIDDEN, JSON.stringify([...hidden(), work.dataset.work].slice(-100)));
    work.remove();
    return;
  }
  try {
    await send(`${api}/${workDo}`, {});
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  read();
});

document.addEventListener("work:begun", () => { document.dispatchEvent(new CustomEvent("page:stale")); read(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && tray()) soon(); });
window.addEventListener("pagehide", () => stream?.close());
arriving(() => { if (location.pathname.startsWith("/import/")) soon(); });

export const start = () => read();
