// Proposals in the scene: dashed grey-white wells where they would stand, with a line from where they are.
// SVG over the canvas, kept from frame to frame: only the path data follows the camera.
import { el } from "./symbols.js";

const RING = 11, RING_RATE = 8; // px; a well that only runs at another rate gets the small one

export class Ghosts {
  constructor(app, bridge) {
    this.app = app;
    this.group = el("g", { class: "gs-ghosts" });
    this.items = [];
    app.overlay.svg.prepend(this.group);
    bridge.watch(["ghosts"], (ghosts) => this.set(ghosts?.wells || []));
    bridge.watch(["workspace", "scale"], () => this.update());
    app.viewer.onFrame(() => this.update());
  }

  /** One group of strokes per proposed well; those whose rate alone changes get a ring and no line. */
  set(wells) {
    this.items = wells.map((well) => {
      const node = el("g", { class: `gs-proposal ${well.kind} ${well.action}`, "data-ghost": well.name });
      const part = (name, cls, more = {}) => {
        const n = el(name, { class: cls, ...more });
        node.append(n);
        return n;
      };
      const item = { well, node };
      if (well.action === "add" || well.action === "move") {
        item.tube = [part("path", "edge"), part("path", "body")];
        if (well.from) item.way = [part("path", "way-edge"), part("path", "way")];
      }
      const r = well.action === "rate" ? RING_RATE : RING;
      item.rings = [part("circle", "ring-edge", { r }), part("circle", "ring", { r })];
      return item;
    });
    this.group.replaceChildren(...this.items.map((i) => i.node));
    this.update();
  }

  update() {
    const { app } = this;
    const show = this.items.length > 0 && Boolean(app.viewer.stage) && app.editable();
    this.group.style.display = show ? "" : "none";
    if (!show) return;
    for (const item of this.items) this.place(item);
  }

  place({ well, node, tube, way, rings }) {
    const { overlay } = this.app;
    const at = overlay.at([well.x_m, well.y_m, well.top_m]);
    node.style.display = at ? "" : "none";
    if (!at) return;
    for (const ring of rings) {
      ring.setAttribute("cx", at.x.toFixed(1));
      ring.setAttribute("cy", at.y.toFixed(1));
    }
    if (tube) for (const t of tube) t.setAttribute("d", overlay.path(well.path));
    const from = way && overlay.at([well.from.x_m, well.from.y_m, well.from.top_m]);
    if (way) for (const w of way) w.setAttribute("d", from ? `M${from.x.toFixed(1)} ${from.y.toFixed(1)}L${at.x.toFixed(1)} ${at.y.toFixed(1)}` : "");
  }
}
