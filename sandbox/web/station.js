// Live values on the equipment of the energy station: each label of the scene gets its temperature and flow.

const deg = (v, lang) => `${Number(v.toFixed(1)).toString()} ${lang === "zh" ? "℃" : "°C"}`;

/**
 * @param labels labels of the scene file; equipment is matched by id
 * @param station {items: [{id, value, unit, note}], temps, flows}
 */
export function stationLabels(labels, station, lang) {
  if (!station) return labels;
  const items = new Map((station.items || []).map((i) => [i.id, i]));
  return labels.map((l) => {
    if (l.kind !== "equipment") return l;
    const value = tag(l, items.get(l.id), station, lang);
    return value ? { ...l, text: `${l.text}${lang === "zh" ? " " : " "}${value}`, key: l.key } : l;
  });
}

function tag(label, item, station, lang) {
  if (item?.tag) return item.tag;
  const parts = [];
  const t = station.temps?.[label.id];
  if (Number.isFinite(t)) parts.push(deg(t, lang));
  else if (item && Number.isFinite(item.value)) parts.push(`${Number(item.value.toFixed(1))} ${item.unit || ""}`.trim());
  else if (typeof item?.value === "string" && item.value) parts.push(`${item.value} ${item.unit || ""}`.trim());
  const q = station.flows?.[label.id];
  if (Number.isFinite(q)) parts.push(`${Number(q.toFixed(1))} m³/h`);
  return parts.join(" · ");
}
