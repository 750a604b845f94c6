// The last change as a short film: wells glide, the floor turns from the old map into the new one, and the page
// (panels/replay.py) shows figures and curves at the same moment. It can be stopped and scrubbed.
import * as THREE from "./vendor/three.module.min.js";
import { Field } from "./floor.js";

const half = THREE.DataUtils.toHalfFloat;
const FILM_MS = 4500;
const FAST_MS = 33;
const SLOW_MS = 160; // where frames are dear

export class Replay {
  constructor(app, maps) {
    Object.assign(this, { app, maps, at: 1, playing: false, turn: 0, mixed: null });
    app.bridge.watch(["replay"], (replay) => this.follow(replay));
    app.bridge.watch(["workspace", "scale"], () => { if (!this.here) this.leave(); });
  }

  get film() { return this.app.get("replay")?.ready ? this.app.get("replay") : null; }

  /** Whether wells and floor are on the stage to be moved. */
  get here() { return this.app.get("scale") === "field" && this.app.get("workspace") === "explore"; }

  /** A new film starts by itself, unless motion is not wanted: then it lies at its end and can be scrubbed. */
  async follow(replay) {
    const turn = ++this.turn;
    this.stop();
    this.rest();
    this.at = 1;
    if (!replay?.ready) return;
    await this.prepare(replay);
    if (turn !== this.turn) return;
    if (this.app.viewer.reducedMotion.matches) return this.show(1);
    this.at = 0;
    this.play();
  }

  /** Both maps, and one between them. */
  async prepare(replay) {
    const { frames_before: a, frames_after: b } = replay;
    this.mixed = null;
    if (!a?.url || !b?.url || a.key === b.key) return;
    const [one, two] = await Promise.all([this.maps.field(a), this.maps.field(b)]);
    if (one && two && one.frames.nx === two.frames.nx && one.frames.ny === two.frames.ny) {
      this.mixed = new Mixed(one.frames, two.frames);
    }
  }

  toggle() {
    if (this.playing) return this.stop();
    if (this.at >= 1) this.at = 0;
    this.play();
  }

  play() {
    this.playing = true;
    this.last = performance.now();
    this.tick();
  }

  stop() {
    clearTimeout(this.timer);
    this.playing = false;
    if (this.film) this.tell();
  }

  tick() {
    if (!this.playing) return;
    const now = performance.now();
    this.at = Math.min(this.at + Math.min(now - this.last, 400) / FILM_MS, 1);
    this.last = now;
    if (this.at >= 1) this.playing = false;
    this.show(this.at);
    if (this.playing) this.timer = setTimeout(() => this.tick(), this.app.viewer.pace.slow ? SLOW_MS : FAST_MS);
  }

  /** Any moment of the film, 0 before and 1 after. */
  scrub(at) {
    this.playing = false;
    clearTimeout(this.timer);
    this.show(Math.min(Math.max(Number(at), 0), 1));
  }

  show(at) {
    this.at = at;
    if (!this.film) return;
    this.tell();
    if (at >= 1 || !this.here || this.app.viewer.stage?.scale !== "field") return this.rest();
    const s = at * at * (3 - 2 * at);
    this.wells(s);
    this.floor(s);
  }

  tell() { this.app.bridge.set("ui_replay", { at: this.at, playing: this.playing }); }

  /** Moved wells between their places; new ones come and old ones go at the middle. */
  wells(s) {
    const { app, film } = this;
    const before = new Map(film.wells_before.map((w) => [w.id, w]));
    const after = new Map(film.wells_after.map((w) => [w.id, w]));
    const moved = film.wells_after.filter((w) => before.has(w.id) && !same(before.get(w.id), w));
    const added = film.wells_after.filter((w) => !before.has(w.id));
    const gone = film.wells_before.filter((w) => !after.has(w.id));
    if (!moved.length && !added.length && !gone.length) return;
    if (app.held && app.held.handle !== "replay") return; // the hand goes first
    if (!app.held) {
      app.held = { wells: moved, id: "", handle: "replay" };
      app.showHeld(new Set([...moved, ...added].map((w) => w.id)));
    }
    app.viewer.setHeld([
      ...moved.map((w) => between(before.get(w.id), w, s)), ...(s > 0.5 ? added : gone),
    ]);
  }

  floor(s) {
    const { app } = this;
    if (!this.mixed) return;
    this.mixed.share = s;
    const frames = app.get("frames");
    const ten = (v) => Math.round(v / 10) * 10;
    app.viewer.setField(0, this.mixed, frames && [ten(frames.tmin ?? 30), ten(frames.tmax ?? 90)]);
    this.mixed.year = null; // the same year, another share
    app.viewer.setYear(app.player.running ? app.player.year : Number(app.get("year")) || 0);
    app.viewer.invalidate();
  }

  /** The hand goes first: the film stands still and the scene is as it is. */
  halt() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.playing = false;
    this.rest();
  }

  /** Close the film: the scene at once, the panel when the server has heard. False when there is none. */
  leave() {
    if (!this.app.get("replay")) return false;
    this.halt();
    this.app.act("replay_close", {});
    return true;
  }

  /** The scene as it is. */
  rest() {
    const { app } = this;
    if (app.held?.handle === "replay") app.drag.release();
    if (this.mixed && app.viewer.views[0].field === this.mixed) this.maps.follow();
  }
}

/** A map between two maps of the same cells. */
class Mixed extends Field {
  constructor(before, after) {
    super(before);
    this.other = new Field(after);
    this.share = 0;
  }

  setYear(year) {
    const clamped = Math.max(year, this.frames.years[0]);
    if (clamped === this.year) return false;
    this.year = clamped;
    const [a, b] = [this.cooling(clamped), this.other.cooling(clamped)];
    for (let i = 0; i < a.length; i++) a[i] += (b[i] - a[i]) * this.share;
    const cooling = this.upsample(a);
    const data = this.texture.image.data;
    for (let i = 0; i < cooling.length; i++) {
      data[2 * i] = half(this.initial[i] - cooling[i] - this.reference);
      data[2 * i + 1] = half(cooling[i] / Math.max(this.initial[i] - this.coldest, 1));
    }
    this.texture.needsUpdate = true;
    return true;
  }
}

const same = (a, b) => JSON.stringify(a.path) === JSON.stringify(b.path);

function between(a, b, s) {
  if (a.path?.length !== b.path?.length) return s > 0.5 ? b : a;
  const m = (p, q) => p + (q - p) * s;
  return {
    ...b, x_m: m(a.x_m, b.x_m), y_m: m(a.y_m, b.y_m), top_m: m(a.top_m, b.top_m),
    path: b.path.map((p, i) => p.map((v, k) => m(a.path[i][k], v))),
  };
}
