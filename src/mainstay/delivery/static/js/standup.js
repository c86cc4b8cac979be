/* A stand-up: everybody's own form, which nobody else's saving touches, and a timer for turns. */
import { $, $$, say, send } from "./core.js";

const stale = () => document.dispatchEvent(new CustomEvent("page:stale", { detail: { force: true } }));
const SKIP = "hx-morph-skip";

/* What somebody is writing stays as it is while the page is read again around it. */
const changed = (form) => $$("textarea, input", form).some((one) =>
  one.type === "radio" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
const hold = (form) => form.setAttribute(SKIP, "");
const release = (form) => { if (!changed(form)) form.removeAttribute(SKIP); };

document.addEventListener("focusin", (event) => {
  const form = event.target.closest("[data-say], .meeting-notes");
  if (form) hold(form);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest("[data-say]");
  if (form && !form.contains(event.relatedTarget)) release(form);
});

document.addEventListener("input", (event) => {
  const text = event.target.closest("[data-guess]");
  if (text) text.classList.remove("guessed");
});

function toggle(button, open) {
  const form = document.getElementById(button.dataset.open);
  const slot = form.closest(".say-slot");
  slot.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  const shown = $("[data-shown]", slot.closest(".speaker"));
  if (shown) shown.hidden = open;
  if (open) $("textarea", form).focus();
  else { form.reset(); form.removeAttribute(SKIP); stale(); }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-open], [data-shut], [data-clear], [data-insert]");
  if (!target) return;
  const form = target.closest("[data-say]");
  if (target.dataset.open) toggle(target, target.getAttribute("aria-expanded") !== "true");
  else if (target.dataset.shut !== undefined) toggle($("[data-open]", target.closest(".speaker")), false);
  else if (target.dataset.clear !== undefined) {
    const text = $("[data-guess]", form);
    text.value = "";
    text.classList.remove("guessed");
    text.focus();
  } else {
    const text = $("[name=today]", form);
    text.value = [text.value.trim(), target.dataset.insert].filter(Boolean).join("\n");
    hold(form);
    text.focus();
    target.hidden = true;
  }
});

async function speak(form) {
  const trouble = $("[role=alert]", form);
  const button = $("[type=submit]", form);
  const given = Object.fromEntries(new FormData(form));
  const { sprint, date, user, version } = form.dataset;
  const body = { sprint_id: Number(sprint), date, user_id: Number(user), version: Number(version), ...given };
  if (given.mood) body.mood = Number(given.mood);
  trouble.hidden = true;
  button.disabled = true;
  try {
    const made = await send("/api/scrum/standup-updates/say", body);
    form.dataset.version = made.version;
    form.removeAttribute(SKIP);
    say(form.dataset.said, "", made.changeSet);
    document.activeElement?.blur();
    // What was said is drawn in the form's place; the form starts from it next time.
    form.closest(".speaker").removeAttribute("id");
    stale();
  } catch (refusal) {
    trouble.textContent = refusal.message;
    trouble.hidden = false;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-say]");
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  speak(form);
}, true);

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-say]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

/* Notes are kept when one leaves the field. */
document.addEventListener("change", async (event) => {
  const field = event.target.closest("[data-notes]");
  if (!field) return;
  const { standup, sprint, date, version } = field.dataset;
  const known = { notes: field.value };
  try {
    const made = standup
      ? await send(`/api/scrum/standups/${standup}`, { ...known, version: Number(version) }, "PATCH")
      : await send("/api/scrum/standups", { ...known, sprint_id: Number(sprint), date });
    Object.assign(field.dataset, { standup: made.id, version: made.version });
    field.removeAttribute(SKIP);
    say(field.dataset.said, "", made.changeSet);
    stale();
  } catch (refusal) {
    say(refusal.message, "bad");
  }
});

/* ---- the timer: the time is shared out among those who are expected; it runs in this window ---- */

const timer = { order: [], at: -1, left: 0, each: 60, tick: 0 };
const clock = (seconds) => `${seconds < 0 ? "+" : ""}${Math.floor(Math.abs(seconds) / 60)}:${String(Math.abs(seconds) % 60).padStart(2, "0")}`;

function draw() {
  const box = $("[data-timer]");
  if (!box) return halt();
  const running = timer.tick !== 0;
  const on = timer.at >= 0;
  $("[data-timer-start]", box).hidden = running;
  $("[data-timer-pause]", box).hidden = !running;
  $("[data-timer-next]", box).hidden = !on;
  $("[data-timer-stop]", box).hidden = !on;
  for (const card of $$("[data-speaker]")) card.toggleAttribute("data-speaking", on && card.dataset.speaker === timer.order[timer.at]);
  if (!on) return;
  const name = $(`[data-speaker="${timer.order[timer.at]}"]`)?.dataset.name ?? "";
  $("[data-left]", box).textContent = clock(timer.left);
  $("[data-who]", box).textContent = timer.left < 0 ? `${name}, ${box.dataset.over}` : name;
  box.classList.toggle("late", timer.left < 0);
  box.classList.toggle("soon", timer.left >= 0 && timer.left <= 15);
}

function halt() {
  clearInterval(timer.tick);
  timer.tick = 0;
}

function run() {
  halt();
  timer.tick = setInterval(() => { timer.left -= 1; draw(); }, 1000);
}

function turn(box) {
  timer.at += 1;
  timer.left = timer.each;
  if (timer.at >= timer.order.length) {
    stop(box);
    $("[data-who]", box).textContent = box.dataset.all;
    $("[data-live-word]", box).textContent = box.dataset.all;
    return;
  }
  const card = $(`[data-speaker="${timer.order[timer.at]}"]`);
  $("[data-live-word]", box).textContent = box.dataset.turn.replace("{name}", card?.dataset.name ?? "");
  card?.scrollIntoView({ block: "nearest" });
  run();
  draw();
}

function stop(box) {
  halt();
  Object.assign(timer, { order: [], at: -1 });
  box.classList.remove("late", "soon");
  $("[data-left]", box).textContent = "–:––";
  $("[data-who]", box).textContent = box.dataset.idle;
  draw();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-timer]");
  if (!box) return;
  const hit = (name) => event.target.closest(`[data-timer-${name}]`);
  if (hit("start")) {
    if (timer.at >= 0) { run(); return draw(); }
    const cards = $$("[data-speaker][data-expected]");
    timer.order = cards.map((card) => card.dataset.speaker);
    const minutes = Number(box.closest("[data-minutes]").dataset.minutes);
    timer.each = Math.max(15, Math.round((minutes * 60) / Math.max(1, cards.length)));
    turn(box);
  } else if (hit("pause")) { halt(); draw(); }
  else if (hit("next")) turn(box);
  else if (hit("stop")) stop(box);
});

document.addEventListener("htmx:after:swap", () => { if ($("[data-timer]")) draw(); else if (timer.at >= 0) { halt(); timer.at = -1; } });

export function start() {
  if (timer.at >= 0) draw();
}
