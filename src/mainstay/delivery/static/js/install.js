/* The service worker: it keeps this version's files, and says so when there is no connection. */
const LATER_MS = 3000;

function register() {
  if (!("serviceWorker" in navigator) || document.body.dataset.page !== "app") return;
  navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch((error) => {
    // A browser that refuses it (private mode, a setting) works as before, without this page.
    console.info("The offline page is not kept:", error.message);
  });
}

addEventListener("load", () => setTimeout(register, LATER_MS), { once: true });
