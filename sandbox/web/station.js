// Live values on the equipment of the energy station: labels of the scene get temperatures and flows.

const EQUIPMENT = { hx1: "exchanger1", hx2: "exchanger2", hp: "heat_pump", pumps: "circulation_pumps", boiler: "peak_boiler" };
const IDLE = { zh: "未投用", en: "not in use" };

const number = (v) => {
  const r = Math.round(v * 10) / 10;
  return String(Math.abs(r) >= 100 ? Math.round(r) : r).replace("-", "\u2212").replace(/\B(?=(\d{3})+$)/g, "\u2009");
};
const degree = (v, lang) => `${number(v)} ${lang === "zh" ? "℃" : "°C"}`;
const flow = (v) => `${number(v)} m³/h`;

/**
 * @param labels  labels of the scene file; equipment is known by its id
 * @param station {temps, flows, duties, powers, wells, items: [{id, hot: [in, out], duty_kw, power_kw}]}
 */
export function stationLabels(labels, station, wells, lang) {
  if (!station?.temps) return labels;
  return labels.map((l) => {
    if (l.kind !== "equipment") return l;
    const value = tag(l.id, station, wells, lang);
    return value ? { ...l, text: `${counted(l, wells)} ${value}` } : l;
  });
}

/** Groups of wells say how many there are now. */
function counted(label, wells) {
  const kind = { "well-all": "producer", "inj-all": "injector" }[label.id];
  return kind ? label.text.replace(/×\s*\d+/, `×${wells.filter((w) => w.kind === kind).length} ·`) : label.text;
}

function tag(id, station, wells, lang) {
  const { temps, flows = {} } = station;
  if (id === "supply" || id === "return") return finite(temps[id]) ? degree(temps[id], lang) : "";
  if (id.startsWith("inj-")) return both(temps.tail, id === "inj-all" || wells.length <= 3 ? flows.injection : rate(wells, id), lang);
  if (id === "well-all") return both(temps.wellhead, flows.geothermal, lang);
  if (id.startsWith("well-")) return both(station.wells?.[id.slice(5)] ?? temps.wellhead, rate(wells, id), lang);
  const key = EQUIPMENT[id];
  if (!key) return "";
  const item = (station.items || []).find((i) => i.id === key);
  if (!item) return `· ${IDLE[lang]}`;
  if (key.startsWith("exchanger")) return `${number(item.hot[0])} → ${number(item.hot[1])}`;
  const kw = item.power_kw > 0 ? item.power_kw : item.duty_kw;
  return finite(kw) ? `${number(kw)} kW` : "";
}

const finite = (v) => Number.isFinite(v);
const rate = (wells, id) => wells.find((w) => w.id === id.slice(id.indexOf("-") + 1))?.rate_m3_h;

function both(t, q, lang) {
  return [finite(t) ? degree(t, lang) : "", finite(q) ? flow(q) : ""].filter(Boolean).join(" · ");
}
