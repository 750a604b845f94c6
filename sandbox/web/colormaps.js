// Colours of quantities and of things, in one place. Ranges and rules: docs, section "colour".
import * as THREE from "./vendor/three.module.min.js";

const THERMAL = "#042333 #13306d #403891 #6b4596 #90548b #b8627d #de7065 #f68f46 #f9b641".split(" ");
export const MAPS = {
  thermal: THERMAL,
  thermal_basin: [...THERMAL, "#f7cb44", "#efe350"],
  cividis: "#fde737 #d3c164 #a89d75 #7e7b79 #575d6d #31446b #00224e".split(" "),
  viridis: "#440154 #46327e #365c8d #277f8e #1fa187 #4ac16d #a0da39 #fde725".split(" "),
  delta: "#0b3c6f #2b6ca8 #6aa5cf #b5d3e7 #f6f6f2 #f3c5a5 #dd8a63 #b8473a #7a1020".split(" "),
  teal: "#e8eef0 #bcd8d8 #7fb9b7 #3a8f90 #0b5e66".split(" "),
};

/** Five classes of suitability, I to V. */
export const CLASS_COLORS = MAPS.teal.map(hexToRgb);

export const KIND_COLOR = {
  producer: [213, 94, 0],
  injector: [0, 114, 178],
  storage: [139, 90, 128],
  monitor: [110, 122, 132],
};

/** Temperatures of pipes and exchangers are always read on one range, whatever the season. */
export const WATER_RANGE_DEGC = [10, 66];

export function hexToRgb(hex) {
  const n = parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** Colour at f in 0..1 as [r, g, b] 0..255, linear between the stops. */
export function sample(stops, f) {
  const x = Math.min(Math.max(f, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(x), stops.length - 2);
  const a = hexToRgb(stops[i]);
  const b = hexToRgb(stops[i + 1]);
  return a.map((v, k) => v + (b[k] - v) * (x - i));
}

const textures = new Map();

/** 256 x 1 look-up texture of a map; one per map, shared by all materials. */
export function lutTexture(name) {
  if (!textures.has(name)) {
    const data = new Uint8Array(256 * 4);
    for (let i = 0; i < 256; i++) data.set([...sample(MAPS[name], i / 255), 255], i * 4);
    const t = new THREE.DataTexture(data, 256, 1, THREE.RGBAFormat);
    t.minFilter = t.magFilter = THREE.LinearFilter;
    t.needsUpdate = true;
    textures.set(name, t);
  }
  return textures.get(name);
}

/** Colour of water of a temperature, as CSS and for vertices. */
export function waterColor(degc) {
  const [lo, hi] = WATER_RANGE_DEGC;
  return sample(MAPS.thermal, (degc - lo) / (hi - lo));
}
