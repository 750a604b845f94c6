// Everything drawn over the canvas: labels, handles, what belongs to the hand while it drags.
// HTML and SVG, because text must be crisp and in two languages, and because it moves without a WebGL frame.
import { labelLayer } from "./labels.js";
import { drawHandle, el } from "./symbols.js";

const ACTIVE_HANDLES = 3;

export class Overlay {
  /** @param host element that also holds the canvas; @param app shared model, see main.js */
  constructor(host, app) {
    this.app = app;
    this.root = document.createElement("div");
    this.root.className = "gs-overlay";
    this.labels = labelLayer(this.root, app);
    this.svg = el("svg", { class: "gs-handles", "aria-hidden": "true" });
    this.back = el("g");
    this.front = el("g");
    this.still = el("g"); // what stays where it was while the hand moves
    this.svg.append(this.still, this.back, this.front);
    this.heldSvg = el("svg", { class: "gs-held", viewBox: "-48 -48 96 96", "aria-hidden": "true" });
    this.heldSvg.setAttribute("hidden", "");
    this.root.append(this.svg, this.heldSvg);
    this.handleNodes = new Map();
    host.append(this.root);
  }

  /** After a frame, a camera change or a change of the model. */
  update() {
    const app = this.app;
    if (!app.viewer.stage) return;
    this.labels.update();
    this.updateHandles();
    this.updateInstruments();
  }

  // -- handles ---------------------------------------------------------------------------------

  /** Every draggable handle in view, in CSS pixels of the canvas. */
  handles() {
    const { viewer } = this.app;
    if (!this.app.editable()) return [];
    const out = [];
    const add = (entry, x, y, z) => {
      const p = viewer.project(0, x, y, z);
      const r = viewer.rect(0);
      if (p && p.x >= r.x && p.x <= r.x + r.width && p.y >= r.y && p.y <= r.y + r.height) out.push({ ...entry, ...p });
    };
    for (const w of this.app.wells()) {
      const base = { well: w.id, kind: w.kind };
      add({ ...base, id: w.id, handle: "target" }, w.x_m, w.y_m, -this.app.targetDepth(w));
      if (!w.pad) add({ ...base, id: `${w.id}:head`, handle: "head" }, w.head_x_m, w.head_y_m, 0);
    }
    for (const p of this.app.get("pads") || []) {
      add({ id: p.id, well: p.id, kind: "pad", handle: "pad" }, p.x_m, p.y_m, 0.05 / viewer.ve);
    }
    return out;
  }

  /** Nearest handle within a radius; the selected well wins over a nearer neighbour. */
  hit(x, y, radius = 20) {
    const selected = this.app.get("selected");
    let best = null;
    for (const h of this.handles()) {
      const d = Math.hypot(h.x - x, h.y - y) - (h.well === selected ? 8 : 0);
      if (d < radius && (!best || d < best.d)) best = { ...h, d };
    }
    return best;
  }

  updateHandles() {
    const { app } = this;
    const wanted = new Map();
    const all = this.handles();
    const held = app.held;
    const show = (h, mode) => wanted.set(h.id, { ...h, mode });
    const pulse = app.firstHandle();
    for (const h of all) {
      if (held && h.well === held.id && h.handle === held.handle) continue;
      if (h.well === app.get("selected")) show(h, "selected");
      else if (app.hover && h.id === app.hover.id) show(h, "hover");
      else if (!held && h.id === pulse) show(h, "pulse");
    }
    this.moveHeld(held);
    for (const [id, node] of this.handleNodes) {
      if (!wanted.has(id)) {
        node.remove();
        this.handleNodes.delete(id);
      }
    }
    for (const [id, h] of wanted) {
      let node = this.handleNodes.get(id);
      const lang = app.get("lang");
      if (!node || node.dataset.mode !== h.mode || node.dataset.kind !== h.kind || node.dataset.lang !== lang) {
        node?.remove();
        node = drawHandle(h.kind, h.mode, h.mode === "pulse" ? app.text("drag_me", { zh: "拖动我", en: "Drag me" }) : "");
        node.dataset.mode = h.mode;
        node.dataset.kind = h.kind;
        node.dataset.lang = lang;
        this.front.append(node);
        this.handleNodes.set(id, node);
      }
      node.setAttribute("transform", `translate(${h.x.toFixed(1)} ${h.y.toFixed(1)})`);
    }
    this.showNames(all);
  }

  /** The handle in the hand: a small picture of its own, moved without painting. */
  moveHeld(held) {
    const show = Boolean(held?.screen && held.handle !== "replay");
    this.heldSvg.toggleAttribute("hidden", !show);
    if (!show) {
      this.heldKind = "";
      return;
    }
    if (this.heldKind !== held.kind) {
      this.heldSvg.replaceChildren(drawHandle(held.kind, "held"));
      this.heldKind = held.kind;
    }
    this.heldSvg.style.transform = `translate(${(held.screen.x - 48).toFixed(1)}px,${(held.screen.y - 48).toFixed(1)}px)`;
  }

  /** Name of the hovered and of the selected well, next to the handle. */
  showNames(all) {
    const { app } = this;
    const ids = new Set([app.get("selected"), app.hover?.well].filter(Boolean));
    const names = [];
    if (!app.held) for (const h of all) if (ids.has(h.well) && h.handle === "target") names.push({ ...h, text: h.well });
    this.labels.setNames(names.slice(0, ACTIVE_HANDLES));
  }

  // -- the hand --------------------------------------------------------------------------------

