// A well in the hand. The page bends the well, checks the rules and draws; the server is asked for numbers
// with one request under way and only the newest position waiting (latest wins), and told once on release.
import { planPath } from "./path.js";
import { checkTarget, horizonDepth, nearestLegal } from "./rules.js";

const GRID_M = 10;
const SLOW_DRAW_MS = 50;
const CARPET_REST_MS = 120;
const CARPET_LATEST_MS = 1200;
const SLOW_LABEL_MS = 150; // how often the words of the card change, where painting is dear and where not
const FAST_LABEL_MS = 40;
const SETTLE_MS = 1500; // longest wait for the server's wells after a drop before the hand lets go

export class WellDrag {
  constructor(app) {
    this.app = app;
    this.seq = 0;
    this.next = null;
    this.inFlight = false;
    this.dropping = 0;
  }

  get pending() { return this.inFlight || this.next !== null || this.dropping > 0; }

  // -- grab, move, drop ------------------------------------------------------------------------

  /** Take a handle ({id, well, kind, handle}); cursor position in CSS pixels of the canvas. */
  grab(h, x, y) {
    const { app } = this;
    app.replayer?.halt();
    this.release(); // an earlier drop may still wait for its picture
    const wells = h.handle === "pad"
      ? app.wells().filter((w) => w.pad === h.well)
      : app.wells().filter((w) => w.id === h.well);
    if (!wells.length) return false;
    const pad = h.handle === "pad" ? (app.get("pads") || []).find((p) => p.id === h.well) : null;
    const w = wells[0];
    const start = h.handle === "target" ? [w.x_m, w.y_m, app.targetDepth(w)] : pad ? [pad.x_m, pad.y_m, 0] : [w.head_x_m, w.head_y_m, 0];
    app.held = {
      id: h.well, kind: h.kind, handle: h.handle, wells, start, at: start, screen: { x: h.x, y: h.y },
      offset: [h.x - x, h.y - y], paths: [], findings: [], moved: false, ghosts: wells.map((v) => v.path),
    };
    app.hover = null;
    app.dragged();
    app.viewer.pace.handAt = performance.now(); // it will move at once, or the picture can wait as long
    app.viewer.setCalm(true);
    app.showHeld(new Set(wells.map((v) => v.id)));
    this.bend(app.held, start);
    this.draw(app.held);
    this.trigger("grab", [h.well, h.handle]);
    return true;
  }

  /** Bend to the cursor and ask the server; ``time`` of the pointer event is for the latency figures. */
  move(x, y, time, { ctrl = false } = {}) {
    const { app } = this;
    const held = app.held;
    if (!held || held.done) return;
    const p = this.placeUnder(held, x + held.offset[0], y + held.offset[1], ctrl);
    if (!p || (p[0] === held.at[0] && p[1] === held.at[1])) return;
    if (!held.moved && Math.hypot(p[0] - held.start[0], p[1] - held.start[1]) < 0.5) return;
    held.moved = true;
    held.time = time;
    held.stale = true;
    app.viewer.pace.handAt = performance.now();
    this.bend(held, p);
    this.next = [++this.seq, held.id, held.handle, p[0], p[1]];
    app.perf.sent(this.seq, time);
    this.pump();
  }

  /** Lay the carpet under the hand. Where painting is dear it waits until the hand pauses: figures come first. */
  spread(carpet, came = performance.now()) {
    const { app } = this;
    clearTimeout(this.spreading);
    const held = app.held;
    if (!carpet || !held || carpet.well !== held.id) return app.viewer.setCarpet(null);
    const until = Math.min((held.time || 0) + CARPET_REST_MS, came + CARPET_LATEST_MS);
    const wait = app.viewer.pace.slow ? until - performance.now() : 0;
    if (wait > 0) this.spreading = setTimeout(() => this.spread(carpet, came), wait);
    else app.viewer.setCarpet(carpet);
  }

