// Words of the Suggest drawer that need arithmetic: a gain with its unit, a limit as it is typed.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  /** "+1 240 万元": a difference of a KPI with sign and unit. */
  gs.gainText = (key, gain, lang) => {
    if (gain === null || gain === undefined) return '–';
    const shown = gain / gs.divisor(key, lang);
    return `${gs.signed(gs.sig(shown, 3, 2), shown)} ${gs.unit(key, lang)}`;
  };
  /** "annual heat +3 万GJ/a, drop −0.4 K": what else a group of changes brings. */
  gs.whyText = (why, lang, t) => gs.fill(t.suggest_why, {
    w: why.filter((r) => /[1-9]/.test(gs.gainText(r.key, r.step, lang))).map((r) => `${t[`kpi_${r.key}`]} ${gs.gainText(r.key, r.step, lang)}`).join(lang === 'zh' ? '，' : ', '),
  });
  /** A value as plain digits in the unit of the page, for a field. */
  gs.plain = (key, value, lang) => String(Number((value / gs.divisor(key, lang)).toPrecision(6)));
})();
