// Figures and curves of the replay at a moment of the film.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  /** A figure between its two values; what is said in words changes at the middle. */
  gs.repValue = (row, at, lang, t, life) => {
    const { before, after } = row;
    const known = Number.isFinite(before) && Number.isFinite(after);
    return gs.value(row.key, known ? before + (after - before) * at : at < 0.5 ? before : after, lang, t, life);
  };
  gs.repDelta = (row, lang, t) => {
    if ((row.before === null) === (row.after === null)) return gs.delta(row.key, row.after, row.before, lang, t, row.better);
    const good = row.verdict === 'better';
    return { arrow: good ? '▲' : '▼', text: good ? t.better : t.worse, cls: good ? 'up' : 'dn' };
  };
  gs.repBar = (part, all) => {
    const most = Math.max(...all.map((p) => Math.abs(p.value)), 1e-12);
    const w = (48 * Math.abs(part.value)) / most;
    return { left: `${part.value < 0 ? 50 - w : 50}%`, width: `${Math.max(w, 0.8)}%` };
  };
  /** Whether a part makes the figure better. */
  gs.repGood = (row, value) => (row.better === 'down' ? value < 0 : value > 0);
  gs.repPart = (key, value, lang) => {
    const shown = value / gs.divisor(key, lang);
    return `${gs.signed(gs.sig(shown, 3, 2), shown)} ${gs.unit(key, lang)}`;
  };
  /** The difference of a figure and the ways it took, as a sentence. */
  gs.causeText = (cause, lang, t) => {
    const list = cause.ways.map((w) => `${t[`rep_way_${w.key}`]} ${gs.repPart(cause.key, w.value, lang)}`).join(lang === 'zh' ? '，' : ', ');
    return gs.fill(t.cmp_cause, { name: t[`kpi_${cause.key}`], step: gs.repPart(cause.key, cause.value, lang), list });
  };
  /** Mean production temperature before, after, and between: paths in a 100 x 100 picture. */
  gs.repCurve = (replay, at) => {
    const { years, years_before: old, before, after } = replay.curve;
    if (!before.length || !after.length) return null;
    const all = [...before, ...after];
    const low = Math.min(...all), high = Math.max(...all);
    const span = Math.max(high - low, 0.5);
    const last = Math.max(years[years.length - 1], old[old.length - 1]);
    const x = (year) => (100 * year) / last;
    const y = (v) => 92 - (84 * (v - low)) / span;
    const path = (xs, ys) => ys.map((v, i) => `${i ? 'L' : 'M'}${x(xs[i]).toFixed(2)} ${y(v).toFixed(2)}`).join('');
    const alike = years.length === old.length;
    const now = alike ? after.map((v, i) => before[i] + (v - before[i]) * at) : at < 0.5 ? before : after;
    return { before: path(old, before), after: path(years, after), now: path(alike || at >= 0.5 ? years : old, now), low, high };
  };
})();
