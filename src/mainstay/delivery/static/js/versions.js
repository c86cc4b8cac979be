/* A new version of a document: its file is sent first, then the version is put down with it. */
import { $, say, send } from "./core.js";
import { upload } from "./files.js";

export function start(form) {
  const { record, version, said, need } = form.dataset;
  const trouble = $("[role=alert]", form);
  const button = $("button[type=submit]", form);
  const input = $("[data-file]", form);
  const fold = form.closest("details");
  // What has arrived is not sent again when the version itself was refused.
  let sent = null;
  let arrived = 0;

  const refuse = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
  };

  const fileOf = async () => {
    const file = input?.files[0];
    if (!file) return undefined;
    if (file !== sent) {
      const made = await upload(file, { entity: "charter.project_document", record, list: $(".uploads", form) });
      [sent, arrived] = [file, made.id];
    }
    return arrived;
  };

  const unfold = () => {
    fold.open = true;
    fold.scrollIntoView({ block: "nearest" });
    (input ?? $("input[name=file_url]", form)).focus();
  };
  if (location.hash === `#${fold.id}`) unfold();
  form.closest("[data-pane]").addEventListener("click", (event) => {
    if (!event.target.closest(`a[href$="#${fold.id}"]`)) return;
    event.preventDefault();
    event.stopPropagation();
    unfold();
  }, true);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const { file_url: address, revision, note } = Object.fromEntries(new FormData(form));
    if (!input?.files.length && !address) return refuse(need);
    refuse("");
    button.disabled = true;
    try {
      const body = { version: Number(version), note, file_url: address };
      const file = await fileOf();
      if (file) body.file_id = file;
      if (revision.trim()) body.revision = revision.trim();
      const made = await send(`/api/projects/documents/${record}/new_version`, body);
      say(said.replace("{revision}", made.revision ?? ""), "", made.changeSet);
      fold.open = false;
      document.dispatchEvent(new CustomEvent("page:stale"));
    } catch (refusal) {
      if (refusal.name !== "AbortError") refuse(refusal.message);
    } finally {
      button.disabled = false;
    }
  });
}
