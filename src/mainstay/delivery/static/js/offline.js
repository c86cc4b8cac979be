/* The page without a connection: asks whether the workspace is back, and then opens the page. */
import { $ } from "./core.js";

const FIRST_MS = 2000;
const MOST_MS = 30_000;

export function start(box) {
  const state = $("[data-state]", box);
  let wait = FIRST_MS;
  let timer = 0;

  const back = () => {
    $("span", state).textContent = state.dataset.back;
    // The page's own address if it was shown instead of another page, else home.
    if (location.pathname === "/offline") location.replace("/");
    else location.reload();
  };
  const look = async () => {
    clearTimeout(timer);
    try {
      if ((await fetch("/ready", { cache: "no-store" })).ok) return back();
    } catch { /* still away: asked again below */ }
    wait = Math.min(wait * 1.5, MOST_MS);
    timer = setTimeout(look, wait);
  };
  window.addEventListener("online", () => { wait = FIRST_MS; look(); });
  $("[data-again]", box).addEventListener("click", () => { wait = FIRST_MS; look(); });
  timer = setTimeout(look, wait);
}
