/* Quick add: a small form over any page; Enter creates, Ctrl+Enter creates and opens. */
import { $, $$, ask, dialog, main, visit } from "./core.js";
import { deeds } from "./clicks.js";

const LAST = "mainstay.quick";

/* What the page says about the new record: its resource and record, and plain conditions. */
function about(kind) {
  const beside = $("#split[data-resource]") ?? main();
  const { resource = "", record = "" } = beside?.dataset ?? {};
  const said = new URLSearchParams(location.search);
  const wanted = new URLSearchParams();
  if (!record) for (const [name, value] of said) if (/^[a-z_]+$/.test(name)) wanted.set(name, value);
  for (const name of ["q", "view", "v", "sort", "limit", "cursor", "kind"]) wanted.delete(name);
  wanted.set("resource", resource);
  wanted.set("record", record);
  wanted.set("next", location.pathname + location.search);
  if (kind) wanted.set("kind", kind);
  else if (!resource && localStorage.getItem(LAST)) wanted.set("kind", localStorage.getItem(LAST));
  return wanted;
}

deeds.quick = (kind) => {
  if ($("dialog[open]")) return;
  ask(`/quick?${about(typeof kind === "string" ? kind : "")}`);
};

export function start(form) {
  const within = form.matches("form") ? form : $("form", form);
  if (!within) return;
  const opening = $("[name=open]", within);
  localStorage.setItem(LAST, $("[name=kind]", within).value);
  within.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    opening.value = "1";
    within.requestSubmit();
  });
  $("[data-open]", within).addEventListener("click", () => { opening.value = "1"; within.requestSubmit(); });
  $(".primary", within).addEventListener("click", () => { opening.value = ""; });
  $("[data-more]", within).addEventListener("click", (event) => {
    const given = new FormData(within);
    const kept = new URLSearchParams();
    for (const [name, value] of given) {
      if (value && !["_csrf", "kind", "open", "resource", "record"].includes(name)) kept.append(name, value);
    }
    dialog().close();
    visit(`${event.currentTarget.dataset.more}?${kept}`, { swap: "outerHTML", push: "true" });
  });
}
