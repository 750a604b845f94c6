// Triangle geometry made in the browser: creased normals, well tubes, discs and rings, fat line segments.
import * as THREE from "./vendor/three.module.min.js";

/**
 * Normals that are smooth across gentle edges and sharp across hard ones. Scene files carry no normals;
 * walls and buildings need hard corners, pipes and terrain soft ones, and this serves both.
 * Returns a non-indexed geometry.
 */
export function creased(position, index, color, creaseDeg = 35) {
  const corners = index ? index.length : position.length / 3;
  const pos = new Float32Array(corners * 3);
  const rgba = color ? new Uint8Array(corners * 4) : null;
  for (let i = 0; i < corners; i++) {
    const v = index ? index[i] : i;
    pos.set(position.subarray(v * 3, v * 3 + 3), i * 3);
    if (rgba) rgba.set(color.subarray(v * 4, v * 4 + 4), i * 4);
  }
  const faces = faceNormals(pos);
  const normal = blend(pos, faces, Math.cos((creaseDeg * Math.PI) / 180));
  const g = new THREE.BufferGeometry();
  g.setAttribute("position", new THREE.BufferAttribute(pos, 3));
  g.setAttribute("normal", new THREE.BufferAttribute(normal, 3));
  if (rgba) g.setAttribute("rgba", new THREE.BufferAttribute(rgba, 4, true));
  return g;
}

/** Area-weighted face normals, one per triangle, with the unit length kept apart. */
function faceNormals(pos) {
  const n = pos.length / 9;
  const out = new Float32Array(n * 4);
  for (let t = 0; t < n; t++) {
    const o = t * 9;
    const ax = pos[o + 3] - pos[o], ay = pos[o + 4] - pos[o + 1], az = pos[o + 5] - pos[o + 2];
    const bx = pos[o + 6] - pos[o], by = pos[o + 7] - pos[o + 1], bz = pos[o + 8] - pos[o + 2];
    const x = ay * bz - az * by, y = az * bx - ax * bz, z = ax * by - ay * bx;
    out.set([x, y, z, Math.hypot(x, y, z) || 1e-20], t * 4);
  }
  return out;
}

function blend(pos, faces, limit) {
  const corners = pos.length / 3;
  const groups = new Map(); // place -> triangles that touch it
  const key = (i) =>
    Math.round(pos[i * 3] * 50) * 7919 +
    Math.round(pos[i * 3 + 1] * 50) * 104729 * 31 +
    Math.round(pos[i * 3 + 2] * 50) * 1299709 * 3;
  const keys = new Float64Array(corners);
  for (let i = 0; i < corners; i++) {
    const k = (keys[i] = key(i));
    const list = groups.get(k);
    if (list) list.push((i / 3) | 0);
    else groups.set(k, [(i / 3) | 0]);
  }
  const normal = new Float32Array(corners * 3);
  for (let i = 0; i < corners; i++) {
    const t = (i / 3) | 0;
    const o = t * 4;
    let x = 0, y = 0, z = 0;
    for (const u of groups.get(keys[i])) {
      const q = u * 4;
      const dot = faces[o] * faces[q] + faces[o + 1] * faces[q + 1] + faces[o + 2] * faces[q + 2];
      if (dot < limit * faces[o + 3] * faces[q + 3]) continue;
      x += faces[q]; y += faces[q + 1]; z += faces[q + 2];
    }
    const l = Math.hypot(x, y, z) || 1;
    normal.set([x / l, y / l, z / l], i * 3);
  }
  return normal;
}

/** Growing arrays of one merged mesh (position, normal, colour, index). */
export class MeshBuilder {
  constructor() {
    this.position = []; this.normal = []; this.rgba = []; this.index = [];
  }

  get count() { return this.position.length / 3; }

  vertex(x, y, z, nx, ny, nz, c) {
    this.position.push(x, y, z); this.normal.push(nx, ny, nz); this.rgba.push(c[0], c[1], c[2], 255);
  }

