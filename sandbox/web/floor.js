// The reservoir's top as a picture: temperature of any year, iso-lines, cold fronts, value carpet.
//
// Yearly maps come as bytes. For the year shown, two of them are mixed, freed of the 1/255 steps that
// would make iso-lines ragged, and refined with Catmull-Rom splines here (a few ms, only when the year
// changes). The shader then needs one texture look-up per pixel.
import * as THREE from "./vendor/three.module.min.js";
import { lutTexture } from "./colormaps.js";
import { LIGHT_GLSL } from "./materials.js";

const half = THREE.DataUtils.toHalfFloat;

/** Temperature maps of one scheme, ready to be shown at any year. */
export class Field {
  constructor(frames) {
    this.frames = frames;
    const n = Math.max(frames.nx, frames.ny);
    this.refine = n <= 64 ? 4 : n <= 110 ? 3 : n <= 200 ? 2 : 1;
    this.width = frames.nx * this.refine;
    this.height = frames.ny * this.refine;
    this.initial = this.upsample(this.undisturbed());
    this.reference = this.initial.reduce((a, v) => a + v, 0) / this.initial.length;
    this.coldest = frames.temperature.min;
    this.texture = new THREE.DataTexture(
      new Uint16Array(this.width * this.height * 2), this.width, this.height, THREE.RGFormat, THREE.HalfFloatType,
    );
    this.texture.minFilter = this.texture.magFilter = THREE.LinearFilter;
    this.year = null;
  }

  /** Degrees at the cells, linear between the two stored years around ``year``. */
  mix(year) {
    const { years, cells, temperatureBytes, temperature } = this.frames;
    let k = years.findIndex((y) => y > year);
    if (k < 0) k = years.length;
    const a = Math.max(k - 1, 0);
    const b = Math.min(k, years.length - 1);
    const f = b > a ? Math.min(Math.max((year - years[a]) / (years[b] - years[a]), 0), 1) : 0;
    const step = (temperature.max - temperature.min) / 255;
    const out = new Float32Array(cells);
    const oa = a * cells;
    const ob = b * cells;
    for (let i = 0; i < cells; i++) {
      const v = temperatureBytes[oa + i] * (1 - f) + temperatureBytes[ob + i] * f;
      out[i] = temperature.min + v * step;
    }
    return out;
  }

  /** Undisturbed map without its rounding steps: geology is smooth, iso-lines drawn on it must be too. */
  undisturbed() {
    const { nx, ny, years } = this.frames;
    this.first = this.mix(years[0]);
    let blurred = this.first;
    for (let pass = 0; pass < 3; pass++) blurred = boxBlur(blurred, nx, ny, 2);
    return blurred;
  }

  /** Cooling (K) at the cells; what is within the rounding of a byte counts as none. */
  cooling(year) {
    const { temperature } = this.frames;
    const step = (temperature.max - temperature.min) / 255;
    const out = this.mix(year);
    for (let i = 0; i < out.length; i++) {
      const d = this.first[i] - out[i];
      out[i] = Math.sign(d) * Math.max(Math.abs(d) - step, 0) * (1 + step / (Math.abs(d) + step));
    }
    return out;
  }

  upsample(cells) {
    const { nx, ny } = this.frames;
    const r = this.refine;
    const w = splineWeights(r);
    const rows = new Float32Array(this.width * ny);
    resample(cells, rows, nx, r, w, ny, 1, nx, 1, this.width);
    const out = new Float32Array(this.width * this.height);
    resample(rows, out, ny, r, w, this.width, this.width, 1, this.width, 1);
    return out;
  }

  setYear(year) {
    const clamped = Math.max(year, this.frames.years[0]);
    if (clamped === this.year) return false;
    this.year = clamped;
    const cooling = this.upsample(this.cooling(clamped));
    const data = this.texture.image.data;
    for (let i = 0; i < cooling.length; i++) {
      // Relative to the mean: half floats are fine near zero and coarse (0.06 K) near 80.
      data[2 * i] = half(this.initial[i] - cooling[i] - this.reference);
      data[2 * i + 1] = half(cooling[i] / Math.max(this.initial[i] - this.coldest, 1));
    }
    this.texture.needsUpdate = true;
    return true;
  }

  dispose() {
    this.texture.dispose();
  }
}

