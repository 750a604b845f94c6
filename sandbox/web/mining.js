// The mine in the scene: shaft, ramp, levels of roadways, fans of holes and broken rock, with handles that
// change depth, length and volume. SVG over the canvas: a mine is lines, and lines must follow the hand.
import { el } from "./symbols.js";

const SHAFT = [-900, 0], RAMP = [-1050, -260], PORTAL = [-1850, -900];
const SHOWN_HOLES = 48;
const BEYOND = 260; // the handle of a roadway stands clear of the fan at its end
const TURNS_EVERY_M = 220, RAMP_RADIUS = 150;
const HANDLES = [["level", "depth_m"], ["roadways", "length_m"], ["holes", "length_m"], ["blocks", "volume_m3"]];
const COLOURS = ["#c07a2c", "#0f8b8d", "#7a4fa0", "#b0413e", "#4c7a34"];

export class Mine {
  constructor(app, bridge) {
    this.app = app;
    this.group = el("g", { class: "gs-mine" });
    app.overlay.svg.prepend(this.group);
    this.handles = new Map();
    this.label = document.createElement("div");
    this.label.className = "gs-minelabel";
    this.label.hidden = true;
    app.overlay.root.append(this.label);
    this.held = null;
    bridge.watch(["mine"], () => this.set());
    bridge.watch(["workspace", "scale", "drawer", "site", "t"], () => this.update());
    app.viewer.onFrame(() => this.update());
  }

  data() {
    const mine = this.app.get("mine");
    return mine && mine.site === this.app.get("site")?.name ? mine : null;
  }

  shown() {
    const { app } = this;
    return Boolean(this.data()) && app.get("workspace") === "explore" && app.viewer.stage?.scale === "field";
  }

  /** Levels with the value in the hand in place of the server's. */
  levels() {
    const levels = JSON.parse(JSON.stringify(this.data().mine.levels));
    const h = this.held;
    if (h) target(levels[h.level], h.part)[h.key] = h.value;
    return levels;
  }

  set() {
    this.build();
    this.update();
  }

  /** Lines and solids of the mine as points in space; drawn anew when a number changes. */
  build() {
    this.items = [];
    if (!this.data()) return;
    const levels = this.levels();
    const deepest = Math.max(...levels.map((l) => l.depth_m));
    const line = (points, width, colour, edge = 2.4) => this.items.push({ points, width, colour, edge });
    line(ramp(deepest), 2, "#8d99a3", 1.2);
    line([[...SHAFT, 0], [...SHAFT, deepest + 40]], 6, "#e8edf1");
    levels.forEach((level, i) => {
      const colour = COLOURS[i % COLOURS.length];
      for (const hole of holes(level)) line(hole, 1.1, colour, 0);
      const block = rock(level);
      if (block) this.items.push({ solid: block, colour });
      for (const road of roads(level)) line(road, 3.2, colour);
      this.items.push({ text: `\u2212${Math.round(level.depth_m)} m`, at: [SHAFT[0] - 120, SHAFT[1] - 120, level.depth_m], colour });
    });
    const nodes = [];
    for (const item of this.items) {
      if (item.text) {
        item.node = el("text", { "text-anchor": "end" });
        item.node.textContent = item.text;
      } else if (item.solid) {
        item.node = el("path", { class: "rock", fill: item.colour, stroke: item.colour });
      } else {
        if (item.edge) {
          item.under = el("path", { class: "edge", "stroke-width": item.width + item.edge });
          nodes.push(item.under);
        }
        item.node = el("path", { stroke: item.colour, "stroke-width": item.width });
      }
      nodes.push(item.node);
    }
    this.group.replaceChildren(...nodes);
  }

  update() {
    const show = this.shown();
    this.group.style.display = show ? "" : "none";
    if (show && !this.items?.length) this.build();
    if (show) for (const item of this.items) this.place(item);
    this.placeHandles(show && this.app.get("drawer") === "mining");
  }

