// Keep-out areas on the ground: outlines over the canvas, and the stroke that draws a new one.
import { Stroke } from "./stroke.js";
import { el } from "./symbols.js";

const MOST_CORNERS = 24;

export class Areas {
  constructor(app, bridge) {
    this.app = app;
    this.group = el("g", { class: "gs-areas" });
    this.items = [];
    this.stroke = new Stroke(app, "gs-lasso gs-area-stroke");
    app.overlay.svg.prepend(this.group);
    bridge.watch(["keep_out"], () => this.set());
    bridge.watch(["workspace", "scale", "site", "drawer"], () => this.update());
    app.viewer.onFrame(() => this.update());
    (window.gs ??= {}).drawArea = () => this.draw();
  }

  shown() {
    const { app } = this;
    return app.get("workspace") === "explore" && app.viewer.stage?.scale === "field";
  }

  set() {
    this.items = (this.app.get("keep_out") || []).map((area, i) => {
      const path = el("path", { "data-area": String(i) });
      const text = el("text");
      text.textContent = `${this.app.text("keep_out_short", { zh: "禁布区", en: "keep out" })} ${i + 1}`;
      return { path, text, ring: area.ring, at: middle(area.ring) };
    });
    this.group.replaceChildren(...this.items.flatMap((i) => [i.path, i.text]));
    this.update();
  }

  update() {
    const show = this.shown();
    this.group.style.display = show && this.items.length ? "" : "none";
    if (!show) return this.stroke.stop();
    const { overlay } = this.app;
    for (const { path, text, ring, at } of this.items) {
      path.setAttribute("d", `${overlay.path(ring.map(([x, y]) => [x, y, 0]))}Z`);
      const p = overlay.at([at[0], at[1], 0]);
      text.style.display = p ? "" : "none";
      if (p) { text.setAttribute("x", p.x.toFixed(1)); text.setAttribute("y", p.y.toFixed(1)); }
    }
    return null;
  }

  /** The next stroke over the scene becomes an area; Escape ends it. */
  draw() {
    if (!this.shown()) return this.stroke.stop();
    return this.stroke.start(this.app.text("keep_out_stroke", { zh: "在地面上圈出禁布区", en: "Draw around the keep-out area" }), (corners) => {
      const ring = this.onGround(corners);
      if (ring) this.app.act("keep_out_add", { ring });
    });
  }

  /** Corners of a stroke as metres on the ground, thinned to those that matter; null where it leaves the ground. */
  onGround(corners) {
    const ring = corners.map(([x, y]) => this.app.viewer.surfacePoint(0, x, y, () => 0)).filter(Boolean).map(([x, y]) => [x, y]);
    if (ring.length < 3) return null;
    const half = ring.length >> 1;
    for (let tolerance = 15; ; tolerance *= 1.5) {
      const thin = [...simplified(ring.slice(0, half + 1), tolerance).slice(0, -1), ...simplified(ring.slice(half), tolerance)];
      if (thin.length <= MOST_CORNERS) return thin.length < 3 ? null : thin.map((p) => p.map((v) => Math.round(v)));
    }
  }
}

/** Douglas and Peucker (1973): corners that lie further than the tolerance (m) from the line between their neighbours. */
function simplified(line, tolerance) {
  if (line.length < 3) return line;
  const [a, b] = [line[0], line[line.length - 1]];
  const dx = b[0] - a[0], dy = b[1] - a[1], length = Math.hypot(dx, dy) || 1;
  let far = 0, index = 0;
  for (let i = 1; i < line.length - 1; i++) {
    const d = Math.abs((line[i][0] - a[0]) * dy - (line[i][1] - a[1]) * dx) / length;
    if (d > far) { far = d; index = i; }
  }
  if (far <= tolerance) return [a, b];
  return [...simplified(line.slice(0, index + 1), tolerance).slice(0, -1), ...simplified(line.slice(index), tolerance)];
}

function middle(ring) {
  const sum = ring.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}