/** Mean over a square of 2 r + 1 cells, one axis after the other, edges repeated. */
function boxBlur(values, nx, ny, r) {
  const pass = (src, n, lines, step, line) => {
    const dst = new Float32Array(src.length);
    const at = (l, c) => src[l * line + Math.min(Math.max(c, 0), n - 1) * step];
    for (let l = 0; l < lines; l++) {
      let sum = 0;
      for (let c = -r; c <= r; c++) sum += at(l, c);
      for (let c = 0; c < n; c++) {
        dst[l * line + c * step] = sum / (2 * r + 1);
        sum += at(l, c + r + 1) - at(l, c - r);
      }
    }
    return dst;
  };
  return pass(pass(values, nx, ny, 1, nx), ny, nx, nx, 1);
}

/** Four Catmull-Rom weights and the first cell for each of the r places inside a cell. */
function splineWeights(r) {
  const phases = [];
  for (let p = 0; p < r; p++) {
    const x = (p + 0.5) / r - 0.5;
    const shift = Math.floor(x);
    const t = x - shift;
    phases.push({
      shift: shift - 1,
      w: [
        (-t + 2 * t * t - t ** 3) / 2, (2 - 5 * t * t + 3 * t ** 3) / 2,
        (t + 4 * t * t - 3 * t ** 3) / 2, (-t * t + t ** 3) / 2,
      ],
    });
  }
  return phases;
}

/** One separable pass along an axis of n cells; strides of source and target in elements. */
function resample(src, dst, n, r, phases, lines, srcStep, srcLine, dstStep, dstLine) {
  for (let l = 0; l < lines; l++) {
    for (let i = 0; i < n; i++) {
      for (let p = 0; p < r; p++) {
        const { shift, w } = phases[p];
        let sum = 0;
        for (let q = 0; q < 4; q++) {
          const c = Math.min(Math.max(i + shift + q, 0), n - 1);
          sum += w[q] * src[l * srcLine + c * srcStep];
        }
        dst[l * dstLine + (i * r + p) * dstStep] = sum;
      }
    }
  }
}

const CARPET_GLSL = /* glsl */ `
uniform sampler2D uCarpet; uniform vec4 uCarpetBox; uniform vec2 uCarpetNodes; uniform float uCarpetOn;
vec4 carpet(vec2 xy) {
  vec2 centre = 0.5 * (uCarpetBox.xy + uCarpetBox.zw);
  vec2 size = 0.5 * (uCarpetBox.zw - uCarpetBox.xy);
  float r = length((xy - centre) / size);
  // Values sit on nodes, the outer ones on the edge of the box.
  vec2 node = (0.5 + 0.5 * (xy - centre) / size) * (uCarpetNodes - 1.0) + 0.5;
  vec4 s = texture2D(uCarpet, node / uCarpetNodes);
  float v = s.r;
  float t = clamp(abs(v), 0.0, 1.0);
  vec3 paper = vec3(0.969, 0.969, 0.953);
  vec3 end = v < 0.0 ? vec3(0.549, 0.353, 0.110) : vec3(0.059, 0.420, 0.392);
  vec3 c = mix(paper, end, pow(t, 0.85));
  float w = fwidth(v);
  c = mix(c, vec3(1.0), (1.0 - smoothstep(0.8, 2.0, abs(v) / max(w, 1e-5))) * smoothstep(0.0, 0.004, w));
  float rw = fwidth(r);
  c = mix(c, vec3(1.0), smoothstep(1.0 - 4.0 * rw, 1.0 - 2.5 * rw, r));
  float stripes = step(0.5, fract((xy.x + xy.y) / 60.0));
  c = mix(mix(vec3(0.62), vec3(0.72), stripes), c, clamp(s.g, 0.0, 1.0));
  return vec4(c, uCarpetOn * (1.0 - smoothstep(1.0 - rw, 1.0, r)) * mix(0.55, 0.97, clamp(s.g, 0.0, 1.0)));
}`;

const FLOOR_VERTEX = /* glsl */ `
attribute vec4 rgba; attribute vec2 uv2;
varying vec2 vUv; varying vec2 vXY; varying vec3 vLight; varying vec3 vBase;
${LIGHT_GLSL}
void main() {
  vec4 mv = modelViewMatrix * vec4(position, 1.0);
  vec3 n = normalize(normalMatrix * normal);
  if (dot(n, mv.xyz) > 0.0) n = -n;
  vLight = lamps(n, 0.54, 0.44);
  vUv = uv2; vXY = position.xy; vBase = rgba.rgb;
  gl_Position = projectionMatrix * mv;
}`;

