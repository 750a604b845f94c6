// One scale of the twin as a group of meshes: scenery from the server plus what the page needs to know
// about it (bounds, labels, picks, home camera). Metres inside, kilometres outside.
import * as THREE from "./vendor/three.module.min.js";
import { creased, MeshBuilder, segmentGeometry } from "./geometry.js";
import { lineMaterial, surfaceMaterial } from "./materials.js";
import { floorMaterial } from "./floor.js";
import { waterColor } from "./colormaps.js";

const KM = 1e-3;
const SMOOTH_ROLES = new Set(["floor", "basin-top", "ground", "front"]);
// The lamps stand high: faces that are seen from the front need more ambient light than the ground.
const LIGHT = {
  wall: { ambient: 0.78, diffuse: 0.36 },
  front: { ambient: 0.62, diffuse: 0.5 },
  "basin-side": { ambient: 0.62, diffuse: 0.5 },
  building: { ambient: 0.7, diffuse: 0.42 },
};
const OUTWARD = { n: [0, 1], e: [1, 0], s: [0, -1], w: [-1, 0] };
const PARTS = { grid: "grid", rivers: "rivers", river: "rivers", counties: "counties", county: "counties" };
const LAST = { ground: 20, line: 8, fault: 6 };

export class Stage {
  constructor(scene) {
    this.scene = scene;
    this.scale = scene.scale;
    this.originKm = scene.world_origin_m.map((v) => v * KM);
    this.ve = scene.ve;
    this.group = new THREE.Group();
    this.scenery = new THREE.Group();
    this.group.add(this.scenery);
    this.floor = null;
    this.scalars = [];
    this.mapped = []; // surfaces that can carry a map of classes
    this.raster = null;
    this.warm = [];
    this.outline = null;
    this.depthScale = scene.meshes.find((m) => m.tags?.depth_scale)?.tags.depth_scale || null;
    this.faces = new Map(); // which walls and fronts are shown
    this.sampler = null;
    for (const mesh of scene.meshes) this.addMesh(mesh);
    this.setVe(scene.ve);
  }

  get bounds() { return this.scene.bounds_m; }

  /** Radius of everything, km, used for near and far planes and for limits of the camera. */
  get reach() {
    const [x0, x1, y0, y1, z0, z1] = this.bounds;
    return 0.5 * KM * Math.hypot(x1 - x0, y1 - y0, (z1 - z0) * this.ve);
  }

  addMesh(mesh) {
    const object = mesh.primitive === "lines" ? this.lines(mesh) : this.surface(mesh);
    object.name = mesh.name;
    object.userData = { role: mesh.role, tags: mesh.tags };
    const opacity = mesh.material.opacity ?? 1;
    object.renderOrder = mesh.role === "ground" && opacity >= 1 ? 0 : LAST[mesh.role] ?? (opacity < 1 ? 12 : 0);
    object.frustumCulled = false; // few objects, and their bounds change with the exaggeration
    this.scenery.add(object);
  }

  lines(mesh) {
    const m = mesh.material;
    const material = lineMaterial({ color: m.color, opacity: m.opacity ?? 1, widthPx: m.width_px || 1.5 });
    return new THREE.Mesh(segmentGeometry(mesh.position, mesh.index), material);
  }

  surface(mesh) {
    if (mesh.role === "floor" && mesh.uv) return this.floorMesh(mesh);
    const scalar = mesh.role === "basin-top" && Object.keys(mesh.attributes).length > 0;
    const geometry = SMOOTH_ROLES.has(mesh.role) || scalar
      ? smooth(mesh)
      : creased(mesh.position, mesh.index, mesh.color);
    const m = mesh.material;
    const raster = this.scale === "basin" && (scalar || mesh.tags.part === "units");
    const glossy = mesh.role === "equipment" || mesh.role === "water-pipe";
    const material = surfaceMaterial({
      color: m.color, opacity: m.opacity ?? 1, unlit: m.unlit, doubleSided: m.double_sided,
      vertexColor: Boolean(mesh.color), scalar, raster,
      ...LIGHT[mesh.role], specular: glossy ? 0.18 : 0.02, lut: scalar ? "thermal_basin" : null,
    });
    const object = new THREE.Mesh(geometry, material);
    if (scalar) this.scalars.push({ object, mesh });
    if (raster) this.mapped.push(material);
    if (mesh.tags.temperature) this.warm.push({ material, name: mesh.tags.temperature, tags: mesh.tags });
    return object;
  }

