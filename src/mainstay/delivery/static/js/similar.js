/* While a new issue is typed, those that may say the same stand below the title. */
import { $ } from "./core.js";

const WAIT_MS = 250;
const LEAST = 4;

export function start(place) {
  const form = place.closest("form");
  if (!form || place.dataset.started) return;
  place.dataset.started = "yes";
  $("[name=title]", form)?.closest(".field")?.after(place);
  const says = $("p", place);
  const list = $("ul", place);
  const status = JSON.parse(place.dataset.status);
  let timer = 0;
  let asked = "";
  let running = null;

  const given = (name) => String(new FormData(form).getAll(name).filter(Boolean).at(-1) ?? "").trim();

  const line = (one) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `/issues/issues/${one.id}`, target: "_blank", rel: "noopener" });
    const code = Object.assign(document.createElement("span"), { className: "code", textContent: one.code });
    link.append(code, ` ${one.title}`);
    const foot = Object.assign(document.createElement("span"), { className: "issue-alike-foot dim" });
    foot.textContent = `${status[one.status] ?? one.status} · ${Math.round(one.likeness * 100)} %`;
    item.append(link, foot);
    return item;
  };

  const show = (found) => {
    list.replaceChildren(...found.map(line));
    place.hidden = !found.length;
    const words = found.length === 1 ? place.dataset.one : place.dataset.many.replace("{count}", found.length);
    says.textContent = found.length ? `${words}. ${place.dataset.hint}` : "";
  };

  const look = async () => {
    const title = given("title");
    const wanted = new URLSearchParams({ title });
    const description = given("description").slice(0, 600);
    const project = given("project_id");
    if (description) wanted.set("description", description);
    if (/^\d+$/.test(project)) wanted.set("project_id", project);
    const query = String(wanted);
    if (query === asked) return;
    asked = query;
    running?.abort();
    if (title.length < LEAST) { show([]); return; }
    running = new AbortController();
    try {
      const answer = await fetch(`${place.dataset.ask}?${query}`, { headers: { Accept: "application/json" }, signal: running.signal });
      show(answer.ok ? await answer.json() : []);
    } catch (problem) {
      if (problem.name !== "AbortError") show([]);
    }
  };

  const soon = () => { clearTimeout(timer); timer = setTimeout(look, WAIT_MS); };
  for (const kind of ["input", "change"]) form.addEventListener(kind, soon);
  soon();
}
