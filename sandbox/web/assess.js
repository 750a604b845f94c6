// What the assessment panels need beyond words and numbers: sliders that act while they move, class colours.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  const CLASSES = ['#e8eef0', '#bcd8d8', '#7fb9b7', '#3a8f90', '#0b5e66'];
  const ROMAN = ['I', 'II', 'III', 'IV', 'V'];

  // --- sliders ------------------------------------------------------------------------------
  // Between the hand and the server's echo the hand is right: a late echo must not pull the thumb back.
  const hand = new Map();
  const queue = new Map();

  /** What a slider shows: its own place until the server says the same, then what the server says. */
  gs.held = (key, told) => {
    if (!hand.has(key)) return told;
    if (Math.abs(hand.get(key) - told) < 1e-6) hand.delete(key);
    return hand.get(key) ?? told;
  };
  gs.forget = (prefix) => {
    for (const key of [...hand.keys()]) if (key.startsWith(prefix)) hand.delete(key);
  };
  /** Tell the server where a slider is: one message under way, only the newest place waits. */
  gs.live = (key, event, action, params = {}, field = 'value') => {
    const slider = event.target;
    const at = Number(slider.value);
    hand.set(key, at);
    slider.style.setProperty('--p', `${(100 * (at - slider.min)) / (slider.max - slider.min)}%`);
    const waiting = queue.has(key);
    queue.set(key, [action, { ...params, [field]: at }]);
    if (!waiting) send(key);
  };
  async function send(key) {
    for (;;) {
      const [action, params] = queue.get(key);
      const answer = await gs.act(action, params);
      if (answer?.ok === false) hand.delete(key);
      if (queue.get(key)[1] === params) break;
    }
    queue.delete(key);
  }

  // --- suitability --------------------------------------------------------------------------
  gs.classColour = (n) => CLASSES[n - 1];
  gs.roman = (n) => ROMAN[n - 1];
  gs.combination = (c, t) => gs.fill(t[`suit_combination_${c.used === 'average' ? 'average' : 'game'}`], {
    least: gs.fmt(c.least, 1), condition: gs.fmt(c.condition, 0), limit: gs.fmt(c.limit, 0),
  });
  gs.sharesText = (classes, lang) => classes.map((c) => `${c.roman} ${c[lang]} ${gs.fmt(c.share_pct, 1)} %`).join(', ');
  const SYMBOLS = { degC: '℃', 'mW/m2': 'mW/m²', '1/km2': '/km²', 1: '' };
  /** Value of an indicator with its unit; money as each language counts it. */
  const measured = (p, lang) => {
    if (p.unit !== '1e4 CNY/km2') return `${gs.sig(p.value, 3, 2)} ${SYMBOLS[p.unit] ?? p.unit}`.trim();
    return lang === 'zh' ? `${gs.sig(p.value, 3, 0)} 万元/km²` : `${gs.sig(p.value / 100, 3, 1)} M CNY/km²`;
  };
  /** Bars about the middle for what raises and what lowers the index of a place. */
  gs.parts = (parts, lang) => {
    const most = Math.max(...parts.map((p) => Math.abs(p.above_mean)), 1e-9);
    return parts.map((p) => {
      const width = (46 * Math.abs(p.above_mean)) / most;
      return {
        ...p, width, left: p.above_mean < 0 ? 50 - width : 50, cls: p.above_mean < 0 ? 'dn' : 'up',
        text: gs.signed(gs.fmt(p.above_mean, 1), p.above_mean),
        shown: measured(p, lang),
      };
    });
  };
  gs.knownHere = (known, t, lang) => gs.fill(t.suit_known, {
    top: gs.fmt(known.top_m, 0), thickness: gs.fmt(known.thickness_m, 0),
    degc: `${gs.fmt(known.temperature_degc, 0)} ${gs.degc(lang)}`, porosity: gs.fmt(100 * known.porosity, 0),
  });

  const ends = (pair, unit) => `${gs.signed(gs.fmt(pair[0], 0), pair[0])} … ${gs.signed(gs.fmt(pair[1], 0), pair[1])} ${unit}`;
  gs.spreadsHere = (spreads, t) => gs.fill(t.suit_spreads, { thickness: ends(spreads.thickness_pct, '%'), warm: ends(spreads.temperature_k, 'K') });

  /** Points a square kilometre under the ramp, and what one stands for. */
  gs.pointTicks = () => {
    const map = trame.state.get('point_map');
    if (!map) return ['', '', ''];
    return ['1', gs.fmt(map.top / 2, 0), `${gs.fmt(map.top, 0)} /km² · 1 = ${gs.fmt(map.joule / 1e12, 0)} TJ`];
  };

  // --- heat in place ------------------------------------------------------------------------
  /** Probability that there is more heat than the place on the axis, as the path of a 100 x 100 picture. */
  gs.exceedance = (values) => values.map((v, i) => `${i ? 'L' : 'M'}${((100 * i) / (values.length - 1)).toFixed(2)} ${(100 - 100 * v).toFixed(2)}`).join('');
  /** A place on the axis of the total, per cent. */
  gs.onAxis = (value, sums) => `${(100 * (value - sums.low_j)) / (sums.high_j - sums.low_j)}%`;
  gs.kj = (joule, decimals = 2) => { const s = gs.sci(joule / 1e3, decimals); return `${s.m}${s.e}`; };

  // --- printed figures ----------------------------------------------------------------------
  gs.figure = (v) => {
    if (v === null || v === undefined) return '–';
    const size = Math.abs(v);
    if (size >= 1e6) { const s = gs.sci(v, 2); return `${s.m}${s.e}`; }
    return gs.sig(v, 4, 4);
  };
  gs.verdictGlyph = (verdict) => ({ ok: '✓', ok_assuming: '≈', differs: '≠', not_reproducible: '?' })[verdict] || '';
  /** A comparison as people write it: 3 or 1/3; what is neither, with two decimals. */
  gs.ratio = (v) => {
    if (v >= 1) return Number.isInteger(v) ? String(v) : gs.sig(v, 3, 2);
    const n = Math.round(1 / v);
    return Math.abs(v * n - 1) < 0.02 ? `1/${n}` : gs.fmt(v, 2);
  };
  // --- why --------------------------------------------------------------------------------------
  gs.whyItem = (why, id) => id && why.groups.flatMap((g) => g.items).find((a) => a.id === id);
  gs.gradeGlyph = (grade) => ({ good: '✓', poor: '✕', fair: '·' })[grade] || '›';
  gs.crs = (list) => list.map((v) => gs.fmt(v, 3)).join(' / ');
})();
