// Compare in the scene: where the views lie, what each shows, the divider, blinking, the difference of two
// schemes, and small pictures of all of them. The server says which schemes; this says how they are drawn.
import * as THREE from "./vendor/three.module.min.js";
import { MAPS, sample } from "./colormaps.js";
import { Field } from "./floor.js";

const half = THREE.DataUtils.toHalfFloat;
const SIDES = ["a", "b", "c", "d"];
const STEP = 0.02;
const NICE_K = [1, 2, 5, 10, 20]; // a new cold body is some 40 K off: what lies beyond the ends keeps their colour
const KIND_DOT = { producer: "#fff", injector: "#9fd3ff", storage: "#d9b8e0", monitor: "#e6ebef" };

export class Compare {
  constructor(app, maps) {
    Object.assign(this, { app, maps, split: 0.5, flipped: false, painted: "" });
    const { bridge } = app;
    bridge.watch(["compare"], () => { this.relayout(); this.paint(); });
    bridge.watch(["year"], () => { if (!app.player.running) this.paint(); });
    window.addEventListener("keydown", (e) => this.key(e, true));
    window.addEventListener("keyup", (e) => this.key(e, false));
  }

  get state() { return this.app.get("workspace") === "compare" ? this.app.get("compare") : null; }
  get mode() { return this.state?.mode || "side"; }
  get differing() { return this.mode === "difference"; }

  /** The page's frames move first; measure them after they have. */
  relayout() {
    const follow = () => { this.app.fit?.(); this.maps.follow(); };
    requestAnimationFrame(follow);
    setTimeout(follow, 120);
  }

  // -- layout ----------------------------------------------------------------------------------

  /** Rectangles of the views (CSS px of the canvas); with ``clip`` only that part of one is drawn. */
  rects(box) {
    const whole = { x: 0, y: 0, width: box.width, height: box.height };
    if (this.mode === "grid" || this.differing) return [whole];
    if (this.mode === "swipe") {
      const at = Math.round(this.split * box.width);
      return [
        { ...whole, clip: { ...whole, width: Math.max(at - 1, 0) } },
        { ...whole, clip: { ...whole, x: at + 1, width: Math.max(box.width - at - 1, 0) } },
      ];
    }
    if (this.mode === "blink") {
      const none = { ...whole, width: 0 };
      return [{ ...whole, clip: this.flipped ? none : whole }, { ...whole, clip: this.flipped ? whole : none }];
    }
    const count = this.state?.views?.length || 2;
    const places = SIDES.slice(0, count).map((s) => document.querySelector(`[data-testid="view-${s}"]`)?.getBoundingClientRect());
    if (!places.every((r) => r && r.width > 2 && r.height > 2)) {
      const w = box.width / count - 2;
      return SIDES.slice(0, count).map((_, i) => ({ x: i * (w + 2), y: 0, width: w, height: box.height }));
    }
    return places.map((r) => {
      const x = Math.max(r.left, box.left), y = Math.max(r.top, box.top);
      return {
        x: x - box.left, y: y - box.top,
        width: Math.min(r.right, box.right) - x, height: Math.min(r.bottom, box.bottom) - y,
      };
    });
  }

  /** Wells of a view; in the difference those of both, each once. */
  wells(view) {
    const all = this.state?.wells || [];
    if (!this.differing) return all[view] || [];
    const [a = [], b = []] = all;
    const known = new Set(b.map((w) => `${w.x_m},${w.y_m}`));
    return [...b, ...a.filter((w) => !known.has(`${w.x_m},${w.y_m}`)).map((w) => ({ ...w, id: `${w.id} ` }))];
  }

  frames(view) { return this.state?.frames?.[view] || null; }

  // -- divider and blink -----------------------------------------------------------------------

  setSplit(share) {
    this.split = Math.min(Math.max(share, 0.02), 0.98);
    this.app.bridge.set("ui_split", this.split);
    this.app.fit();
  }

  /** Follow the pointer until it is let go. */
  grabDivider(event) {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const move = (e) => {
      const box = this.app.surface.getBoundingClientRect();
      this.setSplit((e.clientX - box.left) / box.width);
    };
    const drop = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", drop);
      handle.removeEventListener("pointercancel", drop);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
  }

