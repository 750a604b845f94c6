// Layout rules while a well is in the hand: distances to wells and faults, the area, the dog-leg. Computed
// here, so that the answer stands beside the cursor in the same frame; the server has the last word on drop.
// Rules come with the site: {id, kind, severity, value_m, text}.

const PUSHES = 30;
const MARGIN_M = 0.05;
// A handle this near to a keep-out area has been stopped by it.
const TOUCH_M = 1;

export function insideRing(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < xi + ((y - yi) * (xj - xi)) / (yj - yi)) inside = !inside;
  }
  return inside;
}

/** Nearest point of a polyline: [distance, x, y]. */
export function nearestOnLine(points, x, y, closed = false) {
  let best = [Infinity, x, y];
  const n = points.length - (closed ? 0 : 1);
  for (let i = 0; i < n; i++) {
    const [ax, ay] = points[i];
    const [bx, by] = points[(i + 1) % points.length];
    const dx = bx - ax, dy = by - ay;
    const f = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
    const px = ax + f * dx, py = ay + f * dy;
    const d = Math.hypot(px - x, py - y);
    if (d < best[0]) best = [d, px, py];
  }
  return best;
}

const isPair = (a, b) => a.kind !== b.kind || a.kind === "storage";
const rulesOf = (site, kind) =>
  (Array.isArray(site.rules) ? site.rules : []).filter((r) => r.kind === kind).sort((a, b) => (a.severity === "hard" ? -1 : 0) - (b.severity === "hard" ? -1 : 0));

/** First broken rule of a kind, else the last one kept; null without rules. */
function judge(rules, distance) {
  for (const r of rules) if (distance < r.value_m) return { rule: r, severity: r.severity };
  return rules.length ? { rule: rules[rules.length - 1], severity: "ok" } : null;
}

/**
 * What the rules say of a target at (x, y). Each finding: {kind, severity, distance, limit, other, at, rule}.
 * Worst first; kept rules are included, so that the label can say "fine, 2.0 km to the fault".
 */
export function checkTarget(site, wells, well, x, y) {
  const found = [];
  const add = (kind, verdict, distance, other, at) =>
    verdict && found.push({ kind, severity: verdict.severity, distance, limit: verdict.rule.value_m, other, at, rule: verdict.rule });
  const others = wells.filter((w) => w.id !== well.id && w.kind !== "monitor");
  const nearest = (list) => list.reduce((best, w) => {
    const d = Math.hypot(w.x_m - x, w.y_m - y);
    return d < best[0] ? [d, w] : best;
  }, [Infinity, null]);
  if (well.kind !== "monitor") {
    const [d, w] = nearest(others.filter((o) => isPair(well, o)));
    if (w) add("pair", judge(rulesOf(site, "producer_injector_spacing"), d), d, w, [w.x_m, w.y_m]);
    const [e, v] = nearest(others);
    const any = v && judge(rulesOf(site, "well_spacing"), e);
    if (any && any.severity !== "ok") add("well", any, e, v, [v.x_m, v.y_m]);
    let fault = [Infinity];
    for (const f of site.faults || []) {
      const hit = nearestOnLine(f.points, x, y);
      if (hit[0] < fault[0]) fault = [...hit, f];
    }
    if (fault[3]) add("fault", judge(rulesOf(site, "fault_distance"), fault[0]), fault[0], fault[3], [fault[1], fault[2]]);
  }
  const reach = rulesOf(site, "pad_reach").find((r) => Math.hypot(x - well.head_x_m, y - well.head_y_m) > r.value_m);
  if (reach) {
    const d = Math.hypot(x - well.head_x_m, y - well.head_y_m);
    found.push({ kind: "reach", severity: reach.severity, distance: d, limit: reach.value_m, other: null, at: [well.head_x_m, well.head_y_m], rule: reach });
  }
  const area = rulesOf(site, "inside_area")[0];
  if (area && site.area?.length > 2 && !insideRing(site.area, x, y)) {
    const hit = nearestOnLine(site.area, x, y, true);
    found.push({ kind: "area", severity: area.severity, distance: hit[0], limit: 0, other: null, at: [hit[1], hit[2]], rule: area });
  }
  (site.keep_out || []).forEach((ring, i) => {
    const hit = nearestOnLine(ring, x, y, true);
    if (hit[0] > TOUCH_M && !insideRing(ring, x, y)) return;
    found.push({ kind: "keep_out", severity: "hard", distance: hit[0], limit: 0, other: { name: `${i + 1}` }, at: [hit[1], hit[2]], rule: null });
  });
  const order = { hard: 0, soft: 1, ok: 2 };
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}

