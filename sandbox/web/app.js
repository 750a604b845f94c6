// The model behind the scene: what the page's state means for the 3D view, and what gestures mean for the
// server. viewer.js draws, overlay.js annotates, drag.js and navigate.js listen; this joins them.
import { DragLabel } from "./draglabel.js";
import { WellDrag } from "./drag.js";
import { fromScene } from "./labels.js";
import { Overlay } from "./overlay.js";
import { Perf } from "./perf.js";
import { Player } from "./player.js";
import { horizonDepth, insideRing } from "./rules.js";
import { stationLabels } from "./station.js";
import { Viewer } from "./viewer.js";
import { word } from "./words.js";

const SEEN_KEY = "geosandbox-dragged";
const CAPTION_PX = 170; // room for the words over the first handle
const PANELS_EVERY_MS = 400;
const UNIT_EVERY_MS = 120;
const APART = 8; // labels may touch a panel, not go under it
const CAMERAS_KEPT = 30;
const ROMAN = ["I", "II", "III", "IV", "V"];

export class App {
  constructor(bridge, { canvas, overlayHost }) {
    this.bridge = bridge;
    this.viewer = new Viewer(canvas);
    this.perf = new Perf();
    this.held = null;
    this.hover = null;
    this.mode = null; // {type: "move", well} or {type: "place", kind}
    this.ready = false;
    this.downloads = 0;
    this.cameras = { list: [], at: 0 };
    this.firstId = null;
    this.overlay = new Overlay(overlayHost, this);
    this.label = new DragLabel(this.overlay.hand, this);
    this.drag = new WellDrag(this);
    this.player = new Player(this);
    this.viewer.onFrame(() => this.overlay.update());
  }

  // -- state in words --------------------------------------------------------------------------

  get(key) { return this.bridge.get(key); }
  get lang() { return this.get("lang") === "en" ? "en" : "zh"; }
  word(key, values) { return word(this.lang, key, values, this.get("t")); }
  text(key, fallback) { return this.get("t")?.[`scene_${key}`] ?? fallback[this.lang]; }
  wells() { return this.get("wells") || []; }
  loading() { return this.downloads > 0; }

  /** Whether wells may be moved: in the field, in one view. */
  editable() {
    return this.get("workspace") !== "compare" && this.viewer.stage?.scale === "field" && !this.viewer.leaving;
  }

  /** Depth of a well's target (m): its own, else the reservoir's top there. */
  targetDepth(w) { return w.top_m ?? horizonDepth(this.get("site"), w.x_m, w.y_m); }

  depthAt(_well, x, y) { return horizonDepth(this.get("site"), x, y); }

  act(action, params) {
    return this.bridge.trigger("act", [action, params]).catch((e) => console.error(action, e));
  }

  // -- labels ----------------------------------------------------------------------------------

  sceneLabels(view) {
    const stage = this.viewer.stage;
    if (!stage) return [];
    const layers = this.get("layers") || {};
    const hidden = { fault: layers.faults === false, river: layers.rivers === false };
    // On the stage large captions stand over the picture: only what they speak of keeps its name.
    if (this.get("workspace") === "present") for (const kind of ["strata", "depth", "place", "fault", "river"]) hidden[kind] = true;
    const all = layers.labels === false ? [] : fromScene(stage.scene, this.lang).filter((l) => !hidden[l.kind] && stage.labelShown(l));
    if (stage.scale === "field") all.push(...this.padLabels(view));
    if (stage.scale === "basin") return this.withPills([...all, ...this.classLabels()]);
    if (stage.scale === "site") return stationLabels(all, this.get("station"), this.wells(), this.lang);
    return all;
  }

  padLabels(view) {
    if ((this.get("layers") || {}).wells === false) return [];
    return this.padsOf(view).map((p) => ({
      key: `pad-${p.id}`, text: p.id, kind: "pad", tone: "dark", strong: true, rank: 9.5, at: [p.x_m, p.y_m, 0], lift: 12,
    }));
  }

