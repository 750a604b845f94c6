// Uses, cascade and dispatched year: shapes and words that need arithmetic.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  Object.assign((gs.icons ??= {}), {
    bolt: 'M13,2L4,14H11L10,22L20,9H13L13,2Z',
    wind: 'M4,10A1,1 0 0,1 3,9A1,1 0 0,1 4,8H12A2,2 0 0,0 14,6A2,2 0 0,0 12,4C11.4,4 10.9,4.2 10.6,4.6C10.2,5 9.6,5 9.2,4.6C8.8,4.2 8.8,3.6 9.2,3.2C9.9,2.5 10.9,2 12,2A4,4 0 0,1 16,6A4,4 0 0,1 12,10H4M19,12A1,1 0 0,0 20,11A1,1 0 0,0 19,10C18.7,10 18.5,10.1 18.3,10.3C17.9,10.7 17.3,10.7 16.9,10.3C16.5,9.9 16.5,9.3 16.9,8.9C17.4,8.3 18.2,8 19,8A3,3 0 0,1 22,11A3,3 0 0,1 19,14H5A1,1 0 0,1 4,13A1,1 0 0,1 5,12H19M18,18H4A1,1 0 0,1 3,17A1,1 0 0,1 4,16H18A3,3 0 0,1 21,19A3,3 0 0,1 18,22C17.2,22 16.4,21.7 15.9,21.1C15.5,20.7 15.5,20.1 15.9,19.7C16.3,19.3 16.9,19.3 17.3,19.7C17.5,19.9 17.7,20 18,20A1,1 0 0,0 19,19A1,1 0 0,0 18,18Z',
    leaf: 'M20,3C10,3 4,8 4,15C4,16.5 4.3,17.8 4.9,19L3,21L4.4,22.4L6.4,20.4C7.6,21 9,21.3 10.5,21C17,20 20.5,13 20,3M7.5,17.5C9,13 12,10 16,8C13,11 10.5,14 9.5,18.4C8.7,18.4 8,18 7.5,17.5Z',
    fish: 'M2,7L6,12L2,17C6,17 8,16 9.5,14.7C11,16.2 13.3,17 15.5,17C19,17 22,14.5 22,12C22,9.5 19,7 15.5,7C13.3,7 11,7.8 9.5,9.3C8,8 6,7 2,7M17,10.5A1.2,1.2 0 1,1 17,12.9A1.2,1.2 0 0,1 17,10.5Z',
    spa: 'M8,2C10,4 6,5.5 8,8H6C4,5.5 8,4 6,2H8M13,2C15,4 11,5.5 13,8H11C9,5.5 13,4 11,2H13M18,2C20,4 16,5.5 18,8H16C14,5.5 18,4 16,2H18M2,11H22V13C22,17.5 18,21 12,21C6,21 2,17.5 2,13V11Z',
    snow: 'M11,2H13V6.2L16,4.5L17,6.2L13,8.5V10.3L14.5,9.4L18.5,7.1V3.6H20.5V6L22.5,7L21.5,8.7L17.5,11L16,12L17.5,13L21.5,15.3L22.5,17L20.5,18V20.4H18.5V16.9L14.5,14.6L13,13.7V15.5L17,17.8L16,19.5L13,17.8V22H11V17.8L8,19.5L7,17.8L11,15.5V13.7L9.5,14.6L5.5,16.9V20.4H3.5V18L1.5,17L2.5,15.3L6.5,13L8,12L6.5,11L2.5,8.7L1.5,7L3.5,6V3.6H5.5V7.1L9.5,9.4L11,10.3V8.5L7,6.2L8,4.5L11,6.2V2Z',
  });

  // --- places of the cascade ----------------------------------------------------------------
  gs.placeMw = (p) => (p.idle && !p.mw ? '–' : p.mw < 0.0995 ? `${gs.fmt(1e3 * p.mw, 0)} kW` : `${gs.sig(p.mw, 3, 2)} MW`);
  gs.placeDegc = (p, lang) => `${gs.fmt(p.inlet, 1)} → ${gs.fmt(p.outlet, 1)} ${gs.degc(lang)}`;
  gs.moneyShort = (cny, lang) => {
    const [scale, unit] = lang === 'zh' ? [1e4, '万元'] : [1e6, 'M CNY'];
    return `${gs.sig(cny / scale, 3, lang === 'zh' ? 1 : 2)} ${unit}`;
  };
  /** What of the demand is met, and what it earns in the year. */
  gs.placeText = (p, lang, t) => {
    const parts = [];
    if (p.met_pct !== null) parts.push(gs.fill(t.uses_met, { pct: gs.fmt(p.met_pct, 0) }));
    if (p.income_cny) parts.push(gs.fill(t.uses_earns, { money: gs.moneyShort(p.income_cny, lang) }));
    return parts.join(' · ');
  };
  gs.fade = (p) => ({ background: `linear-gradient(90deg, ${gs.water(p.inlet)}, ${gs.water(p.outlet)})`, width: `${Math.max(2, p.share)}%` });
  gs.tailText = (cascade, t) =>
    gs.fill(cascade.injected === null ? t.uses_tail_open : t.uses_tail, { pct: gs.fmt(cascade.tail_pct, 0), at: gs.fmt(cascade.injected ?? 0, 0) });
  /** A fault that no row of the open card says already. */
  gs.usesFault = (field, uses, open) => {
    if (!field || !String(field).startsWith('uses')) return false;
    const card = (uses.cards || []).find((c) => c.id === open);
    const rows = card ? [...card.rows, ...card.parts.flatMap((q) => [...q.rows, q])] : [];
    return !rows.some((row) => row.field === field);
  };
  gs.togglePart = (event, part) => {
    gs.act(event.target.checked ? 'use_add' : 'use_remove', { path: part.path }).then((answer) => {
      if (answer?.ok === false) event.target.checked = part.on;
    });
  };

  /** Main band (its height is what is left of the heat) and a branch down to each use. */
  gs.cascadeShapes = (cascade) => {
    const n = cascade.places.length + 2;
    const top = 4;
    const unit = 0.56;
    const shapes = [];
    let left = 100;
    let x = 0;
    cascade.places.forEach((p, i) => {
      const centre = (1000 * (i + 1.5)) / n;
      const w = Math.max(1.5, 1.6 * p.share);
      const end = Math.max(centre - w / 2, x);
      shapes.push({ id: `m${i}`, cls: 'main', fill: gs.water(p.inlet), d: `M${x} ${top}H${centre + w / 2}V${top + unit * left}H${x}Z` });
      left = Math.max(left - p.share, 0);
      if (!p.idle) shapes.push({ id: `b${i}`, cls: 'branch', fill: gs.water(0.5 * (p.inlet + p.outlet)), d: `M${end} ${top + unit * left}H${centre + w / 2}V92L${centre} 99L${end} 92Z` });
      x = centre + w / 2;
    });
    shapes.push({ id: 'tail', cls: 'main', fill: gs.water(cascade.tail), d: `M${x} ${top}H${1000 - 330 / n}L${1000 - 150 / n} ${top + 0.5 * unit * left}L${1000 - 330 / n} ${top + unit * left}H${x}Z` });
    return shapes;
  };

  // --- charts of the year ---------------------------------------------------------------------
  const ORDER = ['exchange', 'store_out', 'heat_pump', 'tank_out', 'boiler', 'unmet'];
  /** Stacked bars of ``n`` slots as one path a series; ``wide`` of the slot is filled. */
  const stacked = (series, n, most, wide) => {
    const base = new Array(n).fill(0);
    return series.map(({ id, values }) => {
      let d = '';
      for (let i = 0; i < n; i += 1) {
        const v = values[i] || 0;
        if (v > 0) {
          const y0 = 100 - (100 * base[i]) / most;
          const y1 = 100 - (100 * (base[i] + v)) / most;
          const x = (100 * (i + 0.5 * (1 - wide))) / n;
          d += `M${x.toFixed(2)} ${y0.toFixed(2)}V${y1.toFixed(2)}h${((100 * wide) / n).toFixed(2)}V${y0.toFixed(2)}Z`;
        }
        base[i] += v;
      }
      return { id, d };
    });
  };
  const stepLine = (values, n, most) =>
    values.map((v, i) => (v === null ? '' : `${i ? 'L' : 'M'}${(100 * i) / n} ${100 - (100 * v) / most}H${(100 * (i + 1)) / n}`)).join('');
  const chart = (series, n, { line = null, wide = 0.8, ticks }) => {
    const sums = Array.from({ length: n }, (_, i) => series.reduce((a, s) => a + (s.values[i] || 0), 0));
    const most = Math.max(1e-9, ...sums, ...(line || []).filter((v) => v !== null));
    return { shapes: stacked(series, n, most, wide), line: line ? stepLine(line, n, most) : '', max: most, ticks };
  };
  const of = (stack, part) => ORDER.filter((id) => stack.sources.includes(id)).map((id) => ({ id, values: stack[part][id] }));
  const MONTHS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'];
  /** Products of all uses stacked, their demand as a line. */
  gs.monthsOfUses = (year) => {
    const names = Object.keys(year.uses);
    const series = names.map((id) => ({ id, values: year.uses[id].product }));
    const line = MONTHS.map((_, i) => names.reduce((a, id) => a + (year.uses[id].demand[i] ?? year.uses[id].product[i]), 0));
    return chart(series, 12, { line, ticks: MONTHS });
  };
  gs.monthsOfHeat = (year) => chart(of(year.stack, 'months'), 12, { ticks: MONTHS });
  gs.winterDay = (year) => chart(of(year.stack, 'winter'), 24, { line: year.stack.need, wide: 0.9, ticks: ['0', '6', '12', '18', '24 h'] });
  gs.duration = (year) => chart(of(year.stack, 'duration'), 100, { wide: 1.02, ticks: ['0', '2190', '4380', '6570', '8760 h'] });

  // --- campaign -------------------------------------------------------------------------------
  const span = (result, building) => (building && result.build_days ? result.build_days : result.span_days);
  /** Bars of the building time or the whole life: left and width in per cent of the span shown. */
  gs.gantt = (result, building) => {
    const days = span(result, building);
    const at = (day) => (100 * Math.min(day, days)) / days;
    return result.rows.map((row) => ({
      ...row,
      bars: row.bars.filter((b) => b.day < days).map((b) => ({ ...b, style: { left: `${at(b.day)}%`, width: `${Math.max(0.3, at(b.until) - at(b.day))}%` } })),
    }));
  };
  gs.ganttTicks = (result, building) => {
    const years = span(result, building) / 365.25;
    const step = years > 16 ? 5 : years > 6 ? 2 : years > 2 ? 1 : 0.5;
    return Array.from({ length: Math.floor(years / step) + 1 }, (_, i) => i * step).map((y) => ({ y, left: `${(100 * y) / years}%` }));
  };
  gs.builtText = (result, t) => {
    if (!result.new) return t.campaign_all_exist;
    if (result.built_day === null) return t.campaign_unbuilt;
    return gs.fill(t.campaign_built, { n: result.new, first: gs.fmt(result.first_heat_day, 0), last: gs.fmt(result.built_day, 0) });
  };
  gs.campaignValue = (key, value, lang, t) => gs.value(key, value, lang, t, 0);
  gs.kpiStep = (row, lang, t) => gs.delta(row.key, row.after, row.before, lang, t, row.better);
})();