  place(item) {
    const { overlay } = this.app;
    if (item.text) {
      const p = overlay.at(item.at);
      item.node.style.display = p ? "" : "none";
      if (p) { item.node.setAttribute("x", p.x.toFixed(1)); item.node.setAttribute("y", p.y.toFixed(1)); }
      return;
    }
    if (item.solid) {
      const points = item.solid.map((p) => overlay.at(p)).filter(Boolean);
      item.node.setAttribute("d", points.length > 2 ? `${hull(points).map((p, i) => `${i ? "L" : "M"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("")}Z` : "");
      return;
    }
    const d = overlay.path(item.points);
    item.node.setAttribute("d", d);
    item.under?.setAttribute("d", d);
  }

  // -- handles ---------------------------------------------------------------------------------

  placeHandles(show) {
    const wanted = new Map();
    if (show) {
      this.levels().forEach((level, i) => {
        for (const [part, key] of HANDLES) {
          if (part !== "level" && !level[part]?.[0]) continue;
          const way = track(level, part);
          const value = target(level, part)[key];
          const p = this.app.overlay.at(way(value));
          if (p) wanted.set(`${i}-${part}`, { level: i, part, key, value, way, p });
        }
      });
    }
    for (const [id, node] of this.handles) if (!wanted.has(id)) { node.remove(); this.handles.delete(id); }
    for (const [id, h] of wanted) {
      let node = this.handles.get(id);
      if (!node) {
        node = this.makeHandle(id);
        this.handles.set(id, node);
        this.app.overlay.root.append(node);
      }
      node.info = h;
      node.dataset.key = h.key;
      node.style.setProperty("--h", COLOURS[h.level % COLOURS.length]);
      node.style.left = `${h.p.x}px`;
      node.style.top = `${h.p.y}px`;
      const name = this.app.get("t")?.[`mining_${h.part}_${h.key}`] || h.key;
      node.setAttribute("aria-label", `\u2212${Math.round(this.data().mine.levels[h.level].depth_m)} m ${name}`);
      node.setAttribute("aria-valuenow", String(h.value));
    }
    if (!this.held) this.label.hidden = true;
  }

  makeHandle(id) {
    const node = document.createElement("button");
    node.type = "button";
    node.className = "gs-minehandle";
    node.dataset.ui = "";
    node.dataset.testid = `mine-handle-${id}`;
    node.setAttribute("role", "slider");
    node.addEventListener("pointerdown", (e) => this.grab(node, e));
    node.addEventListener("pointermove", (e) => { if (this.held?.node === node) this.drag(e); });
    node.addEventListener("pointerup", () => this.drop());
    node.addEventListener("pointercancel", () => this.drop());
    node.addEventListener("keydown", (e) => this.key(node, e));
    return node;
  }

  limits(h) { return this.data().limits[`${h.part}.${h.key}`]; }

  grab(node, e) {
    e.preventDefault();
    e.stopPropagation();
    node.setPointerCapture(e.pointerId);
    node.focus({ preventScroll: true });
    node.classList.add("held");
    const { level, part, key, value } = node.info;
    this.held = { node, level, part, key, value, x: e.clientX, y: e.clientY };
  }

  /** The value whose place lies nearest under the pointer along the handle's own track. */
  drag(e) {
    const h = this.held;
    const { way } = h.node.info;
    const [low, high] = this.limits(h);
    const span = 0.02 * (high - low);
    const from = h.value + span > high ? h.value - span : h.value;
    const a = this.app.overlay.at(way(from)), b = this.app.overlay.at(way(from + span));
    if (!a || !b) return;
    const along = [b.x - a.x, b.y - a.y], size = along[0] ** 2 + along[1] ** 2;
    if (size < 1e-6) return;
    const o = this.app.origin();
    const here = this.app.overlay.at(way(h.value));
    const moved = [e.clientX - o.x - here.x, e.clientY - o.y - here.y];
    const step = (span * (moved[0] * along[0] + moved[1] * along[1])) / size;
    this.change(Math.min(Math.max(h.value + step, low), high));
  }

  change(value) {
    const h = this.held;
    const [low, , step] = this.limits(h);
    const snapped = low + Math.round((value - low) / step) * step;
    h.raw = value;
    h.value = value;
    this.build();
    this.update();
    this.say(snapped);
    this.send({ part: h.part, key: h.key, level: h.level, value: snapped, final: false });
  }

  say(value) {
    const h = this.held;
    const t = this.app.get("t") || {};
    const answer = this.data().answer;
    const p = h.node.info.p;
    const unit = h.key === "volume_m3" ? `${(value / 1e6).toFixed(1)}\u00d710\u2076 m\u00b3` : `${Math.round(value)} m`;
    const heat = answer ? ` \u00b7 ${answer.levels[h.level].mean_mw.toFixed(2)} MW` : "";
    this.label.textContent = `${t[`mining_${h.part}_${h.key}`] || h.key} ${unit}${heat}`;
    this.label.style.left = `${p.x}px`;
    this.label.style.top = `${p.y}px`;
    this.label.hidden = false;
  }

  /** One message under way, only the newest waits. */
  async send(message) {
    this.next = message;
    if (this.sending) return;
    this.sending = true;
    while (this.next) {
      const now = this.next;
      this.next = null;
      await this.app.act("mine_set", now);
    }
    this.sending = false;
  }

  drop() {
    const h = this.held;
    if (!h) return;
    h.node.classList.remove("held");
    const [low, , step] = this.limits(h);
    const value = low + Math.round((h.value - low) / step) * step;
    this.held = null;
    this.label.hidden = true;
    this.send({ part: h.part, key: h.key, level: h.level, value, final: true });
  }

  key(node, e) {
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[e.key];
    if (!by) return;
    e.preventDefault();
    e.stopPropagation();
    const h = node.info;
    const [low, high, step] = this.limits(h);
    // Down on the screen is deeper, and deeper is more.
    const sign = h.key === "depth_m" && e.key !== "ArrowRight" && e.key !== "ArrowLeft" ? -1 : 1;
    const value = Math.min(Math.max(h.value + sign * by * step, low), high);
    this.send({ part: h.part, key: h.key, level: h.level, value, final: true });
  }
}

// -- shape of the mine, metres: x east, y north, depth downward --------------------------------------

const target = (level, part) => (part === "level" ? level : level[part][0]);
const mainLength = (level) => (level.roadways?.[0]?.length_m || 0) / 3;
const heading = (level) => [SHAFT[0] + 60 + mainLength(level), SHAFT[1], level.depth_m];

/** A main roadway from the shaft, two thirds of the length in four cross-cuts. */
function roads(level) {
  const length = level.roadways?.[0]?.length_m || 0;
  const main = mainLength(level), cut = length / 12;
  const out = [[[...SHAFT, level.depth_m], heading(level)]];
  for (let k = 1; k <= 4 && length > 0; k++) {
    const x = SHAFT[0] + 60 + (main * k) / 4.4;
    out.push([[x, SHAFT[1] - cut, level.depth_m], [x, SHAFT[1] + cut, level.depth_m]]);
  }
  return out;
}

/** A fan all round the end of the main roadway; U comes back, L bends along the roadway, Q bends round it. */
function holes(level) {
  const own = level.holes?.[0];
  if (!own || !own.length_m) return [];
  const [x, y, z] = heading(level);
  const n = Math.min(own.count, SHOWN_HOLES);
  const at = (angle, r, dx = 0) => [x + dx, y + r * Math.cos(angle), z - r * Math.sin(angle)];
  return Array.from({ length: n }, (_, k) => {
    const a = (2 * Math.PI * k) / n;
    const out = [at(a, 3), at(a, own.length_m)];
    if (own.pattern === "L") out.push(at(a, own.length_m, 0.35 * own.length_m));
    if (own.pattern === "Q") for (let j = 1; j <= 4; j++) out.push(at(a + j * 0.06, own.length_m, 0.05 * j * own.length_m));
    if (own.pattern === "U") out.push(at(a, own.length_m, 18), at(a, 3, 18));
    return out;
  });
}

const side = (level) => Math.cbrt(level.blocks[0].volume_m3 || 0);
/** Corner of the broken rock for a volume; it hangs below the middle of the main roadway. */
const corner = (level, s, [a, b, c]) => [
  SHAFT[0] + 60 + 0.45 * mainLength(level) + a * s, SHAFT[1] + 160 + b * s, level.depth_m + 20 + c * s,
];
function rock(level) {
  if (!level.blocks?.[0]?.volume_m3) return null;
  const s = side(level);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((k) => corner(level, s, [k & 1, (k >> 1) & 1, -((k >> 2) & 1)]));
}

/** Ramp: straight from its portal, then a spiral down beside the shaft. */
function ramp(deepest) {
  const out = [[...PORTAL, 0]];
  for (let z = 120; z <= deepest; z += TURNS_EVERY_M / 12) {
    const a = (2 * Math.PI * z) / TURNS_EVERY_M;
    out.push([RAMP[0] + RAMP_RADIUS * Math.cos(a), RAMP[1] + RAMP_RADIUS * Math.sin(a), z]);
  }
  out.push([...SHAFT, deepest]);
  return out;
}

/** Where the handle of a part stands for a value. */
function track(level, part) {
  if (part === "level") return (v) => [SHAFT[0], SHAFT[1], v];
  if (part === "roadways") return (v) => [SHAFT[0] + 60 + BEYOND + v / 3, SHAFT[1], level.depth_m];
  const [x, y, z] = heading(level);
  if (part === "holes") return (v) => [x, y + v * Math.SQRT1_2, z - v * Math.SQRT1_2];
  return (v) => corner(level, Math.cbrt(v), [1, 1, -1]);
}

/** Convex hull of points on the screen (monotone chain, Andrew 1979). */
function hull(points) {
  const p = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const turn = (o, a, b) => (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
  const half = (list) => {
    const out = [];
    for (const q of list) {
      while (out.length > 1 && turn(out[out.length - 2], out[out.length - 1], q) <= 0) out.pop();
      out.push(q);
    }
    return out.slice(0, -1);
  };
  return [...half(p), ...half(p.reverse())];
}

// -- words and pictures of the drawer ------------------------------------------------------------------

const gs = (window.trame.utils.gs ??= {});
gs.mineColour = (i) => COLOURS[i % COLOURS.length];
/** Heat of a level over the years, stacked on the levels before it, in a picture of 100 x 34. */
gs.mineArea = (answer, i) => {
  const n = answer.years.length;
  const sum = (upTo, k) => answer.levels.slice(0, upTo).reduce((s, l) => s + l.power_mw[k], 0);
  const at = (v, k) => `${((100 * k) / Math.max(n - 1, 1)).toFixed(2)} ${(33 - (31 * v) / answer.most_mw).toFixed(2)}`;
  const years = [...Array(n).keys()];
  return `M${years.map((k) => at(sum(i + 1, k), k)).join("L")}L${years.reverse().map((k) => at(sum(i, k), k)).join("L")}Z`;
};
gs.mineBar = (bounds, key) => (100 * bounds[key]) / Math.max(...Object.values(bounds), 1e-9);