  /** Sites named in the basin invite to fly there; the one that is open always does. */
  withPills(labels) {
    const here = this.get("site");
    const sites = new Map((this.get("sites") || []).map((s) => [s.name, s.title]));
    const fly = (name) => (name === here.name ? this.setScale("field") : this.act("set_site", { name }));
    const pill = (label, name, title) => ({
      ...label, text: this.word("fly", { name: title }), kind: "pill", tone: "light", rank: name === here.name ? 30 : 25,
      lift: 22, onclick: () => fly(name),
    });
    const out = labels.map((l) => {
      const name = l.id?.startsWith("site-") ? l.id.slice(5) : "";
      return sites.has(name) ? pill(l, name, l.text) : l;
    });
    if (!out.some((l) => l.id === `site-${here.name}`)) {
      const at = this.placeInBasin(here);
      if (at) out.push(pill({ key: "site-here", at }, here.name, here.title));
    }
    return out;
  }

  placeInBasin(site) {
    const stage = this.viewer.stage;
    if (!site?.world_origin_m || site.scale === "basin") return null;
    const x = site.world_origin_m[0] - stage.scene.world_origin_m[0];
    const y = site.world_origin_m[1] - stage.scene.world_origin_m[1];
    const [x0, x1, y0, y1] = stage.bounds;
    if (x < x0 || x > x1 || y < y0 || y > y1) return null;
    const kept = (stage.pillAt ??= new Map());
    if (!kept.has(site.name)) kept.set(site.name, stage.heightAt(x, y) ?? 0);
    return [x, y, kept.get(site.name)];
  }

  padsOf(view) {
    if (this.get("workspace") !== "compare") return this.get("pads") || [];
    return padsFrom(this.wellsOf(view));
  }

  wellsOf(view) {
    if (this.get("workspace") !== "compare") return this.wells();
    return this.compare?.wells(view) || [];
  }

  // -- pictures --------------------------------------------------------------------------------

  /** Wells of every view; those in the hand are drawn apart. */
  showWells() {
    const hidden = this.held ? new Set(this.held.wells.map((w) => w.id)) : null;
    const on = (this.get("layers") || {}).wells !== false;
    const thick = this.get("workspace") === "present" ? 1.3 : 1;
    this.viewer.views.forEach((_, i) => {
      this.viewer.setWells(i, on ? this.wellsOf(i) : [], on ? this.padsOf(i) : [], { hidden: i === 0 ? hidden : null, thick });
    });
  }

  /** A grab (ids) or a release (null). */
  showHeld(ids) {
    for (const part of [this.surface, document.getElementById("gs-app")]) part?.toggleAttribute("data-held", Boolean(ids));
    this.viewer.setTone({ mute: ids ? 1 : 0 });
    this.showWells();
  }

  showYear(year) { this.viewer.setYear(year); }

  /** First visit: one handle asks to be dragged, the one nearest to the middle of the picture. */
  firstHandle() {
    if (this.seen ?? (this.seen = readFlag())) return null;
    if (this.get("selected")) return null;
    if (this.firstId && this.wells().some((w) => w.id === this.firstId)) return this.firstId;
    const r = this.viewer.free(0);
    let best = [Infinity, null];
    // a well that stands badly is the one worth a first move
    const bad = new Set((this.get("findings") || []).flatMap((f) => [f.well, f.other]));
    const handles = this.overlay.handles().filter((h) => h.handle === "target" && h.kind === "producer");
    const inside = (h) => h.x > r.x + CAPTION_PX && h.x < r.x + r.width - CAPTION_PX && h.y > r.y + 60 && h.y < r.y + r.height - 40;
    const first = handles.filter((h) => bad.has(h.well) && inside(h));
    for (const h of first.length ? first : handles) {
      const d = Math.hypot(h.x - r.x - 0.5 * r.width, h.y - r.y - 0.62 * r.height);
      if (d < best[0]) best = [d, h.id];
    }
    this.firstId = best[1];
    return this.firstId;
  }

  dragged() {
    if (this.seen) return;
    this.seen = true;
    writeFlag();
  }

  // -- gestures --------------------------------------------------------------------------------

  /** Only the picture itself is ours; buttons and panels over it are not. */
  ours(e) { return !(e.target instanceof Element) || !e.target.closest("button, a, input, select, label, .ov, .pan, [data-ui]"); }

  /** Boxes (middle and size, CSS px of the canvas) of the panels over the scene; measured now and then. */
  panelBoxes() {
    const now = performance.now();
    if (this.boxes && now - this.boxesAt < PANELS_EVERY_MS) return this.boxes;
    this.boxesAt = now;
    const o = this.origin();
    this.boxes = [...this.surface.querySelectorAll(".ov, .vh")].map((n) => n.getBoundingClientRect())
      .filter((r) => r.width > 1 && r.width < 0.6 * this.viewer.size.width)
      .map((r) => ({ x: r.left - o.x + r.width / 2, y: r.top - o.y + r.height / 2, w: r.width - APART, h: r.height - APART }));
    return this.boxes;
  }

