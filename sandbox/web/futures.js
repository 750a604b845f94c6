// Futures drawer: words and positions, and stepping through twenty possible futures of one scheme.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  const get = (key) => window.trame.state.get(key);
  const set = (key, value) => window.trame.state.set(key, value);
  const STEP_MS = 1400;

  // --- a field that is being typed into keeps its text, whatever arrives meanwhile ---------------
  const typing = { id: '', text: '' };
  document.addEventListener('input', (event) => {
    if (event.target.id && event.target.matches('input')) Object.assign(typing, { id: event.target.id, text: event.target.value });
  }, true);
  document.addEventListener('focusout', (event) => {
    if (event.target.id === typing.id) typing.id = '';
  });
  gs.kept = (id, shown) => (typing.id === id && document.activeElement?.id === id ? typing.text : shown);

  // --- words --------------------------------------------------------------------------------------
  /** A value without its unit, short enough for a table cell. */
  gs.brief = (key, value, lang) => (value === null || value === undefined ? '–' : gs.sig(value / gs.divisor(key, lang), 3, 2));
  gs.rangeText = (key, s, lang, t, life) => {
    const word = (v) => gs.value(key, v, lang, t, life);
    if (s.p10 === null && s.p50 === null && s.p90 === null) return s.never ? '' : '–';
    return `P10 ${word(s.p10)} – P90 ${word(s.p90)}`;
  };
  gs.spanOn = (axis, low, high, color) => {
    const at = (v) => Math.min(Math.max((100 * (v - axis[0])) / (axis[1] - axis[0]), 0), 100);
    const right = high === null ? 100 : at(high);
    return { left: `${at(low)}%`, width: `${Math.max(right - at(low), 0.5)}%`, background: color };
  };
  gs.markOn = (axis, value) => ({ left: `${Math.min(Math.max((100 * (value - axis[0])) / (axis[1] - axis[0]), 0), 100)}%` });
  gs.dotSentence = (f, lang, t, life) => {
    const n = f.dots.length;
    if (f.good === null) return gs.fill(t.futures_sorted, { n, k: t[`kpi_${f.key}`] });
    if (f.reference) return gs.fill(t.futures_better_in, { g: f.good, n, r: f.reference, k: t[`kpi_${f.key}`] });
    if (f.schemes.length > 1 && !f.schemes.find((s) => s.active)?.baseline) {
      return gs.fill(t.futures_better_base, { g: f.good, n, k: t[`kpi_${f.key}`] });
    }
    return gs.fill(t.futures_above_zero, { g: f.good, n, k: t[`kpi_${f.key}`] });
  };
  gs.dotTitle = (dot, i, f, lang, t, life) =>
    `${i + 1}/${f.dots.length} · ${t[`kpi_${f.key}`]} ${gs.value(f.key, dot.value, lang, t, life)} ${dot.value === null ? '' : gs.unit(f.key, lang)}`;
  gs.futureWords = (changes, lang, t) => {
    const parts = [];
    for (const [key, value] of Object.entries(changes)) {
      if (key === 'redrilling_cny') {
        if (value > 0) parts.push(gs.fill(t.futures_redrilled, { v: `${gs.value('capex_cny', value, lang, t)} ${gs.unit('capex_cny', lang)}` }));
      } else {
        const unit = key.endsWith('_k') ? 'K' : '%';
        parts.push(`${t[`futures_${key}`]} ${gs.signed(gs.fmt(value, key.endsWith('_k') ? 1 : 0), value)} ${unit}`);
      }
    }
    return parts.join(lang === 'zh' ? '，' : ', ');
  };
  gs.slideShare = (event, s) => {
    const slider = event.target;
    slider.style.setProperty('--p', `${(100 * (slider.value - s.min)) / (s.max - s.min)}%`);
    slider.previousElementSibling.textContent = s.step < 1 ? gs.fmt(slider.value, 2) : `${gs.fmt(slider.value, 0)} %`;
  };

  // --- one of twenty ------------------------------------------------------------------------------
  let timer = 0, busy = false, order = [], seat = 0;
  gs.stillness = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  gs.showFuture = (i) => {
    const dot = get('futures')?.dots?.[i];
    return dot ? gs.act('future_show', { future: dot.future }) : Promise.resolve();
  };
  /** In an order that says nothing of good and bad: every run through them is fair. */
  gs.nextFuture = () => {
    const n = get('futures')?.dots?.length || 0;
    if (!n || busy) return;
    if (order.length !== n) {
      order = Array.from({ length: n }, (_, k) => (k * 7 + 3) % n); // 7 and 20 share no factor
      seat = 0;
    }
    busy = true;
    gs.showFuture(order[seat++ % n]).finally(() => { busy = false; });
  };
  const halt = () => {
    window.clearInterval(timer);
    timer = 0;
    set('ui_playing_futures', false);
  };
  gs.playFutures = () => {
    if (timer) {
      halt();
      return;
    }
    set('ui_playing_futures', true);
    gs.nextFuture();
    timer = window.setInterval(() => {
      if (get('drawer') !== 'futures' || get('workspace') !== 'explore') halt();
      else if (!document.hidden) gs.nextFuture();
    }, STEP_MS);
  };
  gs.leaveFutures = () => {
    halt();
    gs.act('future_leave');
  };
})();
