// The 3D view: one canvas, up to four viewports with a common camera, three stages of one world.
// Knows nothing about trame: main.js feeds it, overlay.js and drag.js ask it where things are.
import * as THREE from "./vendor/three.module.min.js";
import { CameraRig, FLIGHT_MS } from "./camera.js";
import { lutTexture } from "./colormaps.js";
import { applyCarpet, carpetTexture, groundCarpetMaterial } from "./floor.js";
import { backdrop, blendMaterial, LINE_PIXELS } from "./materials.js";
import { Pace } from "./pace.js";
import { Still } from "./still.js";
import { WellsLayer } from "./wells.js";

const KM = 1e-3;
const MAX_PIXEL_RATIO = 2;
const TUBE_SIDES = 14;
const NO_INSET = { left: 0, top: 0, right: 0, bottom: 0 };
const SLOW_TUBE_SIDES = 8; // triangles, not pixels, are what costs on the CPU

export class Viewer {
  constructor(canvas) {
    this.canvas = canvas;
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true, alpha: false, powerPreference: "high-performance" });
    this.renderer.outputColorSpace = THREE.LinearSRGBColorSpace; // shading is done in display space
    this.renderer.debug.checkShaderErrors = false; // asking for them waits for every shader by itself
    this.renderer.autoClear = false;
    this.renderer.setClearColor(0x000000, 1);
    this.scene = new THREE.Scene();
    this.backdrop = backdrop();
    this.scene.add(this.backdrop);
    this.rig = new CameraRig();
    this.stages = new Map();
    this.memory = new Map(); // camera per scale
    this.active = null;
    this.leaving = null;
    this.views = [this.newView()];
    this.size = { width: 1, height: 1 };
    this.inset = NO_INSET;
    this.mute = 0;
    this.body = 0;
    this.listeners = new Set();
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.carpet = null;
    this.groundCarpet = null;
    this.blend = null;
    const gl = this.renderer.getContext();
    this.still = new Still(gl, canvas);
    this.pace = new Pace(gl, (quality) => { this.draw(quality); this.still.copy(); }, () => this.still.drawn());
  }

  newView() {
    return { rect: null, camera: new THREE.PerspectiveCamera(), wells: new WellsLayer(), field: null, range: [30, 90] };
  }

  get stage() { return this.active; }
  get ve() { return this.active ? this.active.ve : 1; }
  get flying() { return Boolean(this.rig.flight); }
  /** Calls back after each frame and camera change, so that the overlay keeps step. */
  onFrame(callback) { this.listeners.add(callback); }
  invalidate(moving = false) { this.pace.invalidate(moving); }

  /** A well is in the hand: where frames are dear a picture stands for the canvas until it is let go. */
  setCalm(calm) {
    this.pace.calm = calm;
    if (calm && this.pace.slow) this.still.begin();
    else this.still.end();
    this.invalidate();
  }

  // -- stages and flights ----------------------------------------------------------------------

  addStage(stage) {
    const old = this.stages.get(stage.scale);
    if (old) {
      if (stage.scale === "field") for (const v of this.views) v.wells.group.removeFromParent(); // they outlive it
      this.scene.remove(old.group);
      old.dispose();
    }
    stage.group.visible = false;
    this.scene.add(stage.group);
    this.stages.set(stage.scale, stage);
    if (old && this.active === old) this.active = stage;
    if (stage.scale === "field") for (const v of this.views) stage.group.add(v.wells.group);
  }

  hasStage(scale) { return this.stages.has(scale); }

  /** Show a scale. With ``fly`` the camera moves there in one go, without a jump. */
  show(scale, { fly = true, home = false } = {}) {
    const next = this.stages.get(scale);
    if (!next || (next === this.active && !home)) return;
    const last = this.active;
    const ms = fly && last && !this.reducedMotion.matches ? FLIGHT_MS : 0;
    if (last && last !== next) {
      if (!this.rig.flight && !home) this.memory.set(last.scale, this.rig.state);
      this.rig.target.x += last.originKm[0] - next.originKm[0];
      this.rig.target.y += last.originKm[1] - next.originKm[1];
      this.leaving = ms ? last : null;
    }
    this.active = next;
    const goal = (!home && this.memory.get(scale)) || next.home(this.aspect(0));
    this.setLimits();
    this.rig.flyTo(goal, ms, performance.now());
    this.animate();
  }

  setLimits() {
    const s = this.active;
    const [x0, x1, y0, y1] = s.bounds;
    const home = s.home(this.aspect(0));
    this.rig.limits = {
      near: s.reach * 0.05, far: home.distance * 2.5, floor: 0.02 * s.reach * 0.1,
      cx: 0.5 * KM * (x0 + x1), cy: 0.5 * KM * (y0 + y1), radius: s.reach * 1.2,
    };
  }

  /** Fly within the active stage. */
  flyTo(goal, ms = FLIGHT_MS) {
    this.rig.flyTo({ ...this.rig.state, ...goal }, this.reducedMotion.matches ? 0 : ms, performance.now());
    this.animate();
  }

  home() {
    this.memory.delete(this.active.scale);
    this.flyTo(this.active.home(this.aspect(0)));
  }

  animate() {
    if (this.ticking) return;
    this.ticking = true;
    const tick = () => {
      const s = this.rig.step(performance.now());
      if (!this.rig.flight) {
        this.leaving = null;
        this.ticking = false;
        this.invalidate();
        return;
      }
      this.progress = s;
      this.invalidate(true);
      setTimeout(tick, this.pace.slow ? 30 : 8);
    };
    tick();
  }

  setVe(ve) {
    if (!this.active || this.active.ve === ve) return;
    this.rig.target.z *= ve / this.active.ve;
    this.active.setVe(ve);
    this.memory.delete(this.active.scale);
    this.setLimits();
    this.invalidate();
  }

  // -- what is shown ---------------------------------------------------------------------------

  /** Rectangles in CSS pixels relative to the canvas; one with ``clip`` is drawn only there. */
  setViews(rects) {
    while (this.views.length < rects.length) {
      const v = this.newView();
      this.views.push(v);
      this.stages.get("field")?.group.add(v.wells.group);
    }
    while (this.views.length > rects.length) {
      const v = this.views.pop();
      v.wells.group.removeFromParent();
      v.wells.dispose();
    }
    rects.forEach((r, i) => { Object.assign(this.views[i], { rect: r, clip: r?.clip || null }); });
    this.refit();
    this.invalidate();
  }

  /** A narrower view steps back by as much as its home camera would, so that nothing leaves the picture. */
  refit() {
    const aspect = this.aspect(0);
    if (this.active && this.fitted && aspect !== this.fitted && !this.rig.flight) {
      this.setLimits();
      this.rig.distance *= this.active.fit(aspect) / this.active.fit(this.fitted);
      this.rig.clamp();
    }
    this.fitted = aspect;
  }

  resize(width, height) {
    if (width === this.size.width && height === this.size.height) return;
    this.size = { width, height };
    this.applied = null;
    this.invalidate();
  }

  /** CSS pixels along the edges of the canvas that panels cover: the picture is centred on the rest. */
  setInset(inset = NO_INSET) {
    if (Object.keys(NO_INSET).every((k) => inset[k] === this.inset[k])) return;
    this.inset = inset;
    this.refit();
    this.invalidate();
  }

  /** The part of a view that no panel covers; only one view at a time is given way to panels. */
  free(i) {
    const r = this.clip(i), n = this.views.length > 1 || this.views[i]?.rect ? NO_INSET : this.inset;
    return { x: r.x + n.left, y: r.y + n.top, width: r.width - n.left - n.right, height: r.height - n.top - n.bottom };
  }

  /** The picture that is fitted into the free part goes on behind the panels. */
  widen(camera, i) {
    const r = this.rect(i), f = this.free(i);
    if (this.views[i].rect || (f.width === r.width && f.height === r.height)) return camera.clearViewOffset();
    camera.setViewOffset(f.width, f.height, r.x - f.x, r.y - f.y, r.width, r.height);
  }

  aspect(i) {
    const r = this.views[i]?.rect || this.free(i);
    return r.width / Math.max(r.height, 1);
  }

  rect(i) {
    return this.views[i]?.rect || { x: 0, y: 0, width: this.size.width, height: this.size.height };
  }

  /** The part of a view that is drawn. */
  clip(i) { return this.views[i]?.clip || this.rect(i); }

  setWells(i, wells, pads, options) {
    const field = this.stages.get("field");
    const sides = this.pace.slow ? SLOW_TUBE_SIDES : TUBE_SIDES;
    if (field && this.views[i].wells.set(wells, pads, field.ve, { ...options, sides })) this.invalidate();
  }

  setHeld(wells) {
    this.views[0].wells.setHeld(wells);
    this.invalidate();
  }

  /** ``look``: another colour map (``lut``) and step of the iso-lines (``iso``, K). */
  setField(i, field, range, look = {}) {
    const v = this.views[i];
    if (v.field && v.field !== field && !this.views.some((o) => o !== v && o.field === v.field)) v.field.dispose();
    v.field = field;
    v.look = look;
    if (range) v.range = range;
    this.invalidate();
  }

  setYear(year) {
    let changed = false;
    for (const v of this.views) changed = v.field?.setYear(year) || changed;
    if (changed) this.invalidate();
  }

  setTheme(dark) {
    this.backdrop.setTheme(dark);
    this.invalidate();
  }

  /** Muted reservoir (0..1) while a well is held, opaque cold bodies (0..1) in Compare. */
  setTone({ mute = this.mute, body = this.body }) {
    if (mute === this.mute && body === this.body) return;
    Object.assign(this, { mute, body });
    this.invalidate();
  }

  setCarpet(carpet) {
    if (carpet && !this.carpet && !this.pace.slow && !this.reducedMotion.matches) this.carpetFrom = performance.now();
    this.carpet?.texture.dispose();
    this.carpet = carpet ? { ...carpet, texture: carpetTexture(carpet), ground: carpet.handle !== "target" } : null;
    const field = this.stages.get("field");
    if (!field) return;
    if (this.groundCarpet) this.groundCarpet.visible = false;
    if (this.carpet?.ground) this.layGroundCarpet(field);
    this.invalidate();
  }

  layGroundCarpet(field) {
    const { x0, x1, y0, y1 } = this.carpet;
    if (!this.groundCarpet) {
      this.groundCarpet = new THREE.Mesh(new THREE.BufferGeometry(), groundCarpetMaterial());
      this.groundCarpet.frustumCulled = false;
      this.groundCarpet.renderOrder = 30;
    }
    if (this.groundCarpet.parent !== field.group) {
      field.group.add(this.groundCarpet);
      this.groundCarpet.scale.set(KM, KM, 1);
      this.groundCarpet.position.z = 0.004;
    }
    const g = this.groundCarpet.geometry;
    g.setAttribute("position", new THREE.Float32BufferAttribute([x0, y0, 0, x1, y0, 0, x1, y1, 0, x0, y1, 0], 3));
    g.setIndex([0, 1, 2, 0, 2, 3]);
    applyCarpet(this.groundCarpet.material, this.carpet, this.carpet.texture);
    this.groundCarpet.visible = true;
  }

  // -- where things are ------------------------------------------------------------------------

  /** Bring the cameras up to date without drawing. */
  aim() {
    if (!this.active) return;
    const [cx, cy, cz] = centre(this.active);
    const at = new THREE.Vector3(cx, cy, cz);
    this.views.forEach((v, i) => {
      this.widen(v.camera, i);
      this.rig.apply(v.camera, this.aspect(i), at, this.active.reach);
    });
  }

  /** Local metres (z up, not exaggerated) to CSS pixels of the canvas; null behind the eye. */
  project(i, x, y, z) {
    const v = this.views[i];
    const p = new THREE.Vector3(x * KM, y * KM, z * KM * this.ve).applyMatrix4(v.camera.matrixWorldInverse);
    if (p.z > -1e-6) return null;
    p.applyMatrix4(v.camera.projectionMatrix);
    const r = this.rect(i);
    return { x: r.x + (0.5 + 0.5 * p.x) * r.width, y: r.y + (0.5 - 0.5 * p.y) * r.height };
  }

  viewAt(x, y) {
    const i = this.views.findIndex((_, k) => {
      const r = this.clip(k);
      return x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
    });
    return Math.max(i, 0);
  }

  ray(i, x, y) {
    const v = this.views[i];
    const r = this.rect(i);
    const far = new THREE.Vector3(((x - r.x) / r.width) * 2 - 1, 1 - ((y - r.y) / r.height) * 2, 0.5).unproject(v.camera);
    const origin = v.camera.position.clone();
    return { origin, direction: far.sub(origin).normalize() };
  }

  /** Where the cursor meets a level (km, exaggerated); null above the horizon. */
  levelPoint(i, x, y, z) {
    const { origin, direction } = this.ray(i, x, y);
    if (direction.z > -1e-4) return null;
    return origin.clone().addScaledVector(direction, (z - origin.z) / direction.z);
  }

  /** Local metres where the cursor meets a surface given as depth(x, y); iterated, gentle relief assumed. */
  surfacePoint(i, x, y, depthAt) {
    let depth = depthAt(this.rig.target.x / KM, this.rig.target.y / KM);
    let p = null;
    for (let k = 0; k < 8; k++) {
      const q = this.levelPoint(i, x, y, -depth * KM * this.ve);
      if (!q) return null;
      p = [q.x / KM, q.y / KM];
      const next = depthAt(p[0], p[1]);
      if (Math.abs(next - depth) < 0.05) break;
      depth = next;
    }
    return [p[0], p[1], depth];
  }

  metresPerPixel(i = 0) {
    const r = this.views[i]?.rect || this.free(i);
    return (2 * this.rig.distance * Math.tan((this.rig.fov * Math.PI) / 360)) / KM / r.height;
  }

  // -- drawing ---------------------------------------------------------------------------------

  draw(quality) {
    if (!this.active) return;
    const ratio = Math.min(devicePixelRatio || 1, this.pace.slow ? 1 : MAX_PIXEL_RATIO) * quality;
    const key = `${this.size.width}x${this.size.height}@${ratio}`;
    if (this.applied !== key) {
      this.renderer.setPixelRatio(ratio);
      this.renderer.setSize(this.size.width, this.size.height, false);
      this.applied = key;
    }
    this.renderer.setScissorTest(false);
    this.renderer.setClearColor(this.backdrop.material.uniforms.uBottom.value.x > 0.5 ? 0xdbe2e8 : 0x2c3c4a, 1);
    this.renderer.clear(); // shows as the line between two views
    this.renderer.setScissorTest(true);
    this.views.forEach((_, i) => this.drawView(i, ratio));
    for (const f of this.listeners) f();
  }

  drawView(i, ratio) {
    const r = this.rect(i), c = this.clip(i);
    if (r.width < 2 || r.height < 2 || c.width < 2) return;
    const y = this.size.height - r.y - r.height;
    this.renderer.setViewport(r.x, y, r.width, r.height);
    this.renderer.setScissor(c.x, this.size.height - c.y - c.height, c.width, c.height);
    LINE_PIXELS.value.set(r.width, r.height);
    if (!this.leaving) return this.drawStage(this.active, i);
    this.renderer.setClearColor(0x000000, 1);
    this.renderer.clear();
    const s = Math.min(Math.max((this.progress - 0.25) / 0.5, 0), 1);
    this.drawBlended(this.leaving, i, ratio, 1 - s);
    this.drawBlended(this.active, i, ratio, s);
  }

  drawStage(stage, i) {
    const v = this.views[i];
    for (const s of this.stages.values()) s.group.visible = s === stage;
    stage.group.position.set(stage.originKm[0] - this.active.originKm[0], stage.originKm[1] - this.active.originKm[1], 0);
    this.views.forEach((o, k) => { o.wells.group.visible = k === i; });
    stage.faceCamera(this.rig.azimuth, this.rig.elevation);
    if (stage.floor) this.dressFloor(stage.floor.material.uniforms, v);
    if (this.groundCarpet) this.groundCarpet.visible = Boolean(this.carpet?.ground) && i === 0;
    const at = new THREE.Vector3(...centre(stage)).add(stage.group.position);
    this.widen(v.camera, i);
    this.rig.apply(v.camera, this.aspect(i), at, stage.reach);
    this.renderer.render(this.scene, v.camera);
  }

  dressFloor(u, v) {
    u.uHasField.value = v.field ? 1 : 0;
    if (v.field) {
      u.uField.value = v.field.texture;
      u.uReference.value = v.field.reference;
    }
    u.uLut.value = lutTexture(v.look?.lut || "thermal");
    u.uIso.value = v.look?.iso || 2;
    u.uRange.value.set(v.range[0], v.range[1]);
    u.uMute.value = this.mute;
    u.uBody.value = this.body;
    const onFloor = this.carpet && !this.carpet.ground && v === this.views[0] ? this.carpet : null;
    applyCarpet({ uniforms: u }, onFloor, onFloor?.texture);
    if (onFloor) u.uCarpetOn.value = this.carpetFade();
  }

  /** A first carpet comes up within 160 ms. */
  carpetFade() {
    const f = Math.min((performance.now() - (this.carpetFrom ?? -1e9)) / 160, 1);
    if (f < 1) this.invalidate();
    return f;
  }

  /** Draw a stage beside the canvas and add it with a weight: two stages dissolve into each other. */
  drawBlended(stage, i, ratio, weight) {
    if (weight <= 0) return;
    const r = this.rect(i);
    const w = Math.round(r.width * ratio), h = Math.round(r.height * ratio);
    if (!this.blend) {
      const material = blendMaterial();
      const quad = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material);
      quad.frustumCulled = false;
      this.blend = { scene: new THREE.Scene().add(quad), material, target: new THREE.WebGLRenderTarget(w, h, { samples: 4 }), camera: new THREE.Camera() };
    }
    const b = this.blend;
    b.target.setSize(w, h);
    this.renderer.setRenderTarget(b.target);
    this.renderer.clear();
    this.drawStage(stage, i);
    this.renderer.setRenderTarget(null);
    b.material.uniforms.uMap.value = b.target.texture;
    b.material.uniforms.uWeight.value = weight;
    this.renderer.render(b.scene, b.camera);
  }
}

function centre(stage) {
  const [x0, x1, y0, y1, z0, z1] = stage.bounds;
  return [0.5 * KM * (x0 + x1), 0.5 * KM * (y0 + y1), 0.5 * KM * (z0 + z1) * stage.ve];
}