  /** Draw what the last move made of the hand; where painting is dear, leave the processor to the numbers. */
  show() {
    const { app } = this;
    const held = app.held;
    if (!held?.stale || held.done) return;
    const wait = app.viewer.pace.slow ? (held.shown || 0) + SLOW_DRAW_MS - performance.now() : 0;
    if (wait > 0) {
      this.later ||= setTimeout(() => { this.later = 0; this.show(); }, wait);
      return;
    }
    held.stale = false;
    held.shown = performance.now();
    this.draw(held);
    app.perf.drawn(held.time);
  }

  /** The site with what the scheme forbids on it. */
  site() {
    const areas = this.app.get("keep_out") || [];
    return { ...this.app.get("site"), keep_out: areas.map((area) => area.ring) };
  }

  /** Ground or reservoir under the cursor, on the grid if asked, no further than hard limits allow. */
  placeUnder(held, x, y, ctrl) {
    const { app } = this;
    const site = this.site();
    let p;
    if (held.handle === "target") p = app.viewer.surfacePoint(0, x, y, (a, b) => app.depthAt(held.wells[0], a, b));
    else {
      const q = app.viewer.levelPoint(0, x, y, 0);
      p = q && [q.x * 1000, q.y * 1000, 0];
    }
    if (!p) return null;
    if (ctrl) p = [Math.round(p[0] / GRID_M) * GRID_M, Math.round(p[1] / GRID_M) * GRID_M, p[2]];
    if (held.handle !== "target") return p;
    const [lx, ly] = nearestLegal(site, app.wells(), held.wells[0], p[0], p[1], held.at);
    return [lx, ly, app.depthAt(held.wells[0], lx, ly)];
  }

  /** New paths of the wells in the hand, and what the rules say about them. */
  bend(held, p) {
    const { app } = this;
    const site = this.site();
    held.at = p;
    const dx = p[0] - held.start[0], dy = p[1] - held.start[1];
    const options = { kickoffM: site.kickoff_m || 300, maxDoglegDeg30m: site.max_dogleg || 3 };
    held.live = held.wells.map((w) => {
      const head = held.handle === "target" ? [w.head_x_m, w.head_y_m] : [w.head_x_m + dx, w.head_y_m + dy];
      const target = held.handle === "target" ? p : [w.x_m, w.y_m, app.targetDepth(w)];
      const vertical = Math.hypot(w.head_x_m - w.x_m, w.head_y_m - w.y_m) < 0.5 && !w.pad;
      const top = held.handle === "target" && vertical ? [p[0], p[1]] : head; // a plain vertical well moves whole
      const plan = planPath(top, target, { ...options, baseDepthM: w.base_m ? target[2] + (w.base_m - w.top_m) : null });
      return { id: w.id, kind: w.kind, x_m: target[0], y_m: target[1], top_m: target[2], head: top, path: plan.points, plan };
    });
    held.paths = held.live.map((l) => l.plan);
    held.findings = held.handle === "target" ? checkTarget(site, app.wells(), held.wells[0], p[0], p[1]) : [];
    const bent = held.paths.find((q) => !q.feasible);
    if (bent) held.findings.unshift({ kind: "dogleg", severity: "hard", distance: bent.doglegDeg30m, limit: options.maxDoglegDeg30m });
  }

  draw(held) {
    const { app } = this;
    const { viewer, overlay } = app;
    const z = held.handle === "pad" ? -0.05 / viewer.ve : held.at[2];
    held.screen = viewer.project(0, held.at[0], held.at[1], -z) || held.screen;
    const slow = viewer.pace.slow;
    if (!slow) viewer.setHeld(held.live);
    const spacing = held.findings.find((f) => f.kind === "pair");
    overlay.drawHand({
      ghosts: held.moved ? held.ghosts : [],
      start: held.moved ? held.start : null,
      tubes: slow ? held.live.map((l) => ({ points: l.path.filter((p) => p[2] <= l.top_m + 1), kind: l.kind })) : null,
      at: held.at,
      ring: held.handle === "target" ? spacing?.limit : 0,
      plumb: held.handle === "target" ? [[held.at[0], held.at[1], 0], held.at] : null,
      limits: held.findings.filter((f) => f.severity !== "ok" && f.at && f.kind !== "area" && f.kind !== "keep_out")
        .map((f) => ({ at: [f.at[0], f.at[1], f.other?.top_m ?? held.at[2]], severity: f.severity, kind: f.other?.kind || f.kind })),
    });
    overlay.updateHandles();
    if (held.moved) app.label.show(held, viewer.rect(0), slow ? SLOW_LABEL_MS : FAST_LABEL_MS);
    if (!slow) overlay.readout(held.at); // the card says where; text elsewhere would paint the page again
  }