/** The place nearest to (x, y) that breaks no hard rule: here the handle stops, the cursor goes on. */
export function nearestLegal(site, wells, well, x, y, last) {
  const area = rulesOf(site, "inside_area").some((r) => r.severity === "hard") && site.area?.length > 2;
  const hardest = (kind) => Math.max(0, ...rulesOf(site, kind).filter((r) => r.severity === "hard").map((r) => r.value_m));
  const apart = hardest("well_spacing"), pair = hardest("producer_injector_spacing"), fault = hardest("fault_distance");
  const moving = well.kind !== "monitor";
  let p = clampToBox(site, x, y);
  for (let k = 0; k < PUSHES; k++) {
    const before = p;
    if (area && !insideRing(site.area, p[0], p[1])) p = inward(site.area, p);
    if (moving && fault > 0) {
      for (const f of site.faults || []) p = away(nearestOnLine(f.points, p[0], p[1]), p, fault, last);
    }
    if (moving) {
      for (const w of wells) {
        if (w.id === well.id || w.kind === "monitor") continue;
        const r = Math.max(apart, isPair(well, w) ? pair : 0, 1);
        p = away([Math.hypot(w.x_m - p[0], w.y_m - p[1]), w.x_m, w.y_m], p, r, last);
      }
    }
    for (const ring of site.keep_out || []) if (insideRing(ring, p[0], p[1])) p = inward(ring, p); // over the edge, here outward
    p = clampToBox(site, p[0], p[1]);
    if (p[0] === before[0] && p[1] === before[1]) return p;
  }
  return last || [well.x_m, well.y_m];
}

/** Push a place out of a disc round the nearest point of an obstacle. */
function away([d, ox, oy], p, radius, last) {
  if (d >= radius) return p;
  let dx = p[0] - ox, dy = p[1] - oy;
  if (Math.hypot(dx, dy) < 1e-6) [dx, dy] = last ? [last[0] - ox, last[1] - oy] : [1, 0];
  const l = Math.hypot(dx, dy) || 1;
  return [ox + (dx / l) * (radius + MARGIN_M), oy + (dy / l) * (radius + MARGIN_M)];
}

function inward(ring, p) {
  const [d, x, y] = nearestOnLine(ring, p[0], p[1], true);
  const l = d || 1;
  return [x + ((x - p[0]) / l) * MARGIN_M, y + ((y - p[1]) / l) * MARGIN_M];
}

function clampToBox(site, x, y) {
  const box = site.box;
  if (!box?.extent_m?.[0]) return [x, y];
  const [x0, y0] = box.origin_m;
  return [
    Math.min(Math.max(x, x0 + MARGIN_M), x0 + box.extent_m[0] - MARGIN_M),
    Math.min(Math.max(y, y0 + MARGIN_M), y0 + box.extent_m[1] - MARGIN_M),
  ];
}

/** Depth of the reservoir's top at a place, bilinear on the site's raster; the flat top without one. */
export function horizonDepth(site, x, y) {
  const h = site?.horizon;
  if (!h || !h.nx) return site?.box?.top_m ?? 0;
  const { origin_m: o, extent_m: e } = site.box;
  const u = Math.min(Math.max(((x - o[0]) / e[0]) * (h.nx - 1), 0), h.nx - 1 - 1e-9);
  const v = Math.min(Math.max(((y - o[1]) / e[1]) * (h.ny - 1), 0), h.ny - 1 - 1e-9);
  const i = Math.floor(u), j = Math.floor(v), fu = u - i, fv = v - j;
  const at = (a, b) => h.top_m[b * h.nx + a];
  return (at(i, j) * (1 - fu) + at(i + 1, j) * fu) * (1 - fv) + (at(i, j + 1) * (1 - fu) + at(i + 1, j + 1) * fu) * fv;
}
