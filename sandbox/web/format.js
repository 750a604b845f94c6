// Numbers, units and KPI view models for the page's templates: window.trame.utils.gs.*
// Rules: minus is U+2212, thousands are thin spaces (commas for money and heat in English), a unit never
// changes by itself, a missing number is said in words.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  const THIN = '\u2009';
  const MINUS = '\u2212';

  const group = (digits, mark) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, mark);

  /** A number with fixed decimals. */
  gs.fmt = (value, decimals = 0, mark = THIN) => {
    if (value === null || value === undefined || !Number.isFinite(Number(value))) return '–';
    const text = Math.abs(Number(value)).toFixed(decimals);
    const [whole, part] = text.split('.');
    const body = group(whole, mark) + (part ? `.${part}` : '');
    return Number(value) < 0 && Number(text) !== 0 ? MINUS + body : body;
  };

  /** Decimals that leave about ``digits`` significant figures, never more than ``most``. */
  gs.decimals = (value, digits, most) => {
    const size = Math.abs(Number(value));
    if (!Number.isFinite(size) || size === 0) return Math.max(0, Math.min(most, digits - 1));
    return Math.max(0, Math.min(most, digits - 1 - Math.floor(Math.log10(size) + 1e-9)));
  };
  gs.sig = (value, digits = 3, most = 2, mark = THIN) => {
    if (value === null || value === undefined || !Number.isFinite(Number(value))) return '–';
    const size = Math.abs(Number(value));
    const step = size > 0 ? 10 ** Math.max(0, Math.floor(Math.log10(size) + 1e-9) + 1 - digits) : 1;
    const rounded = step > 1 ? Math.round(value / step) * step : value;
    return gs.fmt(rounded, gs.decimals(value, digits, most), mark);
  };
  gs.signed = (text, value) => (Number(value) > 0 && !/^[0\u2009.]*$/.test(text) ? `+${text}` : text);

  /** Large numbers as 1.44 x 10^17: mantissa and superscript exponent. */
  const SUPER = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };
  gs.power10 = (exponent) => `10${String(exponent).split('').map((c) => SUPER[c]).join('')}`;
  gs.sci = (value, decimals = 2) => {
    if (!Number.isFinite(value) || value === 0) return { m: gs.fmt(value, decimals), e: '' };
    const exponent = Math.floor(Math.log10(Math.abs(value)));
    return { m: gs.fmt(value / 10 ** exponent, decimals), e: `×${gs.power10(exponent)}` };
  };

  // --- KPIs ---------------------------------------------------------------------------------
  // g: group; z, e: unit and divisor in Chinese and English; s: significant figures; d: most decimals;
  // dz: the same in Chinese where it differs; comma: English groups by comma; never: null means "not within the years looked at".
  const same = (unit) => ({ z: [unit, 1], e: [unit, 1] });
  const money = { z: ['万元', 1e4], e: ['M CNY', 1e6] };
  const SPEC = {
    flow_m3_h: { g: 'productivity', ...same('m³/h'), s: 4, d: 2 },
    thermal_power_mw: { g: 'productivity', ...same('MW'), s: 3, d: 2 },
    thermal_power_end_mw: { g: 'productivity', ...same('MW'), s: 3, d: 2 },
    annual_heat_gj: { g: 'productivity', z: ['万GJ/a', 1e4], e: ['GJ/a', 1], s: 3, d: 2, comma: true },
    electric_power_mw: { g: 'productivity', ...same('MW'), s: 3, d: 2 },
    temperature_decline_k: { g: 'sustainability', ...same('K'), s: 3, d: 1 },
    breakthrough_years: { g: 'sustainability', ...same('a'), s: 3, d: 1, never: true },
    lifetime_years: { g: 'sustainability', ...same('a'), s: 3, d: 1, never: true },
    max_drawdown_bar: { g: 'sustainability', ...same('bar'), s: 3, d: 1 },
    max_injection_pressure_bar: { g: 'sustainability', ...same('bar'), s: 3, d: 1 },
    reinjection_ratio_pct: { g: 'sustainability', ...same('%'), s: 3, d: 1 },
    heat_recovery_pct: { g: 'sustainability', ...same('%'), s: 3, d: 1 },
    lcoh_cny_per_gj: { g: 'economics', z: ['元/GJ', 1], e: ['CNY/GJ', 1], s: 3, d: 1 },
    npv_cny: { g: 'economics', ...money, s: 4, d: 1, dz: 0, comma: true },
    capex_cny: { g: 'economics', ...money, s: 4, d: 1, dz: 0, comma: true },
    opex_cny_per_year: { g: 'economics', z: ['万元/a', 1e4], e: ['M CNY/a', 1e6], s: 4, d: 2, dz: 1, comma: true },
    irr_pct: { g: 'economics', ...same('%'), s: 3, d: 1 },
    payback_years: { g: 'economics', ...same('a'), s: 3, d: 1 },
    discounted_payback_years: { g: 'economics', ...same('a'), s: 3, d: 1 },
    probability_npv_negative_pct: { g: 'economics', ...same('%'), s: 2, d: 0 },
    spf: { g: 'environment', ...same('–'), s: 3, d: 1 },
    demand_met_pct: { g: 'environment', ...same('%'), s: 3, d: 0 },
    co2_avoided_t_per_year: { g: 'environment', ...same('t/a'), s: 4, d: 0 },
    coal_replaced_tce_per_year: { g: 'environment', ...same('tce/a'), s: 4, d: 0 },
    so2_avoided_t_per_year: { g: 'environment', ...same('t/a'), s: 3, d: 1 },
    dust_avoided_t_per_year: { g: 'environment', ...same('t/a'), s: 3, d: 1 },
  };
  const DOWN_IS_BETTER = new Set([
    'temperature_decline_k', 'max_drawdown_bar', 'max_injection_pressure_bar', 'lcoh_cny_per_gj', 'capex_cny',
    'opex_cny_per_year', 'payback_years', 'discounted_payback_years', 'probability_npv_negative_pct',
  ]);
  gs.kpiKeys = Object.keys(SPEC);
  const CARDS = {
    field: ['thermal_power_mw', 'annual_heat_gj', 'temperature_decline_k', 'breakthrough_years', 'lcoh_cny_per_gj', 'npv_cny'],
    site: ['flow_m3_h', 'thermal_power_mw', 'reinjection_ratio_pct', 'spf', 'lcoh_cny_per_gj', 'npv_cny'],
  };
  CARDS.basin = CARDS.field;
  const FIRST_ROWS = [
    'capex_cny', 'irr_pct', 'payback_years', 'flow_m3_h', 'max_drawdown_bar', 'reinjection_ratio_pct',
    'coal_replaced_tce_per_year', 'co2_avoided_t_per_year', 'probability_npv_negative_pct',
  ];

  const unitOf = (key, lang) => {
    const spec = SPEC[key];
    if (!spec) return ['', 1];
    return lang === 'zh' ? spec.z : spec.e;
  };
  const most = (spec, lang) => (lang === 'zh' && spec.dz !== undefined ? spec.dz : spec.d);
  gs.unit = (key, lang) => unitOf(key, lang)[0];
  gs.divisor = (key, lang) => unitOf(key, lang)[1];
  /** +1 when more is better, -1 when less is, 0 when neither. The server's word goes first. */
  const sense = (key, kpi) => {
    const said = kpi?.better;
    if (typeof said === 'number') return Math.sign(said);
    if (said === 'higher' || said === 'up' || said === 'more' || said === 'high') return 1;
    if (said === 'lower' || said === 'down' || said === 'less' || said === 'low') return -1;
    if (said === null || said === 'none' || said === '') return 0;
    return DOWN_IS_BETTER.has(key) ? -1 : 1;
  };

  gs.value = (key, value, lang, t, life) => {
    const spec = SPEC[key];
    if (!spec) return gs.sig(value, 4, 2);
    if (value === null || value === undefined) {
      if (spec.never && life) return t.never_within.replace('{years}', gs.fmt(life, 0));
      return '–';
    }
    const shown = value / unitOf(key, lang)[1];
    return gs.sig(shown, spec.s, most(spec, lang), spec.comma && lang === 'en' ? ',' : THIN);
  };

  /** Difference of two values of a KPI: text, percent, arrow, better/worse class. */
  gs.delta = (key, value, base, lang, t, better) => {
    const spec = SPEC[key] || { s: 3, d: 2 };
    const none = { arrow: '', text: '', pct: '', cls: 'eq' };
    const way = sense(key, { better });
    if (value === base || (value === null && base === null) || base === undefined || value === undefined) {
      return value === undefined || base === undefined ? none : { arrow: '', text: `≈ ${t.same}`, pct: '', cls: 'eq' };
    }
    if (value === null || base === null) {
      if (!spec.never) return none;
      const worse = base === null;
      return {
        arrow: worse ? '▼' : '▲',
        text: worse ? t.none_in_baseline : t.baseline_had.replace('{value}', gs.value(key, base, lang, t)),
        pct: '',
        cls: worse ? 'dn' : 'up',
      };
    }
    const [, scale] = unitOf(key, lang);
    const diff = (value - base) / scale;
    const decimals = gs.decimals(Math.max(Math.abs(value), Math.abs(base)) / scale, spec.s, most(spec, lang));
    const step = Math.abs(value / scale) >= 10 ** spec.s ? 10 ** (Math.floor(Math.log10(Math.abs(value / scale))) + 1 - spec.s) : 10 ** -decimals;
    if (Math.abs(diff) < 0.5 * step) return { arrow: '', text: `≈ ${t.same}`, pct: '', cls: 'eq' };
    const text = gs.signed(gs.fmt(Math.round(diff / step) * step, decimals, spec.comma && lang === 'en' ? ',' : THIN), diff);
    const share = base !== 0 && !/pct$/.test(key) ? (100 * (value - base)) / Math.abs(base) : NaN;
    const pct = Number.isFinite(share) && Math.abs(share) < 1000 && Math.abs(share) >= 0.05
      ? `${gs.signed(gs.fmt(share, Math.abs(share) < 10 ? 1 : 0), share)}${THIN}%`
      : '';
    const good = way * diff;
    return {
      arrow: diff > 0 ? '▲' : '▼',
      text,
      pct,
      cls: way === 0 ? 'eq' : good > 0 ? 'up' : 'dn',
      // The sign alone does not say whether a rise of a cost or a decline is good.
      word: way < 0 ? (good > 0 ? t.better : t.worse) : '',
    };
  };

  const nice = (span) => {
    if (!(span > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(span));
    const rest = span / power;
    return (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10) * power;
  };
  /** Positions (percent) on a band bar that is centred on the baseline. */
  gs.band = (kpi) => {
    const known = [kpi.value, kpi.low, kpi.high, kpi.before].filter((v) => Number.isFinite(v));
    if (!known.length || !Number.isFinite(kpi.value)) return null;
    const centre = Number.isFinite(kpi.baseline) ? kpi.baseline : kpi.value;
    const span = nice(1.1 * Math.max(...known.map((v) => Math.abs(v - centre)), Math.abs(centre) * 0.02, 1e-9));
    const at = (v) => (Number.isFinite(v) ? Math.max(1, Math.min(99, 50 + (50 * (v - centre)) / span)) : null);
    const lo = at(kpi.low);
    // A band whose upper end lies beyond the years looked at is open to the right.
    const hi = lo !== null && at(kpi.high) === null ? 99 : at(kpi.high);
    return { lo, hi, now: at(kpi.value), was: at(kpi.before), base: at(kpi.baseline) };
  };

  const STATES = {
    estimate: ['est', '≈'], refining: ['ref', '◔'], simulated: ['sim', '✓'], out_of_range: ['oor', '⚠'], stale: ['sta', '⟳'],
    future: ['est', '◌'],
  };
  gs.badge = (state, t) => {
    const [cls, glyph] = STATES[state] || STATES.stale;
    return { cls, glyph, word: t[`state_${STATES[state] ? state : 'stale'}`] };
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  gs.fill = fill;

  /** Everything one KPI shows, in words and positions. */
  gs.kpiView = (key, kpi, lang, t, life, off) => {
    const known = kpi !== undefined && kpi !== null;
    const k = known ? kpi : { value: undefined, state: 'stale' };
    const text = known ? gs.value(key, k.value, lang, t, life) : '–';
    const before = k.before === undefined || k.before === null ? '' : gs.value(key, k.before, lang, t, life);
    const delta = known ? gs.delta(key, k.value, k.baseline, lang, t, k.better) : { cls: 'eq', arrow: '', text: '', pct: '' };
    const range = Number.isFinite(k.low) && Number.isFinite(k.high)
      ? `P10–P90 ${gs.value(key, k.low, lang, t)} – ${gs.value(key, k.high, lang, t)} ${gs.unit(key, lang)}`
      : '';
    // Said only where the two would have been written differently.
    const said = (share) => {
      if (!share || !Number.isFinite(k.value)) return false;
      const shown = k.value / unitOf(key, lang)[1];
      const step = 10 ** -gs.decimals(shown, SPEC[key]?.s ?? 3, most(SPEC[key] ?? { d: 1 }, lang));
      return Math.abs((shown * share) / 100) >= 0.75 * step;
    };
    return {
      key, text,
      name: t[`kpi_${key}`] || key,
      unit: k.value === null || !known ? '' : gs.unit(key, lang),
      words: known && k.value === null && text !== '–',
      old: before && before !== text ? before : '',
      settled: k.state === 'simulated',
      state: k.state,
      badge: gs.badge(k.state, t),
      delta: k.state === 'out_of_range' ? { ...delta, arrow: '' } : delta,
      band: known ? gs.band(k) : null,
      range,
      off: said(off) ? fill(off > 0 ? t.estimate_high : t.estimate_low, { pct: gs.fmt(Math.abs(off), Math.abs(off) < 1 ? 1 : 0) }) : '',
    };
  };
  gs.cardKeys = (scale) => CARDS[scale] || CARDS.field;
  gs.groupOf = (key) => SPEC[key]?.g || 'productivity';
  gs.cards = (kpi, scale, lang, t, life, correction) =>
    gs.cardKeys(scale).map((key, i, all) => ({
      ...gs.kpiView(key, kpi?.[key], lang, t, life, correction?.[key]),
      head: i === 0 || gs.groupOf(key) !== gs.groupOf(all[i - 1]) ? t[`group_${gs.groupOf(key)}`] : '',
    }));
  gs.rows = (kpi, scale, lang, t, life) => {
    const cards = new Set(gs.cardKeys(scale));
    const order = [...FIRST_ROWS, ...gs.kpiKeys.filter((k) => !FIRST_ROWS.includes(k))];
    return order.filter((k) => !cards.has(k)).map((key) => gs.kpiView(key, kpi?.[key], lang, t, life));
  };

  // --- ramps --------------------------------------------------------------------------------
  const THERMAL = ['#042333', '#13306d', '#403891', '#6b4596', '#90548b', '#b8627d', '#de7065', '#f68f46', '#f9b641'];
  gs.ramps = {
    thermal: THERMAL,
    basin: [...THERMAL, '#f7cb44', '#efe350'],
    carpet: ['#8c5a1c', '#b98843', '#dcc08c', '#f4ead3', '#f7f7f3', '#d3ebe6', '#8fcbc2', '#3e9c93', '#0f6b64'],
    delta: ['#0b3c6f', '#2b6ca8', '#6aa5cf', '#b5d3e7', '#f6f6f2', '#f3c5a5', '#dd8a63', '#b8473a', '#7a1020'],
    thickness: ['#e8eef0', '#bcd8d8', '#7fb9b7', '#3a8f90', '#0b5e66'],
  };
  gs.ramp = (name) => `linear-gradient(90deg,${gs.ramps[name].join(',')})`;
  gs.rampColor = (name, share) => {
    const stops = gs.ramps[name];
    const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(at));
    const hex = (s, j) => parseInt(s.slice(1 + 2 * j, 3 + 2 * j), 16);
    const mix = [0, 1, 2].map((j) => Math.round(hex(stops[i], j) + (at - i) * (hex(stops[i + 1], j) - hex(stops[i], j))));
    return `rgb(${mix.join(',')})`;
  };
  /** Colour of water by its temperature, 10 to 66 degC as in the legend of the site scale. */
  gs.water = (degc) => gs.rampColor('thermal', (Number(degc) - 10) / 56);
  gs.degc = (lang) => (lang === 'zh' ? '℃' : '°C');
})();