const FLOOR_FRAGMENT = /* glsl */ `
uniform sampler2D uField, uLut; uniform vec2 uRange;
uniform float uHasField, uMute, uIso, uBody, uReference;
varying vec2 vUv; varying vec2 vXY; varying vec3 vLight; varying vec3 vBase;
${CARPET_GLSL}
void main() {
  vec3 c = vBase;
  if (uHasField > 0.5) {
    vec2 s = texture2D(uField, vUv).rg;
    float t = s.r + uReference, cold = s.g;
    c = texture2D(uLut, vec2(clamp((t - uRange.x) / (uRange.y - uRange.x), 0.0, 1.0), 0.5)).rgb;
    float w = fwidth(t / uIso);
    float d = abs(fract(t / uIso - 0.5) - 0.5) / max(w, 1e-5);
    c = mix(c, vec3(1.0), 0.42 * (1.0 - smoothstep(0.25, 1.15, d)) * (1.0 - smoothstep(0.15, 0.4, w)));
    c = mix(c, vec3(0.25, 0.50, 0.72), uBody * smoothstep(0.48, 0.52, cold));
    if (uMute > 0.0) {
      float grey = dot(c, vec3(0.30, 0.59, 0.11));
      c = mix(c, 0.46 * c + 0.20 * vec3(grey) + 0.34 * vec3(1.0, 0.97, 0.92), uMute);
    }
    c *= 1.0 - 0.14 * smoothstep(0.10, 0.5, cold);
    float cw = fwidth(cold);
    float front = 1.0 - smoothstep(0.7, 1.7, abs(cold - 0.5) / max(cw, 1e-4));
    c = mix(c, vec3(0.13, 0.22, 0.42), 0.85 * front * smoothstep(0.0, 0.002, cw));
  }
  c *= vLight;
  if (uCarpetOn > 0.0) { vec4 k = carpet(vXY); c = mix(c, k.rgb * mix(vLight, vec3(1.0), 0.6), k.a); }
  gl_FragColor = vec4(c, 1.0);
}`;

const GROUND_VERTEX =
  "varying vec2 vXY; void main() { vXY = position.xy; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }";
const GROUND_FRAGMENT = /* glsl */ `
varying vec2 vXY;
${CARPET_GLSL}
void main() { vec4 k = carpet(vXY); gl_FragColor = vec4(k.rgb, k.a * 0.92); }`;

function carpetUniforms() {
  return {
    uCarpet: { value: null },
    uCarpetBox: { value: new THREE.Vector4(0, 0, 1, 1) },
    uCarpetOn: { value: 0 },
    uCarpetNodes: { value: new THREE.Vector2(2, 2) },
  };
}

export function floorMaterial() {
  return new THREE.ShaderMaterial({
    uniforms: {
      uField: { value: null },
      uLut: { value: lutTexture("thermal") },
      uRange: { value: new THREE.Vector2(30, 90) },
      uHasField: { value: 0 },
      uMute: { value: 0 },
      uIso: { value: 2 },
      uBody: { value: 0 },
      uReference: { value: 0 },
      ...carpetUniforms(),
    },
    vertexShader: FLOOR_VERTEX,
    fragmentShader: FLOOR_FRAGMENT,
    side: THREE.DoubleSide,
  });
}

/** The same carpet over the ground, for heads and pads. */
export function groundCarpetMaterial() {
  return new THREE.ShaderMaterial({
    uniforms: carpetUniforms(),
    vertexShader: GROUND_VERTEX,
    fragmentShader: GROUND_FRAGMENT,
    transparent: true,
    depthWrite: false,
    side: THREE.DoubleSide,
  });
}

/** Texture of a carpet as the server sends it (row major, south first, null = not allowed there). */
export function carpetTexture(carpet) {
  const { nx, ny, values } = carpet;
  const sign = /low|down|less/.test(carpet.better) ? -1 : 1; // brown is always worse
  const data = new Uint16Array(nx * ny * 2);
  for (let i = 0; i < nx * ny; i++) {
    const v = values[i];
    data[2 * i] = half(v === null || v === undefined ? 0 : (sign * v) / (carpet.max || 1));
    data[2 * i + 1] = half(v === null || v === undefined ? 0 : 1);
  }
  const t = new THREE.DataTexture(data, nx, ny, THREE.RGFormat, THREE.HalfFloatType);
  t.minFilter = t.magFilter = THREE.LinearFilter;
  t.needsUpdate = true;
  return t;
}

export function applyCarpet(material, carpet, texture) {
  const u = material.uniforms;
  u.uCarpetOn.value = carpet ? 1 : 0;
  if (!carpet) return;
  u.uCarpet.value = texture;
  u.uCarpetNodes.value.set(carpet.nx, carpet.ny);
  u.uCarpetBox.value.set(carpet.x0, carpet.y0, carpet.x1, carpet.y1);
}
