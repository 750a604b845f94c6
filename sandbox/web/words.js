// The few sentences that the scene itself speaks, in both languages. A key in the page's dictionary
// (state `t`) of the same name wins, so translators have one place for the rest.

const WORDS = {
  zh: {
    drag_me: "拖动我", producer: "生产井", injector: "回灌井", storage: "储热井", monitor: "监测井", pad: "平台",
    estimate: "≈ 估算", delta: "Δ", depth: "埋深", snapped: "吸附热储顶", on_ground: "在地面",
    inclination: "井斜", dogleg: "狗腿度", soft: "软约束", hard: "硬约束",
    pair: "采灌井距", well: "井距", fault: "距{name}", reach: "水平位移", area: "超出采区", keep_out: "禁布区 {name} 边界", in_area: "在采区内",
    dogleg_limit: "狗腿度", move_here: "点击新位置", place_here: "点击放置{kind}", doublet: "对井",
    moved: "{name} 已移动 {m} m", fly: "飞到 {name}", ve_chip: "垂向 {ve}×", ve_below: "地下 {ve}×", cancelled: "已取消",
    stopped: "到此为止", wells_along: "带动 {n} 口井", scene: "三维场景，方向键移动所选井",
    dirs: "北 东北 东 东南 南 西南 西 西北",
  },
  en: {
    drag_me: "Drag me", producer: "producer", injector: "injector", storage: "storage well", monitor: "monitor", pad: "pad",
    estimate: "≈ estimate", delta: "Δ", depth: "TVD", snapped: "on reservoir top", on_ground: "on the ground",
    inclination: "inclination", dogleg: "dog-leg", soft: "soft rule", hard: "hard rule",
    pair: "{kind}", well: "Well", fault: "{name}", reach: "Step-out", area: "Outside the area", keep_out: "Edge of keep-out area {name}", in_area: "inside the area",
    dogleg_limit: "Dog-leg", move_here: "Click the new place", place_here: "Click to place: {kind}", doublet: "doublet",
    moved: "{name} moved {m} m", fly: "Fly to {name}", ve_chip: "VE {ve}×", ve_below: "below ground {ve}×", cancelled: "Cancelled",
    stopped: "limit reached", wells_along: "{n} wells come along", scene: "3D scene; arrow keys move the selected well",
    dirs: "N NE E SE S SW W NW",
  },
};

export function word(lang, key, values = {}, dictionary = null) {
  const table = WORDS[lang] || WORDS.en;
  const text = dictionary?.[`scene_${key}`] ?? table[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, k) => values[k] ?? "");
}

/** "412 m" or "2.0 km", with the thin space of the typographic rules. */
export function metres(m) {
  if (m >= 1000) return `${(m / 1000).toFixed(1)} km`;
  return `${Math.round(m)} m`;
}

/** Whole metres with a space between thousands. */
export const grouped = (m) => Math.round(m).toString().replace(/\B(?=(\d{3})+$)/g, "\u2009");

/** Bearing in words and degrees: "北东 45°" style. */
export function bearing(lang, dx, dy) {
  const deg = (Math.atan2(dx, dy) * 180) / Math.PI;
  const whole = Math.round((deg + 360) % 360) % 360;
  return `${word(lang, "dirs").split(" ")[Math.round(whole / 45) % 8]} ${whole}°`;
}
