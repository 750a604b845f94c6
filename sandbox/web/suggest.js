// Words of the Suggest drawer that need arithmetic: a gain with its unit, a limit as it is typed.
(() => {
  const gs = (window.trame.utils.gs ??= {});
  /** "+1 240 万元": a difference of a KPI with sign and unit. */
  gs.gainText = (key, gain, lang) => {
    if (gain === null || gain === undefined) return '–';
    const shown = gain / gs.divisor(key, lang);
    return `${gs.signed(gs.sig(shown, 3, 2), shown)} ${gs.unit(key, lang)}`;
  };
  /** A value as plain digits in the unit of the page, for a field. */
  gs.plain = (key, value, lang) => String(Number((value / gs.divisor(key, lang)).toPrecision(6)));
})();
