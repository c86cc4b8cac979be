/* Records in time, whatever draws them: how a gesture changes their dates, and how that is kept. */
import { say, send } from "./core.js";
import { moved, said } from "./dates.js";

export const START_PX = 4;
export const HOLD_MS = 350;
export const PAUSE_MS = 900;
export const STEP = 15;

export const kindsOf = (root) => [root.dataset.startsKind, root.dataset.endsKind || root.dataset.startsKind];
export const valuesOf = (item) => [item.dataset.starts, item.dataset.ends];
export const inWords = (root, next) => said(...next, kindsOf(root), root.dataset.zone);

/* Whether an end can be changed alone: there are two dates, and both are days or both are moments. */
export function stretches(root) {
  const [first, last] = kindsOf(root);
  return Boolean(root.dataset.ends) && first === last;
}

/* Both dates after a change of one of them or of both; an end never comes before its start. */
export function changed(root, item, mode, days, minutes = 0) {
  const { zone } = root.dataset;
  const kinds = kindsOf(root);
  let [first, last] = valuesOf(item);
  if (mode === "move") {
    return [moved(first, kinds[0], zone, days, minutes), moved(last, kinds[1], zone, days, minutes)];
  }
  if (!stretches(root)) return null;
  first ||= last;
  last ||= first;
  const least = kinds[0] === "date" ? 0 : STEP;
  if (mode === "end") {
    const soonest = moved(first, kinds[0], zone, 0, least);
    last = moved(last, kinds[1], zone, days, minutes);
    if (last < soonest) last = soonest;
  } else {
    const latest = moved(last, kinds[1], zone, 0, -least);
    first = moved(first, kinds[0], zone, days, minutes);
    if (first > latest) first = latest;
  }
  return [first, last];
}

/* Write the new dates; `settled` is called when the page shows them, or when they were refused. */
export async function keep(root, item, [first, last], done) {
  let waiting = true;
  const settled = () => { if (waiting) { waiting = false; done(); } };
  const body = { version: Number(item.dataset.version) };
  if (first && first !== item.dataset.starts) body[root.dataset.starts] = first;
  if (last && root.dataset.ends && last !== item.dataset.ends) body[root.dataset.ends] = last;
  const count = Object.keys(body).length - 1;
  if (!count) return settled();
  const both = count === 2 || !(item.dataset.starts && item.dataset.ends);
  try {
    const kept = await send(`${root.dataset.path}/${item.dataset.id}`, body, "PATCH");
    Object.assign(item.dataset, { version: kept.version, starts: first ?? "", ends: last ?? "" });
    const words = root.dataset[both ? "moved" : "resized"];
    say(words.replace("{when}", inWords(root, [first, last])), "", kept.changeSet);
    document.body.addEventListener("live:changed", settled, { once: true });
    setTimeout(settled, 1500);
  } catch (refusal) {
    settled();
    say(refusal.message, "bad");
  }
  document.dispatchEvent(new CustomEvent("page:stale"));
}
