// Time of the page: scrubbing, marks, and telling the server when the year rests. Playing itself is done
// by player.js, which draws every frame and writes the year a few times a second.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  const get = (key) => trame.state.get(key);
  const set = (key, value) => trame.state.set(key, value);
  const TELL_AFTER_MS = 180;
  let timer = 0;

  const life = () => Number(get('life_years')) || 30;
  const tell = () => {
    clearTimeout(timer);
    timer = setTimeout(() => gs.act('set_year', { year: Number(get('year')) || 0 }), TELL_AFTER_MS);
  };
  /** Charts live in a frame of their own: their cursor moves without a round trip. */
  const cursor = () => {
    const frame = document.querySelector('iframe.charts');
    frame?.contentWindow?.postMessage({ geosandbox: 'year', year: Number(get('year')) || 0 }, window.location.origin);
  };
  trame.state.addListener(({ type, keys }) => {
    if (type !== 'dirty-state' || !keys.some((k) => k === 'year' || k === 'playing')) return;
    cursor();
    if (!get('playing')) tell();
  });

  gs.scrub = (year) => {
    if (get('playing')) set('playing', false);
    set('year', Math.max(0, Math.min(life(), Math.round(year * 100) / 100)));
  };
  gs.play = () => set('playing', !get('playing'));

  gs.percent = (year, span) => Math.max(0, Math.min(100, (100 * (Number(year) || 0)) / (Number(span) || 30)));
  gs.ticks = (span) => {
    const years = Number(span) || 30;
    const step = years > 12 ? 5 : 1;
    const named = years > 12 ? 10 : years > 5 ? 5 : 1;
    const list = [];
    for (let y = 0; y <= years + 1e-9; y += step) list.push({ year: y, named: y % named === 0, at: (100 * y) / years });
    return list;
  };
  gs.marks = (events, span) =>
    (events || []).map((e) => {
      const at = gs.percent(e.year, span);
      return { ...e, at, side: at > 80 ? 'left' : '' };
    });
  gs.season = (year, terms, t) => {
    const days = terms?.uses?.heating?.season_days ?? terms?.season_days;
    return !days || days > 364 ? t.all_year : gs.fill(t.season_days_n, { days: gs.fmt(days, 0) });
  };
})();
