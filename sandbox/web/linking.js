// Blocks of communities in the scene: outlines and dots over the canvas, and the lasso that chooses them.
import { insideRing } from "./rules.js";
import { Stroke } from "./stroke.js";
import { el } from "./symbols.js";

const DOT = 4.5;

export class Blocks {
  constructor(app, bridge) {
    this.app = app;
    this.bridge = bridge;
    this.group = el("g", { class: "gs-blocks" });
    this.items = [];
    this.stroke = new Stroke(app, "gs-lasso");
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
    if (!show) return this.stroke.stop();
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
    if (!this.shown()) return this.stroke.stop();
    return this.stroke.start(this.app.text("lasso", { zh: "圈出要合并的小区", en: "Draw around the communities" }), (corners) => this.choose(corners));
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
