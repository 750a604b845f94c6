// Suggest drawer, the parts with geometry: Pareto scatter, curve over doublets, portfolios; keep-out areas typed in.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  const X0 = 34, X1 = 296, Y0 = 150, Y1 = 16;

  /** A text field says what it holds once it is left; unchanged text is not sent, a refused one stays to be mended. */
  gs.commitText = (event, action, params, shown, name = 'value') => {
    const field = event.target;
    const text = String(field.value).trim();
    if (text === String(shown ?? '').trim() || (!text && name === 'ring')) return;
    gs.act(action, { ...params, [name]: text }).then((answer) => {
      const bad = answer && answer.ok === false;
      if (bad) field.value = text;
      else if (name === 'ring') field.value = '';
    });
  };

  // --- scatter --------------------------------------------------------------------------------
  const USUAL = { x: 'lcoh_cny_per_gj', y: 'npv_cny' };
  gs.axisOf = (axes, chosen, which) => {
    if (axes.includes(chosen)) return chosen;
    if (axes.includes(USUAL[which])) return USUAL[which];
    return axes[which === 'x' ? 0 : Math.min(1, axes.length - 1)];
  };
  const range = (values) => {
    const known = values.filter(Number.isFinite);
    const low = Math.min(...known), high = Math.max(...known);
    const margin = 0.06 * (high - low) || Math.abs(high) * 0.05 || 1;
    return [low - margin, high + margin];
  };
  gs.scatter = (ghosts, xKey, yKey) => {
    const x = gs.axisOf(ghosts.axes, xKey, 'x'), y = gs.axisOf(ghosts.axes, yKey, 'y');
    const rx = range(ghosts.points.map((p) => p.values[x])), ry = range(ghosts.points.map((p) => p.values[y]));
    const points = ghosts.points
      .map((p, i) => ({
        i,
        x: X0 + ((X1 - X0) * (p.values[x] - rx[0])) / (rx[1] - rx[0]),
        y: Y0 + ((Y1 - Y0) * (p.values[y] - ry[0])) / (ry[1] - ry[0]),
        on: p.on,
        cls: { on: p.on, start: p.start, beaten: p.beaten, est: p.state !== 'simulated', wait: ghosts.settling === i },
      }))
      .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
    const lang = window.trame.state.get('lang');
    return {
      points,
      x0: gs.brief(x, rx[0], lang), x1: gs.brief(x, rx[1], lang), y0: gs.brief(y, ry[0], lang), y1: gs.brief(y, ry[1], lang),
      y: '',
    };
  };
  gs.pointText = (point, xKey, yKey, lang, t) => {
    const keys = Object.keys(point.values);
    const x = gs.axisOf(keys, xKey, 'x'), y = gs.axisOf(keys, yKey, 'y');
    const said = (k) => `${t[`kpi_${k}`]} ${gs.value(k, point.values[k], lang, t)} ${gs.unit(k, lang)}`;
    return `${said(x)}, ${said(y)}`;
  };

  // --- curve over the number of doublets --------------------------------------------------------
  gs.curveOver = (curve) => {
    const known = curve.map((p) => p.value).filter(Number.isFinite);
    const low = Math.min(...known), high = Math.max(...known);
    const floor = low > 0 && low > 0.5 * high ? low - 0.6 * (high - low || low) : Math.min(low, 0);
    return curve.map((p) => ({ ...p, height: Number.isFinite(p.value) ? 8 + (92 * (p.value - floor)) / (high - floor || 1) : 0 }));
  };

  // --- portfolios -------------------------------------------------------------------------------
  const span = (rows, key) => {
    const all = rows.flatMap((r) => r.series[key]);
    let low = Math.min(...all), high = Math.max(...all);
    if (key === 'worth_cny') [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (key === 'heat_gj') low = 0;
    return [low, high > low ? high : low + 1];
  };
  const at = ([low, high], value) => 32 - (30 * (value - low)) / (high - low);
  gs.spark = (rows, i, key) => {
    const series = rows[i].series[key];
    if (!series?.length) return '';
    const ends = span(rows, key);
    return `M${series.map((v, k) => `${((100 * k) / Math.max(series.length - 1, 1)).toFixed(1)} ${at(ends, v).toFixed(1)}`).join('L')}`;
  };
  gs.zeroLine = (rows, key) => {
    const y = at(span(rows, key), 0).toFixed(1);
    return `M0 ${y}H100`;
  };
  gs.sparkText = (row, key, lang, t) => {
    const series = row.series[key];
    if (!series?.length) return '–';
    const last = series[series.length - 1];
    if (key === 'degc') return `${gs.fmt(last, 1)} ${lang === 'zh' ? '℃' : '°C'}`;
    if (key === 'heat_gj') return `${gs.value('annual_heat_gj', last, lang, t)} ${gs.unit('annual_heat_gj', lang)}`;
    if (key === 'worth_cny') return `${gs.value('npv_cny', last, lang, t)} ${gs.unit('npv_cny', lang)}`;
    return lang === 'zh' ? `${gs.sig(last / 1e4, 3, 1)} 万 t` : `${gs.sig(last / 1e3, 3, 1)} kt`;
  };
  gs.isBest = (portfolios, key, i) => {
    const better = portfolios.better[key];
    const values = portfolios.rows.map((r) => r.values[key]).filter(Number.isFinite);
    const own = portfolios.rows[i].values[key];
    if (!better || values.length < 2 || !Number.isFinite(own)) return false;
    if (Math.max(...values) === Math.min(...values)) return false;
    return own === (better === 'up' ? Math.max(...values) : Math.min(...values));
  };
})();
