// Where the eye is: an orbit around a target that never rolls and never goes below the ground.
// Kilometres in the frame of the active stage, z upward with vertical exaggeration.
import * as THREE from "./vendor/three.module.min.js";

const RAD = Math.PI / 180;
const MIN_ELEVATION_DEG = 4;
const MAX_ELEVATION_DEG = 89;
export const FLIGHT_MS = 750;

export const easeInOut = (s) => (s < 0.5 ? 4 * s * s * s : 1 - (-2 * s + 2) ** 3 / 2);

/** Shortest way from one bearing to another, degrees in -180..180. */
export const turn = (from, to) => ((((to - from) % 360) + 540) % 360) - 180;

export class CameraRig {
  constructor() {
    this.target = new THREE.Vector3();
    this.azimuth = 140;
    this.elevation = 32;
    this.distance = 20;
    this.fov = 20;
    this.limits = { near: 0.05, far: 2000, floor: 0.02, radius: 1e9 };
    this.flight = null;
  }

  get state() {
    return {
      target: this.target.toArray(), azimuth: this.azimuth, elevation: this.elevation,
      distance: this.distance, fov: this.fov,
    };
  }

  set state(s) {
    this.target.fromArray(s.target);
    this.azimuth = ((s.azimuth % 360) + 360) % 360;
    this.elevation = s.elevation;
    this.distance = s.distance;
    this.fov = s.fov;
    this.clamp();
  }

  /** Unit vector from the target to the eye. */
  back() {
    const a = this.azimuth * RAD, e = this.elevation * RAD;
    return new THREE.Vector3(Math.sin(a) * Math.cos(e), Math.cos(a) * Math.cos(e), Math.sin(e));
  }

  eye() {
    return this.back().multiplyScalar(this.distance).add(this.target);
  }

  clamp() {
    const l = this.limits;
    this.elevation = Math.min(Math.max(this.elevation, MIN_ELEVATION_DEG), MAX_ELEVATION_DEG);
    this.distance = Math.min(Math.max(this.distance, l.near), l.far);
    const r = Math.hypot(this.target.x - (l.cx || 0), this.target.y - (l.cy || 0));
    if (r > l.radius) {
      this.target.x = (l.cx || 0) + ((this.target.x - (l.cx || 0)) * l.radius) / r;
      this.target.y = (l.cy || 0) + ((this.target.y - (l.cy || 0)) * l.radius) / r;
    }
    // The eye stays above the ground: lift the view first, then step back.
    const z = this.target.z + this.distance * Math.sin(this.elevation * RAD);
    if (z < l.floor) {
      const s = (l.floor - this.target.z) / this.distance;
      if (s <= Math.sin(MAX_ELEVATION_DEG * RAD)) this.elevation = Math.asin(s) / RAD;
      else this.distance = (l.floor - this.target.z) / Math.sin(this.elevation * RAD);
    }
  }

  /** Turn about a point, so that what is under the cursor stays under it. */
  orbit(pivot, dAzimuth, dElevation) {
    const elevation = Math.min(Math.max(this.elevation + dElevation, MIN_ELEVATION_DEG), MAX_ELEVATION_DEG);
    const dE = elevation - this.elevation;
    const rel = this.target.clone().sub(pivot);
    const right = new THREE.Vector3(-Math.cos(this.azimuth * RAD), Math.sin(this.azimuth * RAD), 0);
    rel.applyAxisAngle(right, dE * RAD);
    rel.applyAxisAngle(new THREE.Vector3(0, 0, 1), -dAzimuth * RAD);
    this.target.copy(pivot).add(rel);
    this.azimuth = (((this.azimuth + dAzimuth) % 360) + 360) % 360;
    this.elevation = elevation;
    this.clamp();
  }

  /** Bring a point nearer by a factor without moving it on the screen; stops at the ground. */
  zoom(pivot, factor) {
    const l = this.limits;
    const eye = this.eye();
    let f = Math.min(Math.max(this.distance * factor, l.near), l.far) / this.distance;
    if (f < 1 && eye.z > pivot.z) f = Math.max(f, Math.min((l.floor - pivot.z) / (eye.z - pivot.z), 1));
    this.target.sub(pivot).multiplyScalar(f).add(pivot);
    this.distance *= f;
    this.clamp();
  }

  /** Slide along the ground so that a grabbed point follows the cursor (both on one level). */
  pan(from, to) {
    this.target.x += from.x - to.x;
    this.target.y += from.y - to.y;
    this.clamp();
  }

  /** Start a flight; without milliseconds it is a cut. */
  flyTo(goal, ms, now) {
    if (!(ms > 0)) {
      this.flight = null;
      this.state = goal;
      return;
    }
    this.flight = { from: this.state, to: { ...this.state, ...goal }, start: now, ms };
  }

  /** Advance a flight; returns the share done (1 when none is under way). */
  step(now) {
    const f = this.flight;
    if (!f) return 1;
    const raw = Math.min(Math.max((now - f.start) / f.ms, 0), 1);
    const s = easeInOut(raw);
    const { from, to } = f;
    const ratio = Math.log(to.distance / from.distance);
    const distance = from.distance * Math.exp(ratio * s);
    // Travel happens where the eye is far: that keeps a zoom straight and never jumps.
    const w = Math.abs(ratio) < 0.2 ? s : (distance - from.distance) / (to.distance - from.distance);
    this.target.fromArray(from.target.map((v, k) => v + (to.target[k] - v) * w));
    this.azimuth = (from.azimuth + turn(from.azimuth, to.azimuth) * s + 360) % 360;
    this.elevation = from.elevation + (to.elevation - from.elevation) * s;
    this.fov = from.fov + (to.fov - from.fov) * s;
    this.distance = distance;
    if (raw >= 1) {
      this.flight = null;
      this.state = to;
    }
    return s;
  }

  /** Put a three.js camera where the eye is; near and far enclose a sphere (km), for depth precision. */
  apply(camera, aspect, centre, reach) {
    const eye = this.eye();
    const away = eye.distanceTo(centre);
    camera.position.copy(eye);
    camera.up.set(0, 0, 1);
    camera.lookAt(this.target);
    camera.fov = this.fov;
    camera.aspect = aspect;
    camera.near = Math.max(away - reach * 1.1, this.distance * 0.02, 1e-3);
    camera.far = Math.max(away + reach * 1.1, camera.near * 2);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
  }
}
