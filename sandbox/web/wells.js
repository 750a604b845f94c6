// Wells of one scheme in the field: tubes merged into one mesh, pads, rings at the reservoir, and the
// held well apart, so that only its own small mesh is rebuilt while the hand moves.
import * as THREE from "./vendor/three.module.min.js";
import { MeshBuilder } from "./geometry.js";
import { surfaceMaterial } from "./materials.js";
import { KIND_COLOR } from "./colormaps.js";

const KM = 1e-3;
export const RADIUS_M = { existing: 24, planned: 32, held: 42 };
const PAD_RADIUS_M = 125;
const WHITE = [250, 250, 248];

const shade = (c, f) => c.map((v) => Math.round(Math.min(255, v * f)));

export class WellsLayer {
  constructor() {
    this.group = new THREE.Group();
    const tubes = { vertexColor: true, specular: 0.3, ambient: 0.5, diffuse: 0.8 };
    this.body = new THREE.Mesh(new THREE.BufferGeometry(), surfaceMaterial(tubes));
    this.held = new THREE.Mesh(new THREE.BufferGeometry(), surfaceMaterial({ ...tubes, ambient: 0.6 }));
    // Rings lie on the floor: drawn with an offset so that they never sink into it.
    this.rings = new THREE.Mesh(
      new THREE.BufferGeometry(),
      surfaceMaterial({ vertexColor: true, unlit: true, doubleSided: true, offset: -4 }),
    );
    this.pads = new THREE.Mesh(new THREE.BufferGeometry(), surfaceMaterial({ vertexColor: true, ambient: 0.45, diffuse: 0.6 }));
    for (const m of [this.body, this.rings, this.pads, this.held]) {
      m.frustumCulled = false;
      this.group.add(m);
    }
    this.wells = [];
    this.padsData = [];
    this.ve = 1;
    this.thick = 1;
    this.sides = 14;
    this.heldId = null;
    this.key = "";
  }

  /** Rebuild the merged mesh if anything changed; ``hidden`` wells are drawn as the held one instead. */
  set(wells, pads, ve, { hidden = null, thick = 1, sides = 14 } = {}) {
    const hiddenIds = hidden ? [...hidden].join() : "";
    const key = JSON.stringify([wells.map((w) => [w.id, w.kind, w.path, w.existing, w.rate_m3_h > 0]), pads, ve, hiddenIds, thick, sides]);
    if (key === this.key) return false;
    this.key = key;
    Object.assign(this, { wells, padsData: pads, ve, thick, sides });
    const tubes = new MeshBuilder();
    const rings = new MeshBuilder();
    for (const w of wells) {
      if (hidden?.has(w.id) || !w.path?.length) continue;
      this.addWell(tubes, rings, w);
    }
    const discs = new MeshBuilder();
    for (const p of pads || []) addPad(discs, p);
    for (const w of wells) if (!w.pad && !hidden?.has(w.id)) addHead(discs, w, thick);
    replace(this.body, tubes);
    replace(this.rings, rings);
    replace(this.pads, discs);
    return true;
  }

  addWell(tubes, rings, w) {
    const color = KIND_COLOR[w.kind] || KIND_COLOR.monitor;
    const r = (w.existing ? RADIUS_M.existing : RADIUS_M.planned) * KM * this.thick;
    const points = w.path.map((p) => [p[0] * KM, p[1] * KM, -p[2] * KM * this.ve]);
    tubes.tube(points, r, w.existing ? color : shade(color, 1.12), this.sides);
    const z = -(w.top_m ?? w.path[w.path.length - 1][2]) * KM * this.ve + 0.012 * this.ve;
    const x = w.x_m * KM;
    const y = w.y_m * KM;
    rings.ring(x, y, z, r * 1.05, r * 1.6, WHITE);
    rings.ring(x, y, z, 0, r * 1.05, color);
    if (!w.existing) rings.ring(x, y, z, r * 2.0, r * 2.35, [255, 255, 255]);
  }

  /** The wells in the hand, rebuilt at every move: at most the wells of one pad. */
  setHeld(wells) {
    const tubes = new MeshBuilder();
    for (const w of wells || []) {
      const color = KIND_COLOR[w.kind] || KIND_COLOR.monitor;
      const points = w.path.map((p) => [p[0] * KM, p[1] * KM, -p[2] * KM * this.ve]);
      tubes.tube(points, RADIUS_M.held * KM * (wells.length > 1 ? 0.7 : 1), shade(color, 1.1));
      addRing(tubes, w, this.ve, color);
    }
    replace(this.held, tubes);
  }

  dispose() {
    for (const m of [this.body, this.rings, this.pads, this.held]) { m.geometry.dispose(); m.material.dispose(); }
  }
}

function addRing(tubes, w, ve, color) {
  const z = -(w.top_m ?? w.path[w.path.length - 1][2]) * KM * ve + 0.02 * ve;
  tubes.ring(w.x_m * KM, w.y_m * KM, z, RADIUS_M.held * KM * 1.3, RADIUS_M.held * KM * 2.2, WHITE);
  tubes.ring(w.x_m * KM, w.y_m * KM, z, 0, RADIUS_M.held * KM * 1.3, color);
}

function addPad(discs, p) {
  const x = p.x_m * KM, y = p.y_m * KM, r = PAD_RADIUS_M * KM;
  discs.drum(x, y, -0.03, 0.05, r, [55, 66, 76], [70, 82, 92]);
  discs.drum(x, y, 0.05, 0.11, r * 0.78, [176, 184, 190], [236, 239, 241]);
}

/** A well that stands alone: a small head of its own. */
function addHead(discs, w, thick) {
  const r = RADIUS_M.existing * KM * thick * 1.9;
  discs.drum(w.head_x_m * KM, w.head_y_m * KM, -0.01, 0.035, r, [55, 66, 76], [200, 207, 212], 18);
}

function replace(mesh, builder) {
  mesh.geometry.dispose();
  mesh.geometry = builder.geometry();
  mesh.visible = builder.count > 0;
}
