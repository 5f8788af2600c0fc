"use strict";
// Moves the picture and opens nodes. Without it the picture scrolls, and all nodes are listed.
const picture = document.getElementById("picture");
const tools = document.getElementById("tools");
const search = tools.querySelector("input");
const count = tools.querySelector("output");
const nodes = [...picture.querySelectorAll("a.node")];
const edges = [...picture.querySelectorAll(".edge")];
const whole = picture.viewBox.baseVal;
const all = { x: 0, y: 0, width: whole.width, height: whole.height };
const articleOf = (node) => document.getElementById(node.getAttribute("href").slice(1));
let found = nodes;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const show = (box) => {
  picture.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
};
const view = () => picture.viewBox.baseVal;
const shape = () => picture.clientHeight / Math.max(picture.clientWidth, 1);
const fit = () => show(all);
const scale = () => {
  const box = view();
  return Math.max(box.width / picture.clientWidth, box.height / picture.clientHeight);
};
const zoom = (factor, x, y) => {
  const box = view();
  const width = clamp(box.width * factor, 200, all.width * 4 + 2000);
  const share = width / box.width;
  const [px, py] = [x ?? box.x + box.width / 2, y ?? box.y + box.height / 2];
  show({ x: px - (px - box.x) * share, y: py - (py - box.y) * share,
         width, height: box.height * share });
};
const move = (dx, dy) => {
  const box = view();
  show({ x: box.x + dx, y: box.y + dy, width: box.width, height: box.height });
};
// Where a view of some length begins, with a place in its middle and nothing beyond the edges.
const begin = (middle, length, whole) => (length >= whole
  ? (whole - length) / 2
  : clamp(middle - length / 2, 0, whole - length));
const centre = (node, width) => {
  const box = node.getBBox();
  const wide = Math.min(width ?? view().width, 1200);
  const high = wide * shape();
  show({ x: begin(box.x + box.width / 2, wide, all.width),
         y: begin(box.y + box.height / 2, high, all.height), width: wide, height: high });
};
const at = (event) => {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(picture.getScreenCTM().inverse());
};

const open = (id, centred) => {
  for (const one of document.querySelectorAll("#nodes article")) {
    one.classList.toggle("open", one.id === id);
  }
  for (const node of nodes) {
    const itself = node.getAttribute("href") === `#${id}`;
    node.classList.toggle("open", itself);
    if (itself && centred) centre(node);
  }
  for (const edge of edges) {
    edge.classList.toggle("lit", edge.dataset.from === id || edge.dataset.to === id);
  }
};

const seek = () => {
  const wanted = search.value.trim().toLowerCase();
  found = wanted
    ? nodes.filter((node) => articleOf(node).textContent.toLowerCase().includes(wanted))
    : nodes;
  const ids = new Set(found.map((node) => node.getAttribute("href").slice(1)));
  for (const node of nodes) node.classList.toggle("away", !found.includes(node));
  for (const edge of edges) {
    edge.classList.toggle("away", !(ids.has(edge.dataset.from) && ids.has(edge.dataset.to)));
  }
  count.value = wanted ? `${found.length} of ${nodes.length}` : "";
};

let held = null;
let moved = false;
picture.addEventListener("pointerdown", (event) => {
  held = { x: event.clientX, y: event.clientY };
  moved = false;
});
window.addEventListener("pointermove", (event) => {
  if (!held) return;
  const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
  if (!moved && Math.hypot(dx, dy) < 4) return;
  moved = true;
  picture.classList.add("held");
  const size = scale();
  move(-dx * size, -dy * size);
  held = { x: event.clientX, y: event.clientY };
});
window.addEventListener("pointerup", () => {
  held = null;
  picture.classList.remove("held");
});
picture.addEventListener("dragstart", (event) => event.preventDefault());
picture.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  const point = at(event);
  zoom(1.0015 ** event.deltaY, point.x, point.y);
}, { passive: false });
picture.addEventListener("keydown", (event) => {
  const step = view().width / 8;
  const keys = {
    ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0),
    ArrowUp: () => move(0, -step), ArrowDown: () => move(0, step),
    "+": () => zoom(0.8), "-": () => zoom(1.25), 0: fit,
  };
  if (keys[event.key] && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    keys[event.key]();
  }
});
picture.addEventListener("focusin", (event) => {
  if (!event.target.matches("a.node:focus-visible")) return;
  const box = event.target.getBBox();
  const now = view();
  const inside = box.x >= now.x && box.y >= now.y
    && box.x + box.width <= now.x + now.width && box.y + box.height <= now.y + now.height;
  if (!inside) centre(event.target, now.width);
});
document.getElementById("in").addEventListener("click", () => zoom(0.8));
document.getElementById("out").addEventListener("click", () => zoom(1.25));
document.getElementById("fit").addEventListener("click", fit);
search.addEventListener("input", seek);
tools.addEventListener("submit", (event) => {
  event.preventDefault();
  const now = found.findIndex((node) => node.classList.contains("open"));
  const next = found[(now + 1) % Math.max(found.length, 1)];
  if (next) location.hash = next.getAttribute("href");
});
window.addEventListener("hashchange", () => {
  const id = location.hash.slice(1);
  open(id, true);
  document.getElementById(id)?.focus({ preventScroll: true });
});

document.documentElement.classList.add("scripted");
tools.hidden = false;
const first = location.hash.slice(1)
  || picture.querySelector("a.focus")?.getAttribute("href").slice(1);
fit();
if (nodes.length && scale() > 1.6) {
  centre(picture.querySelector("a.focus") ?? nodes[0], 1.2 * picture.clientWidth);
}
if (first) open(first, Boolean(location.hash));
