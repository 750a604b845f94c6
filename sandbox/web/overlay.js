// Everything drawn over the canvas: labels, handles, what belongs to the hand while it drags.
// HTML and SVG, because text must be crisp and in two languages, and because it moves without a WebGL frame.
import { labelLayer } from "./labels.js";
import { drawHandle, el } from "./symbols.js";

const ACTIVE_HANDLES = 3;
const MARGIN = 16; // px round the lines of the hand: widths and end circles
const STEP = 64;

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
    this.svg.append(this.still, this.front);
    this.handSvg = el("svg", { "aria-hidden": "true" });
    this.handSvg.append(this.back);
    this.heldSvg = el("svg", { viewBox: "-48 -48 96 96", width: 96, height: 96, "aria-hidden": "true" });
    this.heldBox = layer("gs-held", this.heldSvg);
    this.handBox = layer("gs-hand", this.handSvg);
    this.root.append(this.svg);
    // In a host of its own beside the page: moved inside it, Chromium would paint the page's tiles again.
    this.hand = document.createElement("div");
    this.hand.className = "gs-hand-host";
    this.hand.hidden = true;
    this.hand.append(this.handBox, this.heldBox);
    document.body.append(this.hand);
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
      const place = `translate(${h.x.toFixed(1)} ${h.y.toFixed(1)})`;
      if (node.place !== place) node.setAttribute("transform", (node.place = place)); // writing the same paints again
    }
    this.showNames(all);
  }

  /** Lay the host of what moves over the scene: at a grab and when the scene has moved. */
  placeHand() {
    const r = this.root.getBoundingClientRect();
    this.hand.dataset.lang = this.app.lang; // the page's frame says these for everything inside it
    this.hand.dataset.theme = this.root.closest("[data-theme]")?.dataset.theme || "light";
    Object.assign(this.hand.style, { left: `${r.left}px`, top: `${r.top}px`, width: `${r.width}px`, height: `${r.height}px` });
  }

  /** The handle in the hand: a small picture of its own, moved without painting. */
  moveHeld(held) {
    const show = Boolean(held?.screen && held.handle !== "replay");
    if (show && this.hand.hidden) this.placeHand();
    this.hand.hidden = !show;
    this.heldBox.hidden = !show;
    if (!show) {
      this.heldKind = "";
      return;
    }
    if (this.heldKind !== held.kind) {
      this.heldSvg.replaceChildren(drawHandle(held.kind, "held"));
      this.heldKind = held.kind;
    }
    // Whole pixels: between them the layer would have to be painted again at every move.
    this.heldBox.style.transform = `translate(${Math.round(held.screen.x - 48)}px,${Math.round(held.screen.y - 48)}px)`;
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
    this.box = null;
    if (hand?.ghosts !== this.ghosts || !hand) this.drawStart(hand);
    if (hand) this.drawLive(hand);
    this.fitHand();
  }

  drawLive(hand) {
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

  /** The layer of what moves is no larger than it: only its pixels are painted and blended again. */
  fitHand() {
    const { handBox, handSvg, box } = this;
    handBox.hidden = !box;
    if (!box) return;
    // In steps, so that the layer is seldom made anew.
    const [x, y] = [box[0] - MARGIN, box[1] - MARGIN].map((v) => Math.floor(v / STEP) * STEP);
    const [w, h] = [box[2] + MARGIN - x, box[3] + MARGIN - y].map((v) => Math.ceil(v / STEP) * STEP);
    const shape = `${w} ${h}`;
    if (this.shape !== shape) {
      this.shape = shape;
      for (const part of [handBox, handSvg]) Object.assign(part.style, { width: `${w}px`, height: `${h}px` });
    }
    handSvg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    handBox.style.transform = `translate(${x}px,${y}px)`;
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
  at(p) {
    const q = this.app.viewer.project(0, p[0], p[1], -p[2]);
    if (q) {
      const b = (this.box ??= [q.x, q.y, q.x, q.y]);
      b[0] = Math.min(b[0], q.x);
      b[1] = Math.min(b[1], q.y);
      b[2] = Math.max(b[2], q.x);
      b[3] = Math.max(b[3], q.y);
    }
    return q;
  }

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

/** A box that moves without being painted. */
function layer(name, content) {
  const box = document.createElement("div");
  box.className = `gs-layer ${name}`;
  box.hidden = true;
  box.append(content);
  return box;
}

function circle(at, radius) {
  const out = [];
  for (let i = 0; i < 48; i++) {
    const a = (2 * Math.PI * i) / 48;
    out.push([at[0] + radius * Math.cos(a), at[1] + radius * Math.sin(a), at[2]]);
  }
  return out;
}
