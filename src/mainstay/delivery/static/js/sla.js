/* A clock on an issue's page: counts the minutes down while the page is open, in working time.

   What is left is worked out anew from the present instant each time, never by counting ticks, so
   that a page that slept is right as soon as it is seen. When the times of work that the page
   knows are over, or the clock turns into another state, the page is read again. */

const MINUTE = 60;

const RUNS = ["running", "warned", "breached"];

export function start(element) {
  let told = "";
  let asked = "";
  let drift = 0;
  let drawn = "";

  const spoken = (minutes) => {
    const [hours, rest] = [Math.floor(minutes / MINUTE), minutes % MINUTE];
    const words = element.dataset;
    const number = new Intl.NumberFormat(document.documentElement.lang).format(hours);
    const text = hours && rest ? words.saidBoth : hours ? words.saidHours : words.saidMinutes;
    return text.replace("{h}", number).replace("{m}", rest);
  };

  const draw = () => {
    if (!element.isConnected) return stop();
    // The page may have been drawn anew around this element: its data are read each time.
    const { now, left, allowed, used, warn, state, windows } = element.dataset;
    if (now !== drawn) [drawn, drift] = [now, Number(now) * 1000 - Date.now()];
    const times = windows.split(" ").filter(Boolean).map((pair) => pair.split(",").map(Number));
    if (!RUNS.includes(state) || !times.length) return undefined;
    const at = (Date.now() + drift) / 1000;
    let seconds = 0;
    for (const [opens, closes] of times) seconds += Math.max(0, Math.min(at, closes) - Math.max(opens, Number(now)));
    const more = Math.floor(seconds / MINUTE);
    const rest = Number(left) - more;
    const spent = Number(used) + more;
    const turned = (state === "running" && spent >= Number(warn) * Number(allowed)) || (state !== "breached" && rest <= 0);
    if ((turned && more) || at > times.at(-1)[1]) {
      if (asked !== now) document.dispatchEvent(new CustomEvent("page:stale"));
      asked = now;
    }
    const over = rest < 0 || state === "breached";
    const text = (over ? element.dataset.saidOver : element.dataset.saidLeft).replace("{time}", spoken(Math.abs(rest)));
    if (text === told) return undefined;
    told = text;
    element.querySelector("[data-sla-left]").textContent = text;
    element.querySelector("[data-sla-bar]").value = Math.min(1, spent / Number(allowed));
    element.querySelector("[data-sla-used]").textContent = element.dataset.saidUsed.replace("{used}", spoken(spent)).replace("{all}", spoken(Number(allowed)));
    // Read out once in a quarter of an hour, not every minute.
    if (rest % 15 === 0 && more) element.querySelector("[data-sla-told]").textContent = text;
    return undefined;
  };

  const seen = () => { if (!document.hidden) draw(); };
  const timer = setInterval(draw, 10_000);
  const again = new MutationObserver(draw);
  function stop() {
    clearInterval(timer);
    again.disconnect();
    document.removeEventListener("visibilitychange", seen);
  }
  document.addEventListener("visibilitychange", seen);
  again.observe(element, { attributeFilter: ["data-now"] });
  draw();
}