  floorMesh(mesh) {
    const geometry = smooth(mesh);
    geometry.setAttribute("uv2", new THREE.BufferAttribute(mesh.uv, 2));
    if (!mesh.color) {
      const rgba = new Uint8Array((mesh.position.length / 3) * 4).fill(255);
      for (let i = 0; i < rgba.length; i += 4) rgba.set([201, 138, 75, 255], i);
      geometry.setAttribute("rgba", new THREE.BufferAttribute(rgba, 4, true));
    }
    this.floor = new THREE.Mesh(geometry, floorMaterial());
    return this.floor;
  }

  /** Of an open box only the walls behind the picture are shown, and the fronts before it. */
  faceCamera(azimuthDeg, elevationDeg) {
    this.steep = elevationDeg > 72;
    const a = (azimuthDeg * Math.PI) / 180;
    for (const o of this.scenery.children) {
      const { role, tags } = o.userData;
      const normal = OUTWARD[tags?.side];
      if (!normal || (role !== "wall" && role !== "front")) continue;
      const towards = normal[0] * Math.sin(a) + normal[1] * Math.cos(a);
      o.visible = !o.userData.off && (role === "wall" ? towards < 0 : towards > -0.2);
      this.faces.set(`${role}-${tags.side}`, o.visible);
    }
  }

  /** Whether the face that a label is painted on is shown; labels in the open always are. */
  labelShown(label) {
    if (label.kind !== "strata" || !this.faces.size) return true;
    if (this.steep) return false; // seen from above, faces are lines
    const [x0, x1, y0, y1] = this.bounds;
    const [x, y, z] = label.at;
    const near = 0.01 * (x1 - x0);
    const side = x - x0 < near ? "w" : x1 - x < near ? "e" : y - y0 < near ? "s" : y1 - y < near ? "n" : "";
    if (!side) return true;
    const top = this.scene.camera.target_m[2] * 1.6; // faces below the floor are fronts
    return this.faces.get(`${label.tone === "light" || z < top ? "front" : "wall"}-${side}`) !== false;
  }

  /** Show and hide by the names of the layers panel. */
  setLayers(layers) {
    for (const o of this.scenery.children) {
      const { role, tags } = o.userData;
      const name = tags.layer || (role === "fault" || tags.fault ? "faults" : PARTS[tags.part] || PARTS[role]);
      o.userData.off = layers[name] === false;
      o.visible = !o.userData.off;
    }
  }

  /** Height (m, not exaggerated) of the highest surface at a place; null outside. */
  heightAt(x, y) {
    this.sampler ??= this.heightSampler();
    return this.sampler(x, y);
  }

  setVe(ve) {
    this.ve = ve;
    this.scenery.scale.set(KM, KM, KM * ve);
    this.scenery.updateMatrixWorld(true);
  }

  /** Colour the basin's horizon by one of its attributes; returns the range used or null. */
  colorBy(name, range = null) {
    let used = null;
    for (const { object, mesh } of this.scalars) {
      const values = mesh.attributes[name];
      if (!values) continue;
      if (object.userData.shown !== name) {
        object.geometry.setAttribute("scalar", new THREE.BufferAttribute(values, 1));
        object.userData.shown = name;
      }
      const legend = (this.scene.legends || []).find((l) => (l.key || l.attribute || l.id) === name) || {};
      const lo = range?.[0] ?? legend.min ?? spread(values)[0];
      const hi = range?.[1] ?? legend.max ?? spread(values)[1];
      const u = object.material.uniforms;
      u.uRange.value.set(lo, hi);
      u.uIso.value = legend.iso || niceStep((hi - lo) / 10);
      used = [lo, hi];
    }
    return used;
  }

  /** Lay a map of classes on horizon and ground, or take it off. */
  setRaster(raster) {
    if (raster === this.raster) return;
    this.raster = raster;
    for (const { uniforms: u } of this.mapped) {
      u.uRasterOn.value = raster ? 1 : 0;
      if (!raster) continue;
      u.uRaster.value = raster.texture;
      u.uBox.value.fromArray(raster.box);
    }
  }

