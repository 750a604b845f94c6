// Pointers over the scene: which gesture is meant, and the camera's share of them. A handle under the
// pointer wins over the camera; everything else turns, slides or zooms the view.

const HANDLE_RADIUS = { mouse: 20, pen: 22, touch: 28 };
const CLICK_PX = 4;
const TURN_DEG_PER_PX = 0.28;

export class Navigator {
  constructor(surface, app) {
    this.surface = surface;
    this.app = app;
    this.pointers = new Map();
    this.gesture = null;
    surface.style.touchAction = "none";
    const on = (name, f, options) => surface.addEventListener(name, f, options);
    on("pointerdown", (e) => this.down(e), { capture: true });
    on("pointermove", (e) => this.move(e));
    // Not held back until the next frame: numbers need not wait for pictures.
    on("pointerrawupdate", (e) => this.rawMove(e));
    on("pointerup", (e) => this.up(e));
    on("pointercancel", (e) => this.up(e, true));
    on("pointerleave", () => this.leave());
    on("wheel", (e) => this.wheel(e), { passive: false });
    on("dblclick", (e) => this.doubleClick(e));
    on("contextmenu", (e) => e.preventDefault());
  }

  at(e) {
    const r = this.surface.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top };
  }

  // -- press -----------------------------------------------------------------------------------

  down(e) {
    const { app } = this;
    if (!this.surface.isConnected || !app.viewer.stage || !app.ours(e)) return;
    const p = this.at(e);
    this.pointers.set(e.pointerId, p);
    this.surface.setPointerCapture(e.pointerId);
    app.focusScene();
    if (this.pointers.size === 2) return this.startPinch();
    const pan = e.button === 2 || e.button === 1 || e.shiftKey;
    const handle = !pan && !app.mode && e.button === 0 ? app.overlay.hit(p.x, p.y, HANDLE_RADIUS[e.pointerType] || 20) : null;
    if (handle && app.drag.grab(handle, p.x, p.y)) {
      this.gesture = { type: "well", id: e.pointerId };
      e.preventDefault();
      return;
    }
    app.viewer.rig.flight = null;
    this.gesture = { type: pan ? "pan" : "orbit", id: e.pointerId, start: p, last: p, moved: false, pivot: this.pivot(p), view: app.viewer.viewAt(p.x, p.y) };
  }

  /** What the camera turns about: the level of the target under the cursor, if it is near enough. */
  pivot(p) {
    const { viewer } = this.app;
    const { rig } = viewer;
    const hit = viewer.levelPoint(viewer.viewAt(p.x, p.y), p.x, p.y, rig.target.z);
    if (!hit || hit.distanceTo(rig.target) > Math.min(rig.distance * 0.6, viewer.stage.reach)) return rig.target.clone();
    return hit;
  }

  startPinch() {
    if (this.app.held) this.app.drag.cancel();
    const [a, b] = [...this.pointers.values()];
    this.gesture = { type: "pinch", distance: Math.hypot(a.x - b.x, a.y - b.y), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
  }

  // -- move ------------------------------------------------------------------------------------

  move(e) {
    const { app } = this;
    if (!app.viewer.stage) return;
    const p = this.at(e);
    if (!this.pointers.has(e.pointerId)) return app.ours(e) ? this.hover(p) : this.leave();
    this.pointers.set(e.pointerId, p);
    const g = this.gesture;
    if (!g) return;
    if (g.type === "well") {
      app.drag.move(p.x, p.y, e.timeStamp, { ctrl: e.ctrlKey || e.metaKey });
      return app.drag.show();
    }
    if (g.type === "pinch") return this.pinch();
    if (!g.moved && Math.hypot(p.x - g.start.x, p.y - g.start.y) < CLICK_PX) return;
    g.moved = true;
    if (g.type === "orbit") app.viewer.rig.orbit(g.pivot, (p.x - g.last.x) * TURN_DEG_PER_PX, (p.y - g.last.y) * TURN_DEG_PER_PX);
    else this.slide(g.view, g.last, p);
    g.last = p;
    this.changed();
  }

  /** A well in the hand is followed as soon as the pointer is known; drawing waits for the frame. */
  rawMove(e) {
    if (this.gesture?.type !== "well" || this.gesture.id !== e.pointerId) return;
    const p = this.at(e);
    this.app.drag.move(p.x, p.y, e.timeStamp, { ctrl: e.ctrlKey || e.metaKey });
  }

  slide(view, from, to) {
    const { viewer } = this.app;
    viewer.aim();
    const a = viewer.levelPoint(view, from.x, from.y, viewer.rig.target.z);
    const b = viewer.levelPoint(view, to.x, to.y, viewer.rig.target.z);
    if (a && b && a.distanceTo(b) < viewer.rig.distance) viewer.rig.pan(a, b);
  }

  pinch() {
    const g = this.gesture;
    const [a, b] = [...this.pointers.values()];
    const distance = Math.hypot(a.x - b.x, a.y - b.y);
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const view = this.app.viewer.viewAt(middle.x, middle.y);
    this.slide(view, g.middle, middle);
    if (distance > 10) this.app.viewer.rig.zoom(this.pivot(middle), g.distance / distance);
    Object.assign(g, { distance, middle });
    this.changed();
  }

  hover(p) {
    const { app } = this;
    app.pointer = p;
    if (app.mode) return app.previewMode(p);
    const found = app.overlay.hit(p.x, p.y, 18);
    if (found?.id !== app.hover?.id) {
      app.hover = found;
      this.surface.style.cursor = found ? "grab" : "";
      app.overlay.updateHandles();
      app.overlay.labels.update();
    }
    app.hoverGround(p);
  }

  leave() {
    const { app } = this;
    if (app.hover && !app.held) {
      app.hover = null;
      app.overlay.update();
    }
  }

  // -- release ---------------------------------------------------------------------------------

  up(e, cancelled = false) {
    const { app } = this;
    this.pointers.delete(e.pointerId);
    const g = this.gesture;
    if (!g) return;
    if (g.type === "pinch") {
      if (this.pointers.size < 2) this.gesture = null;
      return;
    }
    if (g.id !== e.pointerId) return;
    this.gesture = null;
    if (g.type === "well") {
      if (cancelled) app.drag.cancel();
      else app.drag.drop(e.timeStamp);
      return;
    }
    if (!g.moved && !cancelled && e.button === 0) app.click(this.at(e));
    else app.viewer.invalidate();
  }

  wheel(e) {
    const { app } = this;
    if (!app.ours(e) || !app.viewer.stage) return;
    e.preventDefault();
    if (app.held) return;
    const step = e.deltaMode === 1 ? e.deltaY * 16 : e.deltaY;
    const p = this.at(e);
    app.viewer.rig.flight = null;
    app.viewer.aim();
    app.viewer.rig.zoom(this.pivot(p), Math.exp(Math.max(-300, Math.min(300, step)) * 0.0012));
    this.changed();
  }

  doubleClick(e) {
    const { app } = this;
    if (!app.ours(e) || !app.viewer.stage) return;
    const p = this.at(e);
    const hit = this.pivot(p);
    const { viewer } = app;
    viewer.flyTo({ target: hit.toArray(), distance: Math.max(viewer.rig.distance * 0.5, viewer.rig.limits.near) });
  }

  changed() {
    const { viewer } = this.app;
    viewer.aim();
    viewer.invalidate(true);
  }
}