  /** A tube with round section along points [x, y, z] (render units), parallel transported frame. */
  tube(points, radius, color, sides = 14) {
    const p = points.filter((q, i) => i === 0 || dist(q, points[i - 1]) > radius * 0.05);
    if (p.length < 2) return;
    let side = null;
    const start = this.count;
    for (let i = 0; i < p.length; i++) {
      const t = unit(sub(p[Math.min(i + 1, p.length - 1)], p[Math.max(i - 1, 0)]));
      if (!side) side = unit(cross(t, Math.abs(t[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0]));
      side = unit(sub(side, scale(t, dot(side, t))));
      const up = cross(t, side);
      for (let k = 0; k < sides; k++) {
        const a = (2 * Math.PI * k) / sides;
        const c = Math.cos(a), s = Math.sin(a);
        const n = [side[0] * c + up[0] * s, side[1] * c + up[1] * s, side[2] * c + up[2] * s];
        this.vertex(p[i][0] + n[0] * radius, p[i][1] + n[1] * radius, p[i][2] + n[2] * radius, ...n, color);
      }
      if (i === 0) continue;
      const a = start + (i - 1) * sides, b = a + sides;
      for (let k = 0; k < sides; k++) {
        const m = (k + 1) % sides;
        this.index.push(a + k, a + m, b + k, b + k, a + m, b + m);
      }
    }
  }

  /** Flat ring (inner = 0: a disc) in a horizontal plane. */
  ring(x, y, z, inner, outer, color, sides = 28) {
    const start = this.count;
    for (let k = 0; k < sides; k++) {
      const a = (2 * Math.PI * k) / sides;
      this.vertex(x + inner * Math.cos(a), y + inner * Math.sin(a), z, 0, 0, 1, color);
      this.vertex(x + outer * Math.cos(a), y + outer * Math.sin(a), z, 0, 0, 1, color);
    }
    for (let k = 0; k < sides; k++) {
      const a = start + 2 * k, b = start + 2 * ((k + 1) % sides);
      this.index.push(a, a + 1, b + 1, a, b + 1, b);
    }
  }

  /** Upright closed cylinder between two heights. */
  drum(x, y, z0, z1, radius, color, cap = color, sides = 32) {
    const start = this.count;
    for (let k = 0; k <= sides; k++) {
      const a = (2 * Math.PI * k) / sides;
      const c = Math.cos(a), s = Math.sin(a);
      this.vertex(x + radius * c, y + radius * s, z0, c, s, 0, color);
      this.vertex(x + radius * c, y + radius * s, z1, c, s, 0, color);
      if (k === 0) continue;
      const a0 = start + 2 * (k - 1);
      this.index.push(a0, a0 + 2, a0 + 3, a0, a0 + 3, a0 + 1);
    }
    this.ring(x, y, z1, 0, radius, cap, sides);
  }

  geometry() {
    const g = new THREE.BufferGeometry();
    g.setAttribute("position", new THREE.Float32BufferAttribute(this.position, 3));
    g.setAttribute("normal", new THREE.Float32BufferAttribute(this.normal, 3));
    g.setAttribute("rgba", new THREE.BufferAttribute(new Uint8Array(this.rgba), 4, true));
    g.setIndex(this.index);
    return g;
  }
}

/** Screen-space wide segments: one quad per segment, instanced. WebGL itself draws only 1 px lines. */
export function segmentGeometry(position, index) {
  const count = (index ? index.length : position.length / 3) / 2;
  const ends = new Float32Array(count * 6);
  for (let i = 0; i < count; i++) {
    const a = index ? index[2 * i] : 2 * i;
    const b = index ? index[2 * i + 1] : 2 * i + 1;
    ends.set(position.subarray(a * 3, a * 3 + 3), i * 6);
    ends.set(position.subarray(b * 3, b * 3 + 3), i * 6 + 3);
  }
  const g = new THREE.InstancedBufferGeometry();
  g.setAttribute("position", new THREE.Float32BufferAttribute([0, -1, 0, 0, 1, 0, 1, -1, 0, 1, 1, 0], 3));
  g.setIndex([0, 2, 1, 1, 2, 3]);
  const buffer = new THREE.InstancedInterleavedBuffer(ends, 6, 1);
  g.setAttribute("head", new THREE.InterleavedBufferAttribute(buffer, 3, 0));
  g.setAttribute("tail", new THREE.InterleavedBufferAttribute(buffer, 3, 3));
  g.instanceCount = count;
  return g;
}

const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const scale = (a, f) => [a[0] * f, a[1] * f, a[2] * f];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dist = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
function unit(a) {
  const l = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / l, a[1] / l, a[2] / l];
}
