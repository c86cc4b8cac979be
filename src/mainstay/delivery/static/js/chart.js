/* A chart as a picture: what the page has drawn is painted once more, on a canvas, and handed out. */
import { $, main, say, word } from "./core.js";

const SCALE = 2;
const MARGIN = 24;

export function start(root) {
  const shade = $("[data-heat]", root);
  if (shade) {
    shade.checked = localStorage.getItem("mainstay_heat") !== "off";
    shade.addEventListener("change", () => localStorage.setItem("mainstay_heat", shade.checked ? "on" : "off"));
  }
  $("[data-png]", root)?.addEventListener("click", () => picture(root));
}

function picture(root) {
  const figure = $("[data-figure]", root);
  if (!figure) return;
  const box = figure.getBoundingClientRect();
  const head = [$("h2", root), $(".sum-notes", root)].filter(Boolean);
  const first = head[0].getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const top = first.top - MARGIN;
  canvas.width = box.width * SCALE;
  canvas.height = (box.bottom - top) * SCALE;
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.translate(-box.left, -top);
  pen.fillStyle = getComputedStyle(main()).backgroundColor;
  pen.fillRect(box.left, top, box.width, box.bottom - top);
  for (const part of [...head, figure]) paint(pen, part);
  canvas.toBlob((blob) => {
    if (!blob) return say(word("failed"), "bad");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${root.dataset.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

function paint(pen, element) {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || element.matches(".sr")) return;
  if (element.matches("title, .hit")) return;
  if (element.matches("rect, circle, line, path, polygon")) { mark(pen, element, style); return; }
  const box = element.getBoundingClientRect();
  const ground = style.backgroundColor;
  if (element instanceof HTMLElement && ground !== "rgba(0, 0, 0, 0)" && element.matches(".swatch-box")) {
    pen.fillStyle = ground;
    pen.fillRect(box.left, box.top, box.width, box.height);
  }
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) letters(pen, child, style);
    else if (child.nodeType === Node.ELEMENT_NODE) paint(pen, child);
  }
}

/* Any shape of the drawing, in the coordinates of the window. */
function mark(pen, element, style) {
  const matrix = element.getScreenCTM();
  const shape = new Path2D();
  const at = (name) => element[name].baseVal.value;
  if (element.matches("rect")) shape.rect(at("x"), at("y"), at("width"), at("height"));
  else if (element.matches("circle")) shape.arc(at("cx"), at("cy"), at("r"), 0, 2 * Math.PI);
  else if (element.matches("line")) { shape.moveTo(at("x1"), at("y1")); shape.lineTo(at("x2"), at("y2")); }
  else if (element.matches("path")) shape.addPath(new Path2D(element.getAttribute("d")));
  else {
    for (const point of element.points) shape.lineTo(point.x, point.y);
    shape.closePath();
  }
  const placed = new Path2D();
  placed.addPath(shape, matrix);
  pen.globalAlpha = Number(style.opacity);
  if (style.fill !== "none" && !element.matches("line")) { pen.fillStyle = style.fill; pen.fill(placed); }
  if (style.stroke !== "none") {
    pen.strokeStyle = style.stroke;
    pen.lineWidth = parseFloat(style.strokeWidth) || 1;
    pen.stroke(placed);
  }
  pen.globalAlpha = 1;
}

function letters(pen, node, style) {
  const text = node.textContent.replace(/\s+/g, " ").trim();
  if (!text) return;
  const range = document.createRange();
  range.selectNodeContents(node);
  const vector = node.parentElement instanceof SVGElement;
  const size = parseFloat(style.fontSize) * (vector ? node.parentElement.getScreenCTM().a : 1);
  pen.font = `${style.fontWeight} ${size}px ${style.fontFamily}`;
  pen.fillStyle = vector ? style.fill : style.color;
  pen.textBaseline = "middle";
  const lines = vector ? [node.parentElement.getBoundingClientRect()] : [...range.getClientRects()];
  if (lines.length < 2) {
    const [box] = lines;
    if (box) pen.fillText(text, box.left, box.top + box.height / 2, box.width + 1);
    return;
  }
  wrapped(pen, node, lines);
}

/* A text of several lines is painted word by word, each where it stands. */
function wrapped(pen, node) {
  const range = document.createRange();
  for (const found of node.textContent.matchAll(/\S+/g)) {
    range.setStart(node, found.index);
    range.setEnd(node, found.index + found[0].length);
    const box = range.getBoundingClientRect();
    pen.fillText(found[0], box.left, box.top + box.height / 2);
  }
}
