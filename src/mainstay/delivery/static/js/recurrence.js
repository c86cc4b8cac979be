/* Edits a rule of recurrence: the choices write its text, the server says what the text means. */
import { $, $$ } from "./core.js";

const SETTLE_MS = 200;
const FREQ = { daily: "DAILY", weekly: "WEEKLY", monthly: "MONTHLY", yearly: "YEARLY" };
const SETS = { weekday: "MO,TU,WE,TH,FR", weekend: "SA,SU", day: "MO,TU,WE,TH,FR,SA,SU" };
const BESIDE = ["starts_on", "zone", "except_on"];

export function start(editor) {
  const part = (name) => $(`[data-recur="${name}"]`, editor);
  const value = (name) => part(name).value;
  const days = () => $$('[data-recur="weekday"]', editor);
  const form = editor.closest("form");
  const rule = part("rule");
  const beside = (name) => form?.elements.namedItem(name) ?? null;
  let timer = 0;
  let asked = 0;

  /* Write the rule that the choices say. */
  function compose() {
    const frequency = value("frequency");
    const said = [`FREQ=${FREQ[frequency]}`];
    if (Number(value("interval")) > 1) said.push(`INTERVAL=${Number(value("interval"))}`);
    if (value("ends") === "after" && value("count")) said.push(`COUNT=${Number(value("count"))}`);
    if (value("ends") === "on" && value("until")) said.push(`UNTIL=${value("until").replaceAll("-", "")}`);
    const picked = days().filter((day) => day.checked).map((day) => day.value);
    if (frequency === "weekly" && picked.length) said.push(`BYDAY=${picked.join(",")}`);
    if (frequency === "yearly" && value("month") !== "0") said.push(`BYMONTH=${value("month")}`);
    if (frequency === "monthly" || frequency === "yearly") said.push(...within());
    return said.join(";");
  }

  function within() {
    if (value("by") === "date") return [`BYMONTHDAY=${value("month_day")}`];
    if (value("by") !== "weekday") return [];
    const day = value("nth_day");
    return SETS[day] ? [`BYDAY=${SETS[day]}`, `BYSETPOS=${value("nth")}`] : [`BYDAY=${value("nth")}${day}`];
  }

  /* Show the choices that make a rule; one that says more leaves them as they are. */
  function fill(choices) {
    for (const name of ["frequency", "interval", "by", "month_day", "nth", "nth_day", "month", "ends"]) {
      const input = part(name);
      const wanted = String(choices[name]);
      if (input.options && ![...input.options].some((option) => option.value === wanted)) continue;
      input.value = wanted;
    }
    if (choices.until) part("until").value = choices.until;
    if (choices.count) part("count").value = choices.count;
    for (const day of days()) day.checked = choices.weekdays.includes(day.value);
  }

  /* Show only what belongs to what was chosen. */
  function arrange() {
    const frequency = value("frequency");
    for (const one of $$("[data-for]", editor)) one.hidden = !one.dataset.for.split(" ").includes(frequency);
    for (const one of $$("[data-by]", editor)) one.hidden = one.dataset.by !== value("by");
    for (const one of $$("[data-ends]", editor)) one.hidden = one.dataset.ends !== value("ends");
    const { one, many } = part("frequency").selectedOptions[0].dataset;
    part("unit").textContent = Number(value("interval")) > 1 ? many : one;
  }

  function say(text, tone = "") {
    part("answer").hidden = false;
    part("words").textContent = text;
    part("words").className = tone;
  }

  function leaveOut(day) {
    const field = beside("except_on");
    field.value = [...new Set([...field.value.split(/[\s,]+/), day])].filter(Boolean).sort().join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function listDays(found) {
    const lines = found.days.map(({ day, said }) => {
      const line = document.createElement("li");
      const time = Object.assign(document.createElement("time"), { dateTime: day, textContent: said });
      line.append(time);
      if (beside("except_on")) {
        const button = Object.assign(document.createElement("button"), {
          type: "button", className: "recur-leave", textContent: editor.dataset.leftOut,
        });
        button.setAttribute("aria-label", `${editor.dataset.leftOut}: ${said}`);
        button.addEventListener("click", () => leaveOut(day));
        line.append(button);
      }
      return line;
    });
    if (found.more) {
      lines.push(Object.assign(document.createElement("li"), { className: "recur-more", textContent: editor.dataset.more }));
    }
    part("days").replaceChildren(...lines);
  }

  async function ask(filling) {
    const text = rule.value.trim();
    if (!text) {
      say(editor.dataset.none, "muted");
      part("days").replaceChildren();
      return;
    }
    const params = new URLSearchParams({ rule: text });
    for (const name of BESIDE) if (beside(name)?.value) params.set(name, beside(name).value);
    const mine = (asked += 1);
    const answer = await fetch(`${editor.dataset.preview}?${params}`, { headers: { Accept: "application/json" } });
    const found = await answer.json().catch(() => ({}));
    if (mine !== asked || !editor.isConnected) return;
    if (!answer.ok || found.problem) {
      say(found.problem || found.detail || "", "bad");
      part("days").replaceChildren();
      return;
    }
    const complex = !found.choices;
    say(found.words.charAt(0).toUpperCase() + found.words.slice(1));
    listDays(found);
    editor.classList.toggle("complex", complex);
    part("choices").title = complex ? editor.dataset.complex : "";
    if (filling && found.choices) fill(found.choices);
    if (filling && complex) part("text").open = true;
    arrange();
  }

  function soon(filling) {
    clearTimeout(timer);
    timer = setTimeout(() => ask(filling), SETTLE_MS);
  }

  part("choices").addEventListener("input", () => {
    arrange();
    rule.value = compose();
    soon(false);
  });
  rule.addEventListener("input", () => soon(true));
  for (const name of BESIDE) {
    beside(name)?.addEventListener?.("input", () => soon(false));
    beside(name)?.addEventListener?.("change", () => soon(false));
  }

  part("choices").hidden = false;
  part("text").open = rule.getAttribute("aria-invalid") === "true";
  arrange();
  // What the choices show is what is kept, also where nobody has touched them yet.
  if (!rule.value.trim()) rule.value = compose();
  ask(true);
}
