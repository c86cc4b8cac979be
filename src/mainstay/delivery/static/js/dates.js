/* Days and moments for views in time: a day is never shifted by a zone, a moment is read in the reader's. */

const DAY = 86_400_000;
const number = (day) => Date.parse(`${day}T00:00:00Z`);

export const addDays = (day, count) => new Date(number(day) + count * DAY).toISOString().slice(0, 10);
export const daysFrom = (first, last) => Math.round((number(last) - number(first)) / DAY);

const clocks = new Map();
function clock(zone) {
  if (!clocks.has(zone)) {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    clocks.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", ...parts }));
  }
  return clocks.get(zone);
}

/* A moment as a clock in this zone shows it: 2026-11-20T09:00:00. */
export function local(moment, zone) {
  const said = Object.fromEntries(clock(zone).formatToParts(new Date(moment)).map((part) => [part.type, part.value]));
  return `${said.year}-${said.month}-${said.day}T${said.hour}:${said.minute}:${said.second}`;
}

/* The moment when a clock in this zone shows this; where it never does, the hour after the gap. */
export function moment(shown, zone) {
  const wanted = Date.parse(`${shown}Z`);
  let at = wanted;
  for (let turn = 0; turn < 2; turn += 1) at = wanted - (Date.parse(`${local(at, zone)}Z`) - at);
  const off = wanted - Date.parse(`${local(at, zone)}Z`);
  return new Date(off > 0 ? at + off : at).toISOString();
}

/* A stored value moved by days and minutes on the reader's clock; days keep being days. */
export function moved(value, kind, zone, days, minutes = 0) {
  if (!value) return value;
  if (kind === "date") return addDays(value, days);
  const shown = local(value, zone);
  const later = new Date(Date.parse(`${shown}Z`) + days * DAY + minutes * 60_000).toISOString().slice(0, 19);
  return moment(later, zone);
}

/* The day of a stored value, for this reader. */
export const dayOf = (value, kind, zone) => (kind === "date" ? value : local(value, zone).slice(0, 10));

/* One or two stored values in words. */
export function said(first, last, kinds, zone) {
  const language = document.documentElement.lang || "en";
  const day = { weekday: "short", day: "numeric", month: "short" };
  const one = (value, kind) => {
    const hours = kind === "date" ? { timeZone: "UTC" } : { timeZone: zone, hour: "numeric", minute: "2-digit" };
    return new Intl.DateTimeFormat(language, { ...day, ...hours }).format(new Date(kind === "date" ? number(value) : value));
  };
  const texts = [first && one(first, kinds[0]), last && one(last, kinds[1])].filter(Boolean);
  return [...new Set(texts)].join(" – ");
}
