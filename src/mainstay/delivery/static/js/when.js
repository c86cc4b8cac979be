// Shows an input only while another one of the form has a value that it belongs to.

export function start(field) {
  const form = field.closest("form");
  const [name, list] = (field.dataset.when || "").split("=");
  const asked = form && form.elements.namedItem(name);
  if (!asked || !("value" in asked)) return;
  const values = list.split(",");
  const turn = () => {
    field.hidden = !values.includes(asked.value);
    for (const input of field.querySelectorAll("input, select, textarea")) input.disabled = field.hidden;
  };
  asked.addEventListener("change", turn);
  turn();
}
