/* The dialog that shares a record or list: the new link is copied with one press. */
import { $, say } from "./core.js";

export function start(part) {
  const link = $("#shared-link", part);
  if (!link) return;
  link.focus();
  link.select();
  const button = $("[data-copy-shared]", part);
  button.addEventListener("click", async () => {
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      document.execCommand("copy");
    }
    say(button.dataset.copied);
    $("span", button).textContent = button.dataset.copied;
  });
}