  async pump() {
    if (this.inFlight) return;
    this.inFlight = true;
    while (this.next) {
      const args = this.next;
      this.next = null;
      await this.trigger("drag", args);
    }
    this.inFlight = false;
  }

  /** Let go. A press without a move is a click: it selects. */
  async drop(time) {
    const { app } = this;
    const held = app.held;
    if (!held || held.done) return;
    app.viewer.setCalm(false);
    if (!held.moved) {
      this.release();
      this.trigger("cancel_drag", []);
      if (held.handle !== "pad") app.select(held.id);
      return;
    }
    this.next = null;
    held.done = true;
    app.label.hide();
    app.perf.released(time);
    await this.commit([++this.seq, held.id, held.handle, held.at[0], held.at[1]], held);
  }

  /** Tell the server and keep the picture of the hand until its wells have come. */
  async commit(args, held) {
    const { app } = this;
    this.dropping += 1;
    const before = app.get("wells");
    try {
      const answer = await this.trigger("drop", args);
      const refused = !answer || answer.ok === false;
      const until = refused ? 0 : performance.now() + SETTLE_MS;
      while (app.get("wells") === before && performance.now() < until && app.held === held) await pause(20);
    } finally {
      this.dropping -= 1;
      if (app.held === held) this.release();
    }
  }

  /** Escape: everything as before the grab. */
  cancel() {
    const { app } = this;
    if (!app.held || app.held.done || app.held.handle === "replay") return false;
    this.next = null;
    this.release();
    app.viewer.setCalm(false);
    this.trigger("cancel_drag", []);
    return true;
  }

  release() {
    const { app } = this;
    if (!app.held) return;
    app.held = null;
    app.label.hide();
    app.overlay.drawHand(null);
    app.viewer.setHeld([]);
    app.showHeld(null);
    app.overlay.update();
  }

  async trigger(name, args) {
    try {
      return await this.app.bridge.trigger(name, args);
    } catch (error) {
      console.error(name, error);
      return null;
    }
  }

  // -- without dragging ------------------------------------------------------------------------

  /** Move the selected well to a clicked place: the single-pointer way to do what a drag does. */
  async moveTo(well, x, y) {
    const { app } = this;
    const w = app.wells().find((v) => v.id === well);
    const p = w && app.viewer.surfacePoint(0, x, y, (a, b) => app.depthAt(w, a, b));
    if (!p) return;
    const [lx, ly] = nearestLegal(this.site(), app.wells(), w, p[0], p[1], [w.x_m, w.y_m]);
    this.dropping += 1;
    try {
      app.perf.released(performance.now());
      await this.trigger("grab", [well, "target"]);
      await this.trigger("drop", [++this.seq, well, "target", lx, ly]);
    } finally {
      this.dropping -= 1;
    }
  }

  /** New well or doublet at a clicked place on the reservoir. */
  async placeAt(kind, x, y) {
    const { app } = this;
    const site = this.site();
    const p = app.viewer.surfacePoint(0, x, y, (a, b) => horizonDepth(site, a, b));
    if (!p) return;
    const ghost = { id: "", kind: kind === "doublet" ? "producer" : kind, x_m: p[0], y_m: p[1], head_x_m: p[0], head_y_m: p[1] };
    const [lx, ly] = nearestLegal(site, app.wells(), ghost, p[0], p[1], null);
    const place = { x_m: lx, y_m: ly };
    await (kind === "doublet" ? app.act("add_doublet", place) : app.act("add_well", { kind, ...place }));
  }
}

const pause = (ms) => new Promise((r) => setTimeout(r, ms));
