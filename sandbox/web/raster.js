// Class raster of the basin: one byte a cell from the server, a picture for the scene, an answer for a place.
import * as THREE from "./vendor/three.module.min.js";
import { CLASS_COLORS } from "./colormaps.js";

export class ClassRaster {
  /** @param map state `suit_map`: nx, ny, origin_m, cell_m, cells (base64, rows from the south), names, classes */
  constructor(map) {
    Object.assign(this, { map, nx: map.nx, ny: map.ny });
    const text = atob(map.cells);
    this.cells = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const rgba = new Uint8Array(4 * this.cells.length);
    for (let i = 0; i < this.cells.length; i++) {
      const n = this.cells[i] & 7;
      if (n) rgba.set([...CLASS_COLORS[n - 1], 255], 4 * i);
    }
    this.texture = new THREE.DataTexture(rgba, this.nx, this.ny, THREE.RGBAFormat);
    this.texture.minFilter = this.texture.magFilter = THREE.NearestFilter; // classes have no values between them
    this.texture.needsUpdate = true;
    const [x0, y0] = map.origin_m;
    this.box = [x0, y0, this.nx * map.cell_m, this.ny * map.cell_m];
  }

  /** Class 1..5 of a place and what moves it most, up or down; null where nothing is known. */
  at(x, y) {
    const { map } = this;
    const i = Math.floor((x - map.origin_m[0]) / map.cell_m);
    const j = Math.floor((y - map.origin_m[1]) / map.cell_m);
    if (i < 0 || j < 0 || i >= this.nx || j >= this.ny) return null;
    const byte = this.cells[j * this.nx + i];
    const n = byte & 7;
    return n ? { n, name: map.classes[n - 1], driver: map.names[(byte >> 3) & 15], up: byte > 127 } : null;
  }

  dispose() { this.texture.dispose(); }
}

/** Points counted into pixels, one byte each; 0 is bare ground. */
export class DotRaster {
  /** @param map state `point_map`: nx, ny, origin_m, cell_m, cells (base64, rows from the south) */
  constructor(map) {
    this.map = map;
    const text = atob(map.cells);
    const rgba = new Uint8Array(4 * text.length);
    for (let i = 0; i < text.length; i++) {
      const n = text.charCodeAt(i);
      if (n) rgba.set([...shade(n / 255), 255], 4 * i);
    }
    this.texture = new THREE.DataTexture(rgba, map.nx, map.ny, THREE.RGBAFormat);
    this.texture.minFilter = this.texture.magFilter = THREE.NearestFilter;
    this.texture.needsUpdate = true;
    const [x0, y0] = map.origin_m;
    this.box = [x0, y0, map.nx * map.cell_m, map.ny * map.cell_m];
  }

  at() { return null; }

  dispose() { this.texture.dispose(); }
}

/** The ramp of the classes without its steps. */
function shade(share) {
  const at = share * (CLASS_COLORS.length - 1), i = Math.min(Math.floor(at), CLASS_COLORS.length - 2);
  return CLASS_COLORS[i].map((v, k) => Math.round(v + (at - i) * (CLASS_COLORS[i + 1][k] - v)));
}