  /** Live water temperatures on pipes and equipment of the station. */
  setTemperatures(temps) {
    for (const { material, name } of this.warm) {
      const value = temps?.[name];
      if (value === undefined || value === null) continue;
      const c = waterColor(value);
      material.uniforms.uColor.value.set(c[0] / 255, c[1] / 255, c[2] / 255);
    }
  }

  pick(id) { return (this.scene.picks || []).find((p) => p.id === id) || null; }

  /** White tube round a chosen unit; heights are sampled on the scenery so that it lies on it. */
  setOutline(id) {
    const shown = `${id}@${this.ve}`; // heights are ray casts: only when something has changed
    if (shown === this.outlined) return;
    this.outlined = shown;
    if (this.outline) {
      this.group.remove(this.outline);
      this.outline.geometry.dispose();
      this.outline = null;
    }
    const pick = id && this.pick(id);
    if (!pick) return;
    const builder = new MeshBuilder();
    const ring = pick.outline_m || this.drape(pick.polygon_m, pick.z_m);
    const radius = this.reach * 0.0048;
    const lift = radius * 0.4;
    const points = ring.map(([x, y, z]) => [x * KM, y * KM, z * KM * this.ve + lift]);
    points.push(points[0]);
    builder.tube(points, radius, [255, 255, 255], 10);
    this.outline = new THREE.Mesh(builder.geometry(), surfaceMaterial({ vertexColor: true, ambient: 0.75, diffuse: 0.3 }));
    this.outline.frustumCulled = false;
    this.group.add(this.outline);
  }

  /** Polygon points with heights from the highest surface below the sky. */
  drape(polygon, fallback) {
    const hits = this.heightSampler();
    const out = [];
    for (let i = 0; i < polygon.length; i++) {
      const a = polygon[i];
      const b = polygon[(i + 1) % polygon.length];
      const n = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / (this.reach * 20)));
      for (let k = 0; k < n; k++) {
        const x = a[0] + ((b[0] - a[0]) * k) / n;
        const y = a[1] + ((b[1] - a[1]) * k) / n;
        out.push([x, y, hits(x, y) ?? fallback]);
      }
    }
    return out;
  }

  heightSampler() {
    const targets = this.scenery.children.filter((o) => ["basin-top", "ground"].includes(o.userData.role) && o.geometry.index);
    const caster = new THREE.Raycaster();
    const down = new THREE.Vector3(0, 0, -1);
    for (const t of targets) { t.geometry.computeBoundingSphere(); t.updateWorldMatrix(true, false); }
    const at = this.group.position;
    return (x, y) => {
      caster.set(new THREE.Vector3(at.x + x * KM, at.y + y * KM, 1e3), down);
      const hit = caster.intersectObjects(targets, false)[0];
      return hit ? (hit.point.z - at.z) / KM / this.ve : null;
    };
  }

  /** Camera of the scene file as the rig wants it (km, exaggerated). */
  home(aspect) {
    const c = this.scene.camera;
    return {
      target: [c.target_m[0] * KM, c.target_m[1] * KM, c.target_m[2] * KM * this.ve],
      azimuth: c.azimuth_deg, elevation: c.elevation_deg,
      distance: c.distance_m * KM * this.fit(aspect), fov: c.fov_deg || 20,
    };
  }

  /** How far a narrow view steps back; the station needs more width, its injectors stand at the side. */
  fit(aspect) { return fitFactor(aspect, this.scale === "site" ? 1.8 : 1.45); }

  dispose() {
    this.group.traverse((o) => { o.geometry?.dispose(); o.material?.dispose?.(); });
  }
}

/** Narrow views step back so that the sides of the model stay in the picture. */
const fitFactor = (aspect, wide) => (aspect < wide ? (wide / aspect) ** 0.85 : 1);

function smooth(mesh) {
  const g = new THREE.BufferGeometry();
  g.setAttribute("position", new THREE.BufferAttribute(mesh.position, 3));
  if (mesh.color) g.setAttribute("rgba", new THREE.BufferAttribute(mesh.color, 4, true));
  if (mesh.index) g.setIndex(new THREE.BufferAttribute(mesh.index, 1));
  g.computeVertexNormals();
  return g;
}

function spread(values) {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) if (v > -9e4) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  return [lo, hi];
}

export function niceStep(raw) {
  const p = 10 ** Math.floor(Math.log10(raw));
  const f = raw / p;
  return (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10) * p;
}
