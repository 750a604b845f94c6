// One closed stroke of the pointer over the scene, for choosing or drawing an area; Escape ends it.
import { el } from "./symbols.js";

const MIN_STEP = 4; // px between the corners

export class Stroke {
  /** `kind`: class of the layer, as the style sheets know it. */
  constructor(app, kind) {
    this.app = app;
    this.kind = kind;
    this.layer = null;
  }

  /** Ask for a stroke; `done` gets its corners (px in the scene). A second call takes the first back. */
  start(hint, done) {
    if (this.layer) return this.stop();
    const layer = document.createElement("div");
    layer.className = this.kind;
    layer.dataset.ui = "";
    const svg = el("svg"), path = el("path");
    svg.append(path);
    layer.append(svg);
    this.layer = layer;
    this.app.overlay.hint(hint);
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
      if (corners?.length > 2) done(corners);
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
}
