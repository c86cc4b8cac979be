/* Who else looks at this record: told every 25 seconds and on leaving, shown as faces at the top. */
import { $, csrf } from "./core.js";

const EVERY_MS = 25_000;
const SOON_MS = 120;
const SHOWN = 4;
const own = crypto.getRandomValues(new Uint32Array(2)).join("-");

let topic = ""; // what this window has said that it looks at
let timer = 0;
let soon = 0;

const place = () => $("#split [data-looking]") ?? $("#main [data-looking]");

function tell(entity, id, gone) {
  return fetch("/api/realtime/looking", {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    body: JSON.stringify({ entity, id: Number(id), window: own, gone }),
  });
}

function left() {
  clearTimeout(timer);
  if (!topic) return;
  const [entity, id] = topic.split(":");
  topic = "";
  tell(entity, id, true).catch(() => {}); // who is gone in a minute anyway
}

async function look() {
  clearTimeout(timer);
  const element = place();
  const now = element && !document.hidden ? `${element.dataset.looking}:${element.dataset.id}` : "";
  if (topic && topic !== now) left();
  if (!now) return;
  topic = now;
  timer = setTimeout(look, EVERY_MS);
  try {
    const answer = await tell(element.dataset.looking, element.dataset.id, false);
    draw(place() ?? element, answer.ok ? (await answer.json()).people : []);
  } catch {
    draw(element, []); // not reachable: nobody can be shown
  }
}

function draw(element, people) {
  const shown = people.slice(0, SHOWN).map((one) => {
    const face = document.createElement("span");
    face.className = `avatar hue-${one.hue}`;
    face.textContent = one.letters;
    face.title = element.dataset.says.replace("{name}", one.name);
    face.setAttribute("role", "img");
    face.setAttribute("aria-label", face.title);
    return face;
  });
  if (people.length > SHOWN) {
    const rest = document.createElement("span");
    rest.className = "avatar rest";
    rest.textContent = `+${people.length - SHOWN}`;
    rest.title = people.slice(SHOWN).map((one) => one.name).join(", ");
    shown.push(rest);
  }
  element.replaceChildren(...shown);
  element.classList.toggle("somebody", shown.length > 0);
}

document.addEventListener("live:looking", (event) => {
  if (event.detail.topic === `looking:${topic}`) lookSoon();
});
document.addEventListener("live:open", lookSoon);
document.addEventListener("visibilitychange", () => (document.hidden ? left() : lookSoon()));
window.addEventListener("pagehide", left);
document.addEventListener("htmx:after:swap", () => queueMicrotask(() => {
  const element = place();
  const now = element ? `${element.dataset.looking}:${element.dataset.id}` : "";
  if (topic && now !== topic) left();
  if (now !== topic) lookSoon();
}));
document.addEventListener("split:closed", () => { left(); lookSoon(); });

/* Several reasons at once (a page, its stream) are one look. */
function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(look, SOON_MS);
}

export const start = lookSoon;