  focusScene() { this.surface?.focus?.({ preventScroll: true }); }

  /** Top left corner of the canvas on the page. */
  origin() {
    const r = this.viewer.canvas.getBoundingClientRect();
    return { x: r.left, y: r.top };
  }

  click(p) {
    this.rememberCamera();
    if (this.mode) return this.finishMode(p);
    const stage = this.viewer.stage;
    if (stage.scale === "basin") {
      const at = this.basinPoint(p);
      const unit = this.unitAt(at);
      if (unit) this.act("pick_unit", { id: unit.id });
      if (at && stage.raster?.at(at[0], at[1])) this.act("suit_at", { x_m: at[0], y_m: at[1] });
      return;
    }
    if (this.get("selected")) this.select("");
  }

  select(well) { this.act("select", { well }); }

  /** Where the cursor meets the surface of the basin, metres. */
  basinPoint(p) {
    const stage = this.viewer.stage;
    const view = this.viewer.viewAt(p.x, p.y);
    return this.viewer.surfacePoint(view, p.x, p.y, (x, y) => -(stage.heightAt(x, y) ?? 0));
  }

  unitAt(q) {
    return q && (this.viewer.stage.scene.picks || []).find((u) => u.kind === "unit" && insideRing(u.polygon_m, q[0], q[1]));
  }

  hoverGround(p) {
    if (this.viewer.stage.scale === "basin") return this.hoverUnit(p);
    const view = this.viewer.viewAt(p.x, p.y);
    const stage = this.viewer.stage;
    const depth = stage.scale === "field" ? (x, y) => horizonDepth(this.get("site"), x, y) : () => 0;
    this.overlay.readout(this.viewer.surfacePoint(view, p.x, p.y, depth));
  }

  /** A unit under the cursor can be chosen; asked a few times a second, the answer needs ray casts. */
  hoverUnit(p) {
    const now = performance.now();
    if (now - (this.unitAsked || 0) < UNIT_EVERY_MS) return;
    this.unitAsked = now;
    const at = this.basinPoint(p);
    this.surface.style.cursor = this.unitAt(at) ? "pointer" : "";
    this.overlay.readout(at, at && this.classText(at));
  }

  /** Class of a place of the basin in words, and what decides it. */
  classText([x, y]) {
    const found = this.viewer.stage.raster?.at(x, y);
    if (!found) return "";
    const why = this.get("t")?.[found.up ? "suit_hover_up" : "suit_hover_down"] || "{name}";
    return `${ROMAN[found.n - 1]} ${found.name[this.lang]} \u00b7 ${why.replace("{name}", found.driver[this.lang])}`;
  }

  /** Numerals on the largest patches of each class, and a flag on the chosen place. */
  classLabels() {
    const stage = this.viewer.stage;
    if (!stage.raster) return [];
    const heights = (stage.markHeights ??= new Map()); // ray casts, asked for every frame
    const at = (m) => {
      const key = `${m.x_m},${m.y_m}`;
      if (!heights.has(key)) heights.set(key, stage.heightAt(m.x_m, m.y_m) ?? 0);
      return [m.x_m, m.y_m, heights.get(key)];
    };
    const labels = stage.raster.map.marks.map((m, i) => ({
      key: `class-${i}`, text: ROMAN[m.n - 1], kind: "class", tone: m.n > 3 ? "light" : "dark", strong: true, rank: 8.2, at: at(m),
    }));
    const place = this.get("suit_place");
    if (place) labels.push({
      key: "class-here", text: place.roman, kind: "here", tone: "dark", strong: true, rank: 40, at: at(place), lift: 10,
    });
    return labels;
  }

  startMove(well = this.get("selected")) {
    if (!well || !this.editable()) return false;
    return this.setMode({ type: "move", well });
  }

  place(kind) {
    if (this.viewer.stage?.scale !== "field") this.act("set_scale", { scale: "field" });
    return this.setMode({ type: "place", kind });
  }

  setMode(mode) {
    this.mode = mode;
    if (this.surface) this.surface.style.cursor = mode ? "crosshair" : "";
    this.overlay.hint(mode && (mode.type === "move" ? this.word("move_here") : this.word("place_here", { kind: this.word(mode.kind) })));
    return true;
  }

