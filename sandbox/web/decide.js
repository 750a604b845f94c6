// Words and positions of the Decide workspace; what is computed comes from the server.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  const SHADES = ['#0b6670', '#4c9aa0', '#8fc1c3', '#c9a15a', '#e6cf9f', '#7d6b91', '#b5a6c9', '#8a8f98', '#c3c9cf'];
  gs.decShade = (i) => SHADES[i % SHADES.length];

  const blank = { letter: '', name: '', color: 'var(--s0)', baseline: false };
  gs.decCol = (decide, id) => (decide?.schemes || []).find((s) => s.id === id) || blank;
  gs.decName = (decide, id) => gs.decCol(decide, id).name;
  const called = (decide, id) => { const c = gs.decCol(decide, id); return `${c.letter} ${c.name}`.trim(); };
  const pct = (v) => gs.fmt(100 * v, 0);

  /** Worst and best among the schemes: what a swing goes from and to. */
  gs.decRange = (c, lang, t, life) => {
    if (c.constant) return t.dec_constant;
    // more figures than the panel shows: schemes may differ in the second place only
    const text = (v) => (v === null ? gs.value(c.key, v, lang, t, life) : gs.sig(v / gs.divisor(c.key, lang), 3, 3));
    return `${text(c.worst)} → ${text(c.best)} ${gs.unit(c.key, lang)}${c.negligible ? ` · ${t.dec_negligible}` : ''}`;
  };
  gs.decBand = (c) => ({ left: `${100 * (c.lower ?? 0)}%`, width: `${100 * ((c.upper ?? 1) - (c.lower ?? 0))}%` });
  gs.decStable = (decide, c, t) => {
    const parts = [];
    if (c.lower !== null && c.lower !== undefined) parts.push(gs.fill(t.dec_below, { at: pct(c.lower), name: called(decide, c.lower_winner) }));
    if (c.upper !== null && c.upper !== undefined) parts.push(gs.fill(t.dec_above, { at: pct(c.upper), name: called(decide, c.upper_winner) }));
    return parts.join(' · ') || t.dec_firm;
  };
  /** Who is first, and the smallest change of one weight that would change it. */
  gs.decSay = (decide, rank, t) => {
    if (rank.tied.length > 1) return gs.fill(t.dec_tied, { names: rank.tied.map((id) => called(decide, id)).join(', ') });
    let best = null;
    for (const c of rank.criteria) {
      for (const [side, who] of [[c.lower, c.lower_winner], [c.upper, c.upper_winner]]) {
        if (side === null || side === undefined) continue;
        const gap = Math.abs(side - c.weight);
        if (!best || gap < best.gap) best = { gap, at: side, key: c.key, from: c.weight, who };
      }
    }
    const first = called(decide, rank.winner);
    if (!best) return gs.fill(t.dec_say_firm, { name: first });
    return gs.fill(t.dec_say, { name: first, key: t[`kpi_${best.key}`], from: pct(best.from), at: pct(best.at), other: called(decide, best.who) });
  };
  gs.decOrdered = (rank) => [...rank.rows].sort((a, b) => a.place - b.place);
  gs.decSpan = (rank, id) => {
    const [a, b] = [rank.disagreement.rank_best[id], rank.disagreement.rank_worst[id]];
    return a === b ? `${a}` : `${a}–${b}`;
  };
  gs.decApart = (decide, rank, t) => {
    const d = rank.disagreement;
    const w = d.concordance === null ? '' : ` · W ${gs.fmt(d.concordance, 2)}`;
    if (d.same_for_all) return t.dec_same_for_all + w;
    return (d.agreed ? gs.fill(t.dec_agreed, { name: called(decide, rank.winner) }) : t.dec_disagreed) + w;
  };
  gs.decSplit = (rank, t) => {
    const rows = rank.disagreement.split.filter((s) => s.most - s.least > 0.005).slice(0, 3);
    if (!rows.length) return t.dec_no_split;
    return gs.fill(t.dec_split, { list: rows.map((s) => `${t[`kpi_${s.criterion}`]} ${pct(s.least)}–${pct(s.most)} %`).join(', ') });
  };
  gs.decCombination = (rank, t) => {
    const c = rank.combination;
    const list = c.of.map((name, i) => `${t[`dec_${name}`]} ${pct(c.used === 'average' ? 1 / c.of.length : c.coefficients[i])} %`).join(' + ');
    return gs.fill(c.used === 'average' ? t.dec_combined_average : t.dec_combined_game, { list, condition: gs.fmt(c.condition_number, 0) });
  };

  // --- judgements ---------------------------------------------------------------------------
  gs.decNear = (options, value) => options.reduce((a, b) => (Math.abs(Math.log(b / value)) < Math.abs(Math.log(a / value)) ? b : a));
  gs.decConsistency = (rank, t) => {
    if (!rank.ahp) return '';
    const { cr, lambda_max: largest, random_index: index } = rank.ahp;
    return gs.fill(rank.ahp.consistent ? t.dec_cr_ok : t.dec_cr_bad, { cr: cr === null ? '–' : gs.fmt(cr, 3), lambda: gs.fmt(largest, 2), ri: `${index.name} ${gs.fmt(index.value, 2)}` });
  };
  gs.decOdd = (rank, i, j) => Boolean(rank.ahp && !rank.ahp.consistent && rank.ahp.worst_pair && rank.ahp.worst_pair.row === i && rank.ahp.worst_pair.column === j);
  gs.decWorst = (rank, t) => {
    const pair = rank.ahp?.worst_pair;
    if (!pair) return '';
    const name = (i) => t[`kpi_${rank.criteria[i].key}`];
    const fit = pair.fitting >= 1 ? gs.fmt(pair.fitting, 1) : `1/${gs.fmt(1 / pair.fitting, 1)}`;
    return gs.fill(t.dec_worst_pair, { a: name(pair.row), b: name(pair.column), now: gs.ratio(pair.value), fit });
  };

  // --- trade-off ----------------------------------------------------------------------------
  /** Points on 0..100 with air around them; the way up and to the right is not turned to "better". */
  gs.decScatter = (decide, lang, t, life) => {
    const { x, y, points } = decide.pareto;
    const known = points.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
    const scale = (key) => {
      const values = known.map((p) => p[key]);
      const low = Math.min(...values), high = Math.max(...values);
      const span = high - low || Math.max(Math.abs(high), 1);
      return (v) => 10 + (80 * (v - low)) / span;
    };
    if (!known.length) return { points: [], base: null, front: '' };
    const [sx, sy] = [scale('x'), scale('y')];
    const text = (key, v) => `${t[`kpi_${key}`]} ${gs.value(key, v, lang, t, life)} ${gs.unit(key, lang)}`;
    const out = known.map((p) => ({
      ...p, left: sx(p.x), top: 100 - sy(p.y),
      text: `${called(decide, p.scheme)}: ${text(x, p.x)}, ${text(y, p.y)}${p.front ? '' : ` · ${t.dec_beaten} ${p.dominated_by.map((id) => called(decide, id)).join(', ')}`}`,
    }));
    const base = out.find((p) => gs.decCol(decide, p.scheme).baseline);
    const front = out.filter((p) => p.front).sort((a, b) => a.left - b.left);
    return {
      points: out,
      base: base ? { x: base.left, y: base.top } : null,
      front: front.map((p, i) => `${i ? 'L' : 'M'}${p.left.toFixed(2)} ${p.top.toFixed(2)}`).join(''),
    };
  };
  gs.decAxis = (axis, decide, lang, t) => {
    const key = decide.pareto[axis];
    const better = decide.pareto.better[axis] === 'down' ? (axis === 'x' ? '←' : '↓') : axis === 'x' ? '→' : '↑';
    return `${t[`kpi_${key}`]} ${gs.unit(key, lang)} · ${better} ${t.better}`;
  };

  // --- regret and chances -------------------------------------------------------------------
  gs.decHeat = (cell) => (cell ? { background: `color-mix(in srgb, var(--prod) ${Math.round(46 * cell.share)}%, transparent)` } : {});
  gs.decRegret = (decide, cell, lang, t) => {
    if (!cell || cell.value === null || cell.value === undefined) return '–';
    const shown = cell.value / gs.divisor(decide.regret.key, lang);
    return Math.abs(shown) < 0.005 ? '0' : gs.sig(shown, 3, 2);
  };
  /** How the first stands against the second of the list. */
  gs.decChance = (decide, rank) => {
    if (!rank || !decide.chances?.length || rank.rows.length < 2) return null;
    const [a, b] = gs.decOrdered(rank);
    const found = decide.chances.find((c) => c.a === a.id && c.b === b.id);
    return found && found.dots !== null ? found : null;
  };
  gs.decChanceText = (decide, c, t) => gs.fill(c.alike ? t.dec_chance_alike : t.dec_chance_text, {
    a: called(decide, c.a), b: called(decide, c.b), key: t[`kpi_${c.key}`],
  });

  // --- record -------------------------------------------------------------------------------
  const field = (name) => document.getElementById(`gs-dec-${name}`);
  gs.decSave = async () => {
    const params = {};
    for (const name of ['choice', 'who', 'why', 'evidence', 'assumptions']) params[name] = field(name).value;
    const answer = await gs.act('decide_record', params);
    if (!answer?.ok) return;
    for (const name of ['why', 'evidence', 'assumptions']) field(name).value = '';
    gs.act('decide_open', { id: answer.id });
  };
  /** A doubt about a figure, from its sheet, for the next record. */
  gs.object = async () => {
    const box = document.getElementById('gs-objection');
    const key = trame.state.get('explain')?.key;
    const answer = await gs.act('decide_object', { key, text: box.value });
    if (answer?.ok) box.value = '';
  };
  const TYPES = { html: 'text/html', md: 'text/markdown', json: 'application/json' };
  gs.decExport = async (id, kind) => {
    const answer = await gs.act('decide_export', { id, kind });
    if (!answer?.ok) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([answer.text], { type: `${TYPES[kind]};charset=utf-8` }));
    link.download = answer.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
})();
