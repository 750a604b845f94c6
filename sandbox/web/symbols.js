// SVG pieces of the overlay: well symbols and handles as the visual rules describe them.

export const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  node.append(...children);
  return node;
}

/** Producer: filled triangle up; injector: open triangle down; storage: half diamond; monitor: circle. */
export function symbol(kind, size = 8) {
  const s = size;
  const up = `M0 ${-s}L${s * 1.05} ${s * 0.8}H${-s * 1.05}Z`;
  const down = `M0 ${s}L${s * 1.05} ${-s * 0.8}H${-s * 1.05}Z`;
  if (kind === "producer") return [el("path", { d: up, class: "sym fill" })];
  if (kind === "injector") return [el("path", { d: down, class: "sym open" })];
  if (kind === "storage") {
    return [
      el("path", { d: `M0 ${-s}V${s}L${-s} 0Z`, class: "sym warm" }),
      el("path", { d: `M0 ${-s}V${s}L${s} 0Z`, class: "sym cool" }),
    ];
  }
  if (kind === "pad") return [el("path", { d: `M${-s} ${-s * 0.55}H${s}V${s * 0.55}H${-s}Z`, class: "sym fill" })];
  return [el("circle", { r: s * 0.8, class: "sym open" })];
}

const ARROW = "M0 -34l6 8h-12z";

function arrows() {
  return [0, 90, 180, 270].map((a) => el("path", { d: ARROW, class: "arrow", transform: `rotate(${a})` }));
}

/** A handle: halo, ring, disc with the symbol; four arrow heads say "drag me" without words. */
export function drawHandle(kind, mode, caption = "") {
  const g = el("g", { class: `gs-handle ${mode} ${kind}` });
  g.append(el("circle", { r: 22, class: "hit" }));
  if (mode === "hover") {
    g.append(el("circle", { r: 15, class: "halo thin" }), el("circle", { r: 13, class: "disc" }));
    g.append(...symbol(kind, 6.5));
    return g;
  }
  if (mode === "pulse") g.append(el("circle", { r: 22, class: "pulse" }));
  g.append(el("circle", { r: 25, class: "halo" }), el("circle", { r: 25, class: "ring" }));
  g.append(el("circle", { r: 16, class: "disc" }), ...symbol(kind), ...arrows());
  if (caption) g.append(chip(caption));
  return g;
}

/** Dark pill above a handle. */
function chip(caption) {
  const width = [...caption].reduce((w, c) => w + (c.charCodeAt(0) > 255 ? 14 : 7.4), 24);
  const g = el("g", { class: "gs-chip", transform: "translate(0 -58)" });
  const text = el("text", { y: 5, "text-anchor": "middle" });
  text.textContent = caption;
  g.append(el("rect", { x: -width / 2, y: -14, width, height: 28, rx: 14 }), el("path", { d: "M-6 13h12l-6 8z" }), text);
  return g;
}
