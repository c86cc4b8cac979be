/* Where people write: mentions while typing, files by paste and drop, drafts that survive. */
import { $, $$, csrf, say, send } from "./core.js";

const NAMING = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,30}(?: [\p{L}\p{N}._-]{1,30})?)$/u;
const STORED = /@\[([^\]\n]{1,200})\]\(user:(\d{1,18})\)/g;
const LEFT = 500;

export function start(form) {
  new Composer(form);
}

class Composer {
  constructor(form) {
    this.form = form;
    this.area = $("textarea", form);
    this.list = $(".named", form);
    this.names = new Map();
    this.asked = 0;
    this.key = `say:${form.dataset.me}:${form.id}`;
    this.begin();
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => this.pressed(event));
    this.area.addEventListener("blur", () => setTimeout(() => this.shut(), 150));
    this.area.addEventListener("paste", (event) => this.attach(event, event.clipboardData?.files));
    form.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files") && $("[type=file]", form)) event.preventDefault();
    });
    form.addEventListener("drop", (event) => {
      event.stopPropagation();
      this.attach(event, event.dataTransfer?.files);
    });
    form.addEventListener("submit", (event) => this.send(event));
    form.addEventListener("click", (event) => this.clicked(event));
    form.addEventListener("change", (event) => this.changed(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li[data-id]");
      if (item) this.choose(item);
    });
  }

  /* The stored form of a mention is shown as a plain @name, and written back on sending. */
  begin() {
    const { body, people, editing } = this.form.dataset;
    const known = people ? JSON.parse(people) : {};
    if (editing) {
      this.area.value = body.replace(STORED, (whole, label, id) => {
        const name = known[id] ?? label;
        if (this.names.has(name) && this.names.get(name) !== id) return whole;
        this.names.set(name, id);
        return `@${name}`;
      });
    }
    this.first = this.area.value;
    const draft = this.draft();
    if (draft && draft.text !== this.area.value) {
      this.area.value = draft.text;
      this.names = new Map([...this.names, ...draft.names]);
      const box = $("[name=internal]", this.form);
      if (box && !box.disabled) box.checked = Boolean(draft.internal);
    }
    this.tint();
  }

  draft() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  keep() {
    const text = this.area.value;
    if (!text.trim()) return sessionStorage.removeItem(this.key);
    const draft = { text, names: [...this.names], internal: this.internal };
    try {
      sessionStorage.setItem(this.key, JSON.stringify(draft));
    } catch { /* a full or forbidden store only costs the draft */ }
  }

  get internal() {
    return $("[name=internal]", this.form)?.checked ?? this.form.classList.contains("internal");
  }

  tint() {
    this.form.classList.toggle("internal", this.internal);
    const left = this.area.maxLength - this.stored().length;
    const shown = $(".left", this.form);
    shown.hidden = left > LEFT;
    shown.textContent = `${left} ${this.form.dataset.long}`;
    shown.classList.toggle("bad", left < 0);
  }

  typed() {
    this.fault("");
    this.keep();
    this.tint();
    this.name();
  }

  /* ---- people ---- */

  async name() {
    const before = this.area.value.slice(0, this.area.selectionStart);
    const found = before.match(NAMING);
    const turn = (this.asked += 1);
    if (!found) return this.shut();
    const { entity, record } = this.form.dataset;
    const query = new URLSearchParams({ entity, record_id: record, q: found[1], internal: this.internal });
    let people = [];
    try {
      people = await (await fetch(`/api/comments/ask/mentionable?${query}`, { headers: { Accept: "application/json" } })).json();
    } catch {
      return this.shut();
    }
    if (turn !== this.asked || !Array.isArray(people)) return;
    if (!people.length && found[1].includes(" ")) return this.shut();
    this.offer(people);
  }

  offer(people) {
    const items = people.map((one, place) => {
      const item = document.createElement("li");
      item.id = `${this.list.id}-${one.id}`;
      item.role = "option";
      item.dataset.id = one.id;
      item.dataset.name = one.name;
      item.setAttribute("aria-selected", String(place === 0));
      const user = document.createElement("small");
      user.textContent = one.username;
      item.append(one.name, user);
      return item;
    });
    if (!items.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = this.form.dataset.nobody;
      items.push(none);
    }
    this.list.replaceChildren(...items);
    this.list.hidden = false;
    this.mark();
    this.tell(people.length ? `${people.length} ${this.form.dataset.found}` : this.form.dataset.nobody);
  }

  mark() {
    const chosen = $('[aria-selected="true"]', this.list);
    if (chosen) this.area.setAttribute("aria-activedescendant", chosen.id);
    else this.area.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  walk(step) {
    const items = $$("li[data-id]", this.list);
    const at = items.findIndex((one) => one.getAttribute("aria-selected") === "true");
    items[at]?.setAttribute("aria-selected", "false");
    items[(at + step + items.length) % items.length]?.setAttribute("aria-selected", "true");
    this.mark();
  }

  choose(item) {
    const { id, name } = item.dataset;
    const start = this.area.selectionStart;
    const before = this.area.value.slice(0, start);
    const from = before.lastIndexOf("@");
    const taken = this.names.has(name) && this.names.get(name) !== id;
    const text = taken ? `@[${name}](user:${id}) ` : `@${name} `;
    if (!taken) this.names.set(name, id);
    this.area.setRangeText(text, from, start, "end");
    this.shut();
    this.keep();
    this.tint();
    this.area.focus();
  }

  shut() {
    this.asked += 1;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.area.removeAttribute("aria-activedescendant");
  }

  /* Write @names as the server stores them; the longest name first, so that no other cuts it. */
  stored() {
    let text = this.area.value;
    const known = [...this.names].sort((one, other) => other[0].length - one[0].length);
    const kept = [];
    for (const [name, id] of known) {
      text = text.split(`@${name}`).join(`\u0000${kept.length}\u0000`);
      kept.push(`@[${name.replaceAll(/[[\]]/g, "")}](user:${id})`);
    }
    return text.replace(/\u0000(\d+)\u0000/g, (_whole, place) => kept[place]);
  }

  /* ---- keys and buttons ---- */

  pressed(event) {
    const open = !this.list.hidden && $("li[data-id]", this.list);
    if (open && ["ArrowDown", "ArrowUp", "Enter", "Tab"].includes(event.key) && !event.ctrlKey) {
      if (event.key === "ArrowDown") this.walk(1);
      else if (event.key === "ArrowUp") this.walk(-1);
      else this.choose($('[aria-selected="true"]', this.list));
    } else if (event.key === "Escape" && !this.list.hidden) this.shut();
    else if (event.key === "Escape" && $("[data-cancel]", this.form) && !this.dirty()) this.done();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    else if ((event.ctrlKey || event.metaKey) && event.key === "b") this.wrap("**");
    else if ((event.ctrlKey || event.metaKey) && event.key === "i") this.wrap("_");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  dirty() {
    return this.area.value.trim() !== "" && this.area.value !== this.first;
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button || button.type === "submit") return;
    if (button.dataset.mark) this.wrap(button.dataset.mark);
    else if (button.dataset.line) this.lines(button.dataset.line);
    else if ("name" in button.dataset) this.at();
    else if ("preview" in button.dataset) this.preview(button);
    else if ("cancel" in button.dataset) this.done();
  }

  changed(event) {
    if (event.target.type === "file") {
      this.attach(event, event.target.files);
      event.target.value = "";
    } else {
      this.tint();
      this.keep();
    }
  }

  wrap(mark) {
    const { selectionStart: from, selectionEnd: to, value } = this.area;
    const words = value.slice(from, to);
    this.area.setRangeText(`${mark}${words}${mark}`, from, to, "end");
    if (!words) this.area.setSelectionRange(from + mark.length, from + mark.length);
    this.area.focus();
    this.typed();
  }

  lines(start) {
    const { selectionStart, selectionEnd, value } = this.area;
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const text = value.slice(from, selectionEnd).split("\n").map((line) => start + line).join("\n");
    this.area.setRangeText(text, from, selectionEnd, "end");
    this.area.focus();
    this.typed();
  }

  at() {
    const { selectionStart: at, selectionEnd: to, value } = this.area;
    const gap = at && !/\s/.test(value[at - 1]) ? " @" : "@";
    this.area.setRangeText(gap, at, to, "end");
    this.area.focus();
    this.typed();
  }

  async preview(button) {
    const shown = $(".composer-preview", this.form);
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    shown.hidden = !on;
    this.area.hidden = on;
    if (!on) return this.area.focus();
    const { entity, record } = this.form.dataset;
    const body = JSON.stringify({ entity, record_id: Number(record), body: this.stored(), internal: this.internal });
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
    const answer = await fetch("/say/preview", { method: "POST", headers, body });
    // The server has cleaned it: it is the same text as the comment itself would be.
    if (answer.ok) shown.innerHTML = await answer.text();
    else shown.textContent = $("#words")?.dataset.failed ?? "";
  }

  /* ---- files ---- */

  async attach(event, files) {
    if (!files?.length || !$("[type=file]", this.form)) return;
    event.preventDefault();
    const { upload, href } = await import("./files.js");
    for (const file of files) {
      const waiting = `[${this.form.dataset.uploading} ${file.name.replaceAll(/[[\]]/g, "")}…]()`;
      this.area.setRangeText(`${waiting}\n`, this.area.selectionStart, this.area.selectionEnd, "end");
      const { entity, record } = this.form.dataset;
      upload(file, { entity, record, list: $(".uploads", this.form) }).then(
        (made) => {
          const words = made.name.replaceAll(/[[\]]/g, "");
          this.swap(waiting, `${made.width ? "!" : ""}[${words}](${href(made)})`);
        },
        () => this.swap(`${waiting}\n`, ""),
      );
    }
  }

  swap(old, fresh) {
    const place = this.area.value.indexOf(old);
    if (place >= 0) this.area.setRangeText(fresh, place, place + old.length, "preserve");
    this.typed();
  }

  /* ---- sending ---- */

  async send(event) {
    event.preventDefault();
    const { entity, record, parent, editing, version } = this.form.dataset;
    const body = this.stored().trim();
    if (!body) return this.fault(this.form.dataset.empty);
    const button = $("[type=submit]", this.form);
    if (button.disabled) return;
    button.disabled = true;
    try {
      const path = `/api/comments/comments${editing ? `/${editing}` : ""}`;
      const fresh = { entity, record_id: Number(record), internal: this.internal };
      const more = editing ? { version: Number(version) } : parent ? { ...fresh, parent_id: Number(parent) } : fresh;
      const made = await send(path, { body, ...more }, editing ? "PATCH" : "POST");
      this.sent(made, body, editing);
    } catch (refusal) {
      this.fault(refusal.message);
    } finally {
      button.disabled = false;
    }
  }

  sent(made, body, editing) {
    const unseen = [...body.matchAll(STORED)].filter(([, , id]) => !made.mentions.includes(Number(id))).map(([, name]) => name);
    sessionStorage.removeItem(this.key);
    this.area.value = "";
    this.names.clear();
    const words = editing ? this.form.dataset.saved : this.form.dataset.sent;
    if (unseen.length) say(`${this.form.dataset.unseen} ${unseen.join(", ")}`, "", made.changeSet);
    else say(words, "", made.changeSet);
    const button = $("[data-preview]", this.form);
    if (button.getAttribute("aria-pressed") === "true") this.preview(button);
    this.tint();
    this.finish();
    document.dispatchEvent(new CustomEvent("page:stale"));
  }

  done() {
    sessionStorage.removeItem(this.key);
    this.finish();
  }

  finish() {
    this.form.dispatchEvent(new CustomEvent("composer:done", { bubbles: true }));
  }

  fault(words) {
    const note = $(".note.bad", this.form);
    note.textContent = words;
    note.hidden = !words;
  }

  tell(words) {
    $("[role=status]", this.form).textContent = words;
  }
}