  /** Ghost, plumb line, spacing ring, bent well and the line to what is too near. */
  drawHand(hand) {
    this.back.replaceChildren();
    if (hand?.ghosts !== this.ghosts || !hand) this.drawStart(hand);
    if (!hand) return;
    const at = (p) => this.at(p);
    const path = (points) => this.path(points);
    const add = (name, attributes) => this.back.append(el(name, attributes));
    if (hand.tubes) for (const t of hand.tubes) this.tube(path(t.points), t.kind);
    if (hand.ring) add("path", { d: `${path(circle(hand.at, hand.ring))}Z`, class: "gs-ring" });
    if (hand.plumb) {
      const [a, b] = hand.plumb.map(at);
      if (a && b) {
        add("path", { d: `M${a.x} ${a.y}L${b.x} ${b.y}`, class: "gs-plumb" });
        add("circle", { cx: a.x, cy: a.y, r: 5, class: "gs-plumb-head" });
      }
    }
    for (const limit of hand.limits) {
      const [a, b] = [at(hand.at), at(limit.at)];
      if (a && b) {
        add("path", { d: `M${a.x} ${a.y}L${b.x} ${b.y}`, class: `gs-limit ${limit.severity}` });
        add("circle", { cx: b.x, cy: b.y, r: 11, class: `gs-limit-end ${limit.kind}` });
      }
    }
  }

  /** Where the wells were: drawn once a drag. */
  drawStart(hand) {
    this.ghosts = hand?.ghosts;
    this.still.replaceChildren();
    if (!hand) return;
    for (const ghost of hand.ghosts) this.still.append(el("path", { d: this.path(ghost), class: "gs-ghost" }));
    const p = hand.start && this.at(hand.start);
    if (p) this.still.append(el("circle", { cx: p.x, cy: p.y, r: 12, class: "gs-start" }));
  }

  /** A point x, y, depth on the canvas; a line of such points as path data. */
  at(p) { return this.app.viewer.project(0, p[0], p[1], -p[2]); }

  path(points) {
    return points.map((p) => this.at(p)).filter(Boolean).map((p, i) => `${i ? "L" : "M"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("");
  }

  /** A well drawn as strokes: stands for the 3D tube where frames are dear. */
  tube(d, kind) {
    for (const part of ["edge", "body"]) this.back.append(el("path", { d, class: `gs-tube ${part} ${kind}` }));
  }

  /** One line at the top of the scene while a click is awaited. */
  hint(text) {
    if (!this.hintNode) {
      this.hintNode = document.createElement("div");
      this.hintNode.className = "gs-hint";
      this.hintNode.setAttribute("role", "status");
      this.root.append(this.hintNode);
    }
    this.hintNode.textContent = text || "";
    this.hintNode.hidden = !text;
    if (!text) this.preview(null);
  }

  /** Symbol under the cursor while a place is chosen. */
  preview(mode, p) {
    this.previewNode?.remove();
    this.previewNode = null;
    if (!mode || !p) return;
    const kind = mode.type === "move" ? this.app.wells().find((w) => w.id === mode.well)?.kind : mode.kind;
    this.previewNode = drawHandle(kind === "doublet" ? "producer" : kind || "producer", "hover");
    this.previewNode.setAttribute("transform", `translate(${p.x.toFixed(1)} ${p.y.toFixed(1)})`);
    this.front.append(this.previewNode);
  }

  // -- compass, scale bar, readout -------------------------------------------------------------

  updateInstruments() {
    const { viewer } = this.app;
    const needle = document.querySelector("#gs-compass [data-needle]") || document.querySelector("#gs-compass svg");
    if (needle) needle.style.transform = `rotate(${(180 - viewer.rig.azimuth).toFixed(1)}deg)`;
    const bar = document.getElementById("gs-scalebar");
    if (bar) this.scaleBar(bar, viewer.metresPerPixel());
    const ve = document.getElementById("gs-ve");
    if (ve) {
      const below = viewer.stage.depthScale; // the cut face of the site has a scale of its own
      const text = this.app.word(below ? "ve_below" : "ve_chip", { ve: below || Number(viewer.ve.toFixed(1)) });
      const slot = ve.querySelector("[data-text]") || (ve.children.length ? null : ve);
      if (slot && slot.textContent !== text) slot.textContent = text;
    }
  }

  /** A round length that fits in 60 to 130 px, exact at the distance of the target. */
  scaleBar(bar, metresPerPixel) {
    const raw = 130 * metresPerPixel;
    const p = 10 ** Math.floor(Math.log10(raw));
    const metres = (raw / p >= 5 ? 5 : raw / p >= 2 ? 2 : 1) * p;
    const text = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
    const width = `${(metres / metresPerPixel).toFixed(1)}px`;
    const line = bar.querySelector("[data-bar]") || bar;
    const label = bar.querySelector("[data-text]");
    if (line.style.width !== width) line.style.width = width;
    if (label) { if (label.textContent !== text) label.textContent = text; }
    else if (!bar.children.length && bar.textContent !== text) bar.textContent = text;
  }

  readout(point, more = "") {
    const node = document.getElementById("gs-readout");
    if (!node) return;
    const slot = node.querySelector("[data-text]") || node;
    const coarse = this.app.get("scale") === "basin";
    const f = (v) => (coarse ? `${Math.round(v / 1000)} km` : `${Math.round(v / 10) * 10} m`).replace("-", "\u2212");
    const text = point ? `E ${f(point[0])}  N ${f(point[1])}${more ? `  \u00b7  ${more}` : ""}` : "";
    if (slot.textContent !== text) slot.textContent = text;
  }
}

function circle(at, radius) {
  const out = [];
  for (let i = 0; i < 48; i++) {
    const a = (2 * Math.PI * i) / 48;
    out.push([at[0] + radius * Math.cos(a), at[1] + radius * Math.sin(a), at[2]]);
  }
  return out;
}
