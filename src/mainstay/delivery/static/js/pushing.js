/* Before a bar moves: which others it pushes, what people want done about them, and doing it. */
import { $, $$, dialog, say, send } from "./core.js";
import { inWords, keep, kindsOf } from "./spans.js";
import { said } from "./dates.js";

const SHOWN = 8;

/* Write a bar's new dates; where others wait for it, ask first whether they move too. */
export async function move(root, item, next, title, done) {
  const plan = await preview(root, item, next);
  if (!plan?.count) return keep(root, item, next, done);
  const choice = await choose(root, plan, title);
  if (choice === "one") return keep(root, item, next, done);
  if (choice === "all") return along(root, item, next, plan, done);
  return done(true);
}

async function preview(root, item, [first, last]) {
  const { preview: path, starts, ends } = root.dataset;
  if (!path) return null;
  const asked = new URLSearchParams({ task_id: item.dataset.id });
  if (first) asked.set(starts, first);
  if (last) asked.set(ends, last);
  try {
    const answer = await fetch(`${path}?${asked}`, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function along(root, item, [first, last], plan, done) {
  const { path, move: verb, starts, ends } = root.dataset;
  const body = { version: Number(item.dataset.version), successors: true, plan: plan.plan };
  if (first || item.dataset.starts) body[starts] = first || null;
  if (last || item.dataset.ends) body[ends] = last || null;
  let failed = true;
  try {
    const kept = await send(`${path}/${item.dataset.id}/${verb}`, body);
    Object.assign(item.dataset, { version: kept.version, starts: first ?? "", ends: last ?? "" });
    const words = plan.count === 1 ? root.dataset.alongOne : root.dataset.along;
    say(words.replace("{when}", inWords(root, [first, last])).replace("{count}", plan.count), "", kept.changeSet);
    failed = false;
  } catch (refusal) {
    say(refusal.message, "bad");
  }
  document.dispatchEvent(new CustomEvent("page:stale"));
  if (failed) return done(true);
  document.body.addEventListener("live:changed", () => done(), { once: true });
  setTimeout(done, 1500);
}

/* ---- the dialog ---- */

function choose(root, plan, title) {
  const body = $("#dialog-body");
  body.replaceChildren($("[data-pushed]", root).content.cloneNode(true));
  const part = (name) => $(`[data-part="${name}"]`, body);
  const words = plan.count === 1 ? root.dataset.pushOne : root.dataset.pushMany;
  part("head").id = "dialog-title";
  part("head").textContent = words.replace("{count}", plan.count).replace("{task}", title);
  part("changes").append(...plan.changes.slice(0, SHOWN).map((one) => line(root, one)));
  const more = plan.count - Math.min(plan.changes.length, SHOWN);
  part("more").hidden = !more;
  part("more").textContent = root.dataset.pushMore.replace("{count}", more);
  stuck(part("held"), plan.held, root.dataset);
  dialog().showModal();
  $('[data-choose="all"]', body).focus();
  return new Promise((resolve) => {
    let choice = "none";
    const pick = (event) => {
      const button = event.target.closest("[data-choose]");
      if (!button) return;
      choice = button.dataset.choose;
      dialog().close();
    };
    body.addEventListener("click", pick);
    dialog().addEventListener("close", () => { body.removeEventListener("click", pick); resolve(choice); }, { once: true });
  });
}

function line(root, one) {
  const when = (first, last) => said(first, last, kindsOf(root), root.dataset.zone) || root.dataset.pushNone;
  const item = document.createElement("li");
  for (const [name, text] of [["b", `${one.code} ${one.title}`], ["del", when(one.start_from, one.due_from)], ["ins", when(one.start_to, one.due_to)]]) {
    if (name === "ins") item.append(Object.assign(document.createElement("span"), { textContent: "→" }));
    item.append(Object.assign(document.createElement(name), { textContent: text }));
  }
  $$("span", item).forEach((arrow) => arrow.setAttribute("aria-hidden", "true"));
  return item;
}

function stuck(part, held, words) {
  const why = { begun: words.heldBegun, fixed: words.heldFixed, elsewhere: words.heldElsewhere };
  part.hidden = !held.length;
  $("p", part).textContent = words.pushHeld;
  $("ul", part).append(...held.map((one) => {
    const item = document.createElement("li");
    const title = one.task_id ? one.title : words.heldHidden;
    item.append(Object.assign(document.createElement("b"), { textContent: title }), ` ${why[one.reason]}`);
    return item;
  }));
}