  previewMode(p) {
    this.hoverGround(p);
    this.overlay.preview(this.mode, p);
  }

  async finishMode(p) {
    const mode = this.mode;
    this.setMode(null);
    if (mode.type === "move") await this.drag.moveTo(mode.well, p.x, p.y);
    else await this.drag.placeAt(mode.kind, p.x, p.y);
  }

  /** One step back at a time: the hand, what waits for a click, what lies over the scene, the selection. */
  escape() {
    if (this.held && this.held.handle !== "replay") return this.drag.cancel();
    if (this.mode) return this.setMode(null);
    if (this.closeSheet()) return true;
    if (this.get("selected") && this.editable()) return this.select(""), true;
    return false;
  }

  /** The sheet on top of the page, if there is one. */
  closeSheet() {
    if (this.get("help_open")) return this.toggle("help_open"), true;
    if (this.get("workspace") !== "explore") return false;
    if (this.get("explain")) return this.act("explain", { key: "" }), true;
    if (this.get("model_card")) return this.act("model_card", { open: false }), true;
    return this.replayer.leave();
  }

  /** Key repeats add up while the server works on the last step. */
  async nudge(dx, dy) {
    const n = (this.nudging ??= { dx: 0, dy: 0, busy: false });
    n.dx += dx;
    n.dy += dy;
    if (n.busy) return;
    n.busy = true;
    while (n.dx || n.dy) {
      const step = { well: this.get("selected"), dx_m: n.dx, dy_m: n.dy, handle: "target" };
      n.dx = n.dy = 0;
      await this.act("nudge", step);
    }
    n.busy = false;
  }

  deleteSelected() {
    const well = this.get("selected");
    if (!well || !this.editable()) return false;
    this.act("delete_well", { well });
    return true;
  }

  togglePlay() {
    this.bridge.set("playing", !this.get("playing"));
    return true;
  }

  toggle(key) { this.act("toggle", { key }); }

  stepYear(by) {
    const life = Number(this.get("life_years")) || 30;
    this.bridge.set("year", Math.min(Math.max(Math.round(Number(this.get("year")) || 0) + by, 0), life));
  }

  setScale(scale) {
    if (this.viewer.stage?.scale === scale) return this.viewer.home();
    this.act("set_scale", { scale });
  }

  frameSelection(id = this.get("selected")) {
    const w = this.wells().find((v) => v.id === id);
    if (!w || this.viewer.stage.scale !== "field") return this.viewer.home();
    const { viewer } = this;
    const target = [w.x_m / 1000, w.y_m / 1000, (-this.targetDepth(w) / 1000) * viewer.ve];
    viewer.flyTo({ target, distance: Math.max(viewer.rig.limits.near, viewer.stage.home(viewer.aspect(0)).distance * 0.45) });
  }

  rememberCamera() {
    const c = this.cameras;
    const state = JSON.stringify(this.viewer.rig.state);
    if (c.list[c.list.length - 1] === state) return;
    c.list.push(state);
    if (c.list.length > CAMERAS_KEPT) c.list.shift();
    c.at = c.list.length - 1;
  }

  stepCamera(by) {
    const c = this.cameras;
    const to = c.at + by;
    if (to < 0 || to >= c.list.length) return;
    c.at = to;
    this.viewer.flyTo(JSON.parse(c.list[to]));
  }

  /** Show the last change again, with its causes: see replay.js. */
  replay() { this.act("replay", {}); }
}

/** Pads of a list of wells: middle of their heads. */
function padsFrom(wells) {
  const pads = new Map();
  for (const w of wells) {
    if (!w.pad) continue;
    const p = pads.get(w.pad) || { id: w.pad, xs: [], ys: [], wells: [] };
    p.xs.push(w.head_x_m);
    p.ys.push(w.head_y_m);
    p.wells.push(w.id);
    pads.set(w.pad, p);
  }
  const mean = (v) => v.reduce((a, b) => a + b, 0) / v.length;
  return [...pads.values()].map((p) => ({ id: p.id, x_m: mean(p.xs), y_m: mean(p.ys), wells: p.wells }));
}

function readFlag() {
  try { return localStorage.getItem(SEEN_KEY) === "1"; } catch { return false; }
}

function writeFlag() {
  try { localStorage.setItem(SEEN_KEY, "1"); } catch { /* private window: the hint comes again */ }
}