  dividerKey(event) {
    const step = STEP * (event.shiftKey ? 5 : 1);
    const to = { ArrowLeft: this.split - step, ArrowRight: this.split + step, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.setSplit(to);
  }

  flip(on) {
    if (this.flipped === on) return;
    this.flipped = on;
    this.app.bridge.set("ui_flip", on);
    this.app.fit();
  }

  /** B held shows the other scheme in the same place. */
  key(event, down) {
    if (this.mode !== "blink" || event.key.toLowerCase() !== "b" || event.repeat || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
    this.flip(down);
  }

  // -- difference ------------------------------------------------------------------------------

  /** What the second scheme leaves warmer or colder than the first, on one view. */
  async showDifference() {
    const { app, maps } = this;
    const [a, b] = [this.frames(0), this.frames(1)];
    if (!a?.url || !b?.url) return;
    const key = `${a.key}|${b.key}`;
    const [one, two] = await Promise.all([maps.field(a), maps.field(b)]);
    if (!one || !two || !this.differing || `${this.frames(0)?.key}|${this.frames(1)?.key}` !== key) return;
    if (this.difference?.key !== key) {
      this.difference?.dispose();
      this.difference = new Difference(key, one.frames, two.frames);
      app.bridge.set("ui_difference", this.difference.most);
    }
    const { most } = this.difference;
    app.viewer.setField(0, this.difference, [-most, most], { lut: "delta", iso: most / 5 });
    app.viewer.setYear(app.player.running ? app.player.year : Number(app.get("year")) || 0);
  }

  // -- small pictures --------------------------------------------------------------------------

  /** Floor temperature of every scheme, same range and year. */
  async paint() {
    const { state, app } = this;
    if (!state?.thumbs?.length) return;
    const year = Number(app.get("year")) || 0;
    for (const thumb of state.thumbs) {
      if (!thumb.frames?.url) continue;
      const field = await this.maps.field(thumb.frames);
      const canvas = document.querySelector(`[data-thumb="${thumb.id}"] canvas`);
      if (field && canvas && this.state?.thumbs?.length) drawThumb(canvas, field, year, thumb, this.box());
    }
  }

  box() {
    const { origin_m: origin, extent_m: extent } = this.app.get("site").box;
    return { x: origin[0], y: origin[1], width: extent[0], height: extent[1] };
  }
}

/** Temperature of the second less that of the first, with the face of a Field. */
class Difference extends Field {
  constructor(key, first, second) {
    super(first);
    this.key = key;
    this.other = new Field(second);
    this.reference = 0;
    this.most = this.largest();
  }

  /** B - A (K) at the cells of A. */
  step(year) {
    const a = this.cooling(year);
    const b = this.other.cooling(year);
    const { nx, ny } = this.frames;
    const { nx: mx, ny: my } = this.other.frames;
    const out = new Float32Array(a.length);
    for (let j = 0; j < ny; j++) {
      const row = ny === my ? j : Math.min(Math.floor(((j + 0.5) * my) / ny), my - 1);
      for (let i = 0; i < nx; i++) {
        const column = nx === mx ? i : Math.min(Math.floor(((i + 0.5) * mx) / nx), mx - 1);
        out[j * nx + i] = a[j * nx + i] - b[row * mx + column];
      }
    }
    return out;
  }

  /** End of the colour range: a round number that the last year fills. */
  largest() {
    const most = this.step(this.frames.years[this.frames.years.length - 1]).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    return NICE_K.find((k) => k >= 0.5 * most) || NICE_K[NICE_K.length - 1];
  }

  setYear(year) {
    const clamped = Math.max(year, this.frames.years[0]);
    if (clamped === this.year) return false;
    this.year = clamped;
    const step = this.upsample(this.step(clamped));
    const data = this.texture.image.data;
    for (let i = 0; i < step.length; i++) {
      data[2 * i] = half(step[i]);
      data[2 * i + 1] = 0;
    }
    this.texture.needsUpdate = true;
    return true;
  }

  dispose() {
    super.dispose();
    this.other.dispose();
  }
}

const table = Array.from({ length: 256 }, (_, i) => sample(MAPS.thermal, i / 255));

/** One scheme from above: its coldest floor is seen at a glance, north is up. */
function drawThumb(canvas, field, year, thumb, box) {
  const { nx, ny } = field.frames;
  const values = field.mix(Math.max(year, field.frames.years[0]));
  canvas.width = nx;
  canvas.height = ny;
  const picture = new ImageData(nx, ny);
  const [low, high] = [thumb.frames.tmin, thumb.frames.tmax];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const share = (values[j * nx + i] - low) / (high - low);
      const at = 4 * ((ny - 1 - j) * nx + i);
      picture.data.set(table[Math.max(0, Math.min(255, Math.round(255 * share)))], at);
      picture.data[at + 3] = 255;
    }
  }
  const ctx = canvas.getContext("2d");
  ctx.putImageData(picture, 0, 0);
  const r = Math.max(1, nx / 110);
  for (const [x, y, kind] of thumb.wells) {
    ctx.beginPath();
    ctx.arc(((x - box.x) / box.width) * nx, (1 - (y - box.y) / box.height) * ny, r, 0, 2 * Math.PI);
    ctx.fillStyle = KIND_DOT[kind] || KIND_DOT.monitor;
    ctx.fill();
  }
}
