// The path of a well from head to target, the same closed form as twin_models/trajectory.py, so that
// the tube can follow a dragging hand without asking the server.
//
// Vertical to the kick-off, one circular build, one straight tangent. With D the horizontal distance,
// V the depth below kick-off and R the radius of the build,
//   t  = sqrt(D^2 + V^2 - 2 D R),   theta = atan2(D - R, V) + atan2(R, t).
// Pure function, no DOM: it also runs under node for the comparison with the Python side.

const VERTICAL_POINTS = 4;
const BUILD_POINTS = 12;
const TANGENT_POINTS = 6;
const BASE_POINTS = 2;
const VERTICAL_WITHIN_M = 0.5;
const MAX_EXTENSION = 4.0;
const DEG = 180 / Math.PI;

export const TARGET_INDEX = VERTICAL_POINTS + BUILD_POINTS + TANGENT_POINTS - 1;

function shape(d, v, limit) {
  if (d <= VERTICAL_WITHIN_M) return { r: 0, theta: 0, tangent: 0, feasible: true };
  const rMax = (d * d + v * v) / (2 * d);
  const cap = d <= v ? rMax : v; // no path that rises again
  const r = Math.min(Math.max(Math.min(0.5 * rMax, cap), limit), cap);
  const tangent = Math.sqrt(Math.max(d * d + v * v - 2 * d * r, 0));
  const theta = Math.atan2(d - r, v) + Math.atan2(r, tangent);
  return { r, theta, tangent, feasible: cap >= limit * (1 - 1e-9) };
}

function buildPoints(points, head, target, dir, s, k, v) {
  const [hx, hy] = head;
  const [tx, ty] = target;
  for (let i = 1; i <= BUILD_POINTS; i++) {
    if (s.theta > 0) {
      const a = (s.theta * i) / BUILD_POINTS;
      const out = s.r * (1 - Math.cos(a));
      points.push([hx + dir[0] * out, hy + dir[1] * out, k + s.r * Math.sin(a)]);
    } else {
      // plumb line: points shared out as on a slightly bent path, so that nothing jumps
      const f = ((1 - Math.SQRT1_2) * i) / BUILD_POINTS;
      points.push([hx + f * (tx - hx), hy + f * (ty - hy), k + f * v]);
    }
  }
}

/**
 * @param {number[]} head   [x, y] metres at the ground
 * @param {number[]} target [x, y, depth] metres
 * @param {object} options  kickoffM (300), maxDoglegDeg30m (3), baseDepthM (none)
 * @returns {{points:number[][], mdM:number, targetMdM:number, inclinationDeg:number,
 *            doglegDeg30m:number, feasible:boolean, targetIndex:number}}
 */
export function planPath(head, target, options = {}) {
  const { kickoffM = 300, maxDoglegDeg30m = 3, baseDepthM = null } = options;
  const [hx, hy] = head;
  const [tx, ty] = target;
  const depth = Math.max(target[2], 1);
  const k = Math.min(Math.max(kickoffM, 0), 0.5 * depth);
  const v = depth - k;
  const d = Math.hypot(tx - hx, ty - hy);
  const limit = maxDoglegDeg30m <= 0 ? Infinity : (30 * DEG) / maxDoglegDeg30m;
  const s = shape(d, v, limit);
  const dir = d > VERTICAL_WITHIN_M ? [(tx - hx) / d, (ty - hy) / d] : [0, 0];
  const points = [];
  for (let i = 0; i < VERTICAL_POINTS; i++) points.push([hx, hy, (k * i) / (VERTICAL_POINTS - 1)]);
  buildPoints(points, head, target, dir, s, k, v);
  let build = s.r * s.theta;
  let tangent = s.tangent;
  if (s.theta <= 0) {
    build = (1 - Math.SQRT1_2) * Math.hypot(v, d);
    tangent = Math.hypot(v, d) - build;
  }
  const [x0, y0, z0] = points[points.length - 1];
  for (let i = 1; i <= TANGENT_POINTS; i++) {
    const f = i / TANGENT_POINTS;
    points.push([x0 + f * (tx - x0), y0 + f * (ty - y0), z0 + f * (depth - z0)]);
  }
  let extension = 0;
  if (baseDepthM !== null) {
    const left = Math.max(baseDepthM - depth, 1);
    extension = Math.min(left / Math.max(Math.cos(s.theta), 1e-9), MAX_EXTENSION * left);
    for (let i = 1; i <= BASE_POINTS; i++) {
      const e = (extension * i) / BASE_POINTS;
      const out = e * Math.sin(s.theta);
      points.push([tx + dir[0] * out, ty + dir[1] * out, depth + e * Math.cos(s.theta)]);
    }
  }
  const targetMdM = k + build + tangent;
  return {
    points,
    mdM: targetMdM + extension,
    targetMdM,
    inclinationDeg: s.theta * DEG,
    doglegDeg30m: s.r > 0 ? (30 * DEG) / s.r : 0,
    feasible: s.feasible,
    targetIndex: TARGET_INDEX,
  };
}
