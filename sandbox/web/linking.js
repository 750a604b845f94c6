// Blocks of communities in the scene: outlines and dots over the canvas, and the lasso that chooses them.
import { insideRing } from "./rules.js";
import { el } from "./symbols.js";

const DOT = 4.5;
const MIN_STEP = 4; // px between the corners of a lasso

export class Blocks {
  constructor(app, bridge) {
    this.app = app;
    this.bridge = bridge;
    this.group = el("g", { class: "gs-blocks" });
    this.items = [];
    app.overlay.svg.prepend(this.group);
    bridge.watch(["blocks"], () => this.set());
    bridge.watch(["workspace", "scale", "drawer", "site", "ui_drawer"], () => this.update());
    app.viewer.onFrame(() => this.update());
    (window.gs ??= {}).lasso = () => this.lasso();
  }

  data() {
    const blocks = this.app.get("blocks");
    return blocks && blocks.site === this.app.get("site")?.name ? blocks : null;
  }

  shown() {
    const { app } = this;
    return Boolean(this.data()) && app.get("drawer") === "linking" && app.get("workspace") === "explore" && app.viewer.stage?.scale === "field";
  }

  /** One outline and name a block, one dot a community. */
  set() {
    const blocks = this.data();
    this.items = [];
    const nodes = [];
    if (blocks) {
      const chosen = new Set(blocks.chosen);
      for (const b of blocks.blocks) {
        const path = el("path", { fill: b.colour, stroke: b.colour, "data-block": b.id });
        nodes.push(path);
        this.items.push({ path, ring: b.ring });
        if (b.alone) continue;
        const text = el("text");
        text.textContent = b.id;
        this.items.push({ text, at: middle(b.ring) });
      }
      for (const c of blocks.communities) {
        const dot = el("circle", { r: chosen.has(c.id) ? DOT + 2 : DOT, fill: c.colour, class: chosen.has(c.id) ? "on" : "" });
        nodes.push(dot);
        this.items.push({ dot, at: [c.x_m, c.y_m], id: c.id });
      }
      nodes.push(...this.items.filter((i) => i.text).map((i) => i.text));
    }
    this.group.replaceChildren(...nodes);
    this.update();
  }

  update() {
    const show = this.shown();
    this.group.style.display = show ? "" : "none";
    if (!show) return this.stop();
    for (const item of this.items) this.place(item);
  }

  place(item) {
    const { overlay } = this.app;
    if (item.path) return item.path.setAttribute("d", `${overlay.path(item.ring.map(([x, y]) => [x, y, 0]))}Z`);
    const p = overlay.at([item.at[0], item.at[1], 0]);
    const node = item.dot || item.text;
    node.style.display = p ? "" : "none";
    if (!p) return;
    node.setAttribute(item.dot ? "cx" : "x", p.x.toFixed(1));
    node.setAttribute(item.dot ? "cy" : "y", p.y.toFixed(1));
  }

  // -- lasso -----------------------------------------------------------------------------------

  /** The next stroke over the scene chooses the communities inside it; Escape ends it. */
  lasso() {
    if (!this.shown() || this.layer) return this.stop();
    const layer = document.createElement("div");
    layer.className = "gs-lasso";
    layer.dataset.ui = "";
    const svg = el("svg");
    const path = el("path");
    svg.append(path);
    layer.append(svg);
    this.layer = layer;
    this.app.overlay.hint(this.app.text("lasso", { zh: "圈出要合并的小区", en: "Draw around the communities" }));
    let corners = null;
    const at = (e) => { const o = this.app.origin(); return [e.clientX - o.x, e.clientY - o.y]; };
    layer.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      e.stopPropagation();
      layer.setPointerCapture(e.pointerId);
      corners = [at(e)];
    });
    layer.addEventListener("pointermove", (e) => {
      if (!corners) return;
      const p = at(e), last = corners[corners.length - 1];
      if (Math.hypot(p[0] - last[0], p[1] - last[1]) < MIN_STEP) return;
      corners.push(p);
      path.setAttribute("d", `M${corners.map((c) => c.map((v) => v.toFixed(1)).join(" ")).join("L")}Z`);
    });
    layer.addEventListener("pointerup", () => {
      if (corners?.length > 2) this.choose(corners);
      this.stop();
    });
    layer.addEventListener("pointercancel", () => this.stop());
    this.onKey = (e) => { if (e.key === "Escape") this.stop(); };
    window.addEventListener("keydown", this.onKey, true);
    this.app.overlay.root.append(layer);
    return null;
  }

  stop() {
    if (!this.layer) return;
    this.layer.remove();
    this.layer = null;
    window.removeEventListener("keydown", this.onKey, true);
    this.app.overlay.hint("");
  }

  choose(corners) {
    const inside = this.items.filter((i) => i.dot).filter((i) => {
      const p = this.app.overlay.at([i.at[0], i.at[1], 0]);
      return p && insideRing(corners, p.x, p.y);
    });
    this.app.act("blocks_choose", { ids: inside.map((i) => i.id) });
  }
}

function middle(ring) {
  const sum = ring.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}
