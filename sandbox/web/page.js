// Small behaviour of the page around the 3D view: acting on the server, fields, menus, trees, connection.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  const state = () => trame.state;
  const get = (key) => state().get(key);
  const set = (key, value) => state().set(key, value);
  gs.narrow = () => window.innerWidth <= 1500;

  // --- acting on the server -----------------------------------------------------------------
  gs.act = (action, params = {}) =>
    trame.trigger('act', [action, params]).catch(() => ({ ok: false, field: 'connection', text: '' }));
  gs.test = /[?&]test=1\b/.test(window.location.search);

  gs.rail = (name) => {
    const open = get('drawer') === name && get('ui_drawer');
    if (open) {
      set('ui_drawer', false);
      return;
    }
    set('ui_drawer', true);
    if (get('drawer') !== name) gs.act('set_drawer', { drawer: name });
  };
  gs.place = (kind) => {
    // The scene's own place mode: the next click on the ground puts the well there.
    const view = window.gs;
    if (view && typeof view.place === 'function') view.place(kind);
  };
  gs.moveHere = (well) => {
    const view = window.gs;
    if (view && typeof view.moveHere === 'function') view.moveHere(well);
    else if (view && typeof view.place === 'function') view.place('move', well);
  };
  gs.view = (name, ...args) => {
    const call = window.gs?.[name];
    if (typeof call === 'function') call.apply(window.gs, args);
  };
  gs.closeMenus = () => state().update({ ui_menu: '' });
  gs.menu = (name) => set('ui_menu', get('ui_menu') === name ? '' : name);

  /** A field says what it holds once it is left or Enter is pressed; unchanged text is not sent. */
  gs.commit = (event, action, params, shown, factor = 1) => {
    const text = String(event.target.value).trim();
    if (text === String(shown ?? '').trim()) return;
    const number = Number(text.replace(/[\s\u2009,]/g, '').replace('\u2212', '-'));
    const value = text === '' ? null : Number.isFinite(number) ? Number((number * factor).toPrecision(12)) : text;
    gs.act(action, { ...params, value }).then((answer) => {
      if (answer && answer.ok === false) event.target.setAttribute('aria-invalid', 'true');
      else event.target.removeAttribute('aria-invalid');
    });
  };
  /** A slider tells what it is at while it moves; the server hears of it when it is let go. */
  gs.slide = (event, field) => {
    const slider = event.target;
    slider.style.setProperty('--p', `${(100 * (slider.value - field.min)) / (field.max - field.min)}%`);
    slider.previousElementSibling.textContent = `${gs.fmt(slider.value, field.step < 1 ? 1 : 0)} ${field.unit}`;
  };
  gs.escape = (event, shown) => {
    event.target.value = shown ?? '';
    event.target.blur();
  };
  gs.rename = (id, old, t) => {
    set('ui_rename', id);
    set('ui_menu', '');
    requestAnimationFrame(() => document.getElementById('gs-rename')?.select());
  };
  gs.renamed = (event, id, old) => {
    const name = event.target.value.trim();
    set('ui_rename', '');
    if (name && name !== old) gs.act('scheme_rename', { id, name });
  };

  // --- wells in lists -----------------------------------------------------------------------
  gs.found = (wells, text) => {
    const wanted = String(text || '').trim().toLowerCase();
    return wanted ? wells.filter((w) => `${w.id} ${w.pad}`.toLowerCase().includes(wanted)) : wells;
  };
  gs.kindSort = (wells, selected) => {
    const order = (w) => (w.existing ? 1 : 0);
    return [...(wells || [])].sort((a, b) => order(a) - order(b));
  };
  gs.count = (wells, kind) => (wells || []).filter((w) => w.kind === kind).length;
  gs.byPad = (wells) => {
    const pads = new Map();
    for (const well of wells || []) {
      const pad = well.pad || '';
      if (!pads.has(pad)) pads.set(pad, []);
      pads.get(pad).push(well);
    }
    return [...pads].map(([pad, list]) => ({ pad, wells: list }));
  };
  gs.well = (wells, id) => (wells || []).find((w) => w.id === id) || null;
  gs.nudge = (well, dx, dy, event) => {
    const step = event?.shiftKey ? 10 : 1;
    gs.act('nudge', { well, dx_m: dx * step, dy_m: dy * step });
  };
  gs.findingOf = (findings, id) => (findings || []).find((f) => f.well === id || f.other === id) || null;

  /** Arrow keys on a tree or a list of rows: up and down move the focus, the rest is the row's own. */
  gs.rove = (event, selector) => {
    const rows = [...event.currentTarget.querySelectorAll(selector)].filter((row) => row.offsetParent !== null);
    const at = rows.indexOf(event.target.closest(selector));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : step ? at + step : -1;
    if (to < 0 || to >= rows.length || event.target.matches('input,select')) return;
    event.preventDefault();
    event.stopPropagation();
    rows[to].focus();
  };
  const NUDGE = { ArrowUp: [0, 50], ArrowDown: [0, -50], ArrowLeft: [-50, 0], ArrowRight: [50, 0] };
  /** In the outline: Enter selects, Alt + arrows move by 50 m, Delete removes, D duplicates. */
  gs.treeKey = (event, well) => {
    if (event.isComposing || event.target.matches('input,select')) return;
    const step = event.altKey && NUDGE[event.key];
    if (step) gs.nudge(well, step[0], step[1], event);
    else if (event.key === 'Enter' || event.key === ' ') gs.act('select', { well });
    else if (event.key === 'Delete') gs.act('delete_well', { well });
    else if (event.key.toLowerCase() === 'd' && !event.ctrlKey && !event.metaKey) gs.act('duplicate_well', { well });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  // --- table of differences -----------------------------------------------------------------
  /** Bars of one row on a shared zero line: percent positions within the cell. */
  gs.bars = (row, columns) => {
    const cells = columns.map((c) => row.cells[c.id]).filter(Boolean);
    const ends = cells.flatMap((c) => [c.delta, c.delta_low, c.delta_high]).filter(Number.isFinite);
    const most = Math.max(...ends.map(Math.abs), 1e-12);
    const low = Math.min(0, ...ends);
    const high = Math.max(0, ...ends);
    const span = high - low || most;
    return { zero: (100 * -low) / span, at: (v) => (100 * (v - low)) / span };
  };
  gs.cellBar = (row, columns, cell, better) => {
    if (!cell || !Number.isFinite(cell.delta)) return null;
    const { zero, at } = gs.bars(row, columns);
    const scale = (v) => 4 + 0.92 * v;
    const end = scale(at(cell.delta));
    const from = scale(zero);
    const whisker = Number.isFinite(cell.delta_low) && Number.isFinite(cell.delta_high);
    return {
      zero: from,
      x: Math.min(from, end),
      w: Math.max(0.6, Math.abs(end - from)),
      lo: whisker ? scale(at(cell.delta_low)) : null,
      hi: whisker ? scale(at(cell.delta_high)) : null,
    };
  };
  /** Delta of a cell in words; what the bands cannot tell apart is said to be the same. */
  gs.cellDelta = (row, cell, base, lang, t) => {
    if (!cell) return { cls: 'eq', text: '', arrow: '' };
    if (cell.verdict === 'same') return { cls: 'eq', text: `≈ ${t.same}`, arrow: '' };
    const delta = gs.delta(row.key, cell.value, base?.value, lang, t, row.better);
    const none = (base?.value === null) !== (cell.value === null);
    if (!none) return delta;
    if (cell.verdict === 'better') return { cls: 'up', arrow: '▲', text: t.better };
    return cell.verdict === 'worse' ? { cls: 'dn', arrow: '▼', text: t.worse } : delta;
  };
  gs.others = (compare) => compare.columns.filter((c) => c.id !== compare.base);
  gs.baseCell = (compare, row) => row.cells[compare.base];
  gs.column = (compare, id) => compare.columns.find((c) => c.id === id) || {};
  const TABLE = [
    'thermal_power_mw', 'annual_heat_gj', 'temperature_decline_k', 'breakthrough_years', 'lcoh_cny_per_gj', 'npv_cny',
    'capex_cny', 'spf', 'co2_avoided_t_per_year', 'demand_met_pct', 'probability_npv_negative_pct',
  ];
  gs.tableRows = (compare) => {
    const first = TABLE.map((key) => compare.table.find((r) => r.key === key)).filter(Boolean);
    return [...first, ...compare.table.filter((r) => !TABLE.includes(r.key))];
  };
  /** Under a small picture: coldest news first. */
  gs.thumbLine = (compare, id, lang, t, life) => ['temperature_decline_k', 'npv_cny'].map((key) => {
    const row = compare.table.find((r) => r.key === key);
    return row?.cells[id] ? `${t[`kpi_${key}`]} ${gs.value(key, row.cells[id].value, lang, t, life)} ${gs.unit(key, lang)}` : '';
  }).join(' · ');
  gs.letter = (columns, id) => columns.find((c) => c.id === id)?.letter ?? '';
  /** "Name: old -> new" in two lines; other sentences stay in one. */
  const cut = (text) => String(text).search(/[:：]\s?/);
  gs.firstPart = (text) => (cut(text) > 0 ? text.slice(0, cut(text)) : text);
  gs.restPart = (text) => (cut(text) > 0 ? text.slice(cut(text) + 1).trim() : '');
  gs.sign = (change) => {
    const glyph = change.sign || 'Δ';
    return { glyph: glyph === '-' ? '\u2212' : glyph, cls: glyph === '+' ? 'add' : glyph === '-' || glyph === '\u2212' ? 'del' : glyph === '=' ? 'eq' : 'chg' };
  };
  gs.firstBreak = (marks) => (marks || []).find((e) => e.kind === 'breakthrough') || null;

  /** Rows by their ``group``, in order of first appearance. */
  gs.groups = (rows) => {
    const groups = new Map();
    for (const row of rows || []) {
      if (!groups.has(row.group)) groups.set(row.group, []);
      groups.get(row.group).push(row);
    }
    return [...groups].map(([name, list]) => ({ name, rows: list }));
  };

  // --- legends ------------------------------------------------------------------------------
  gs.rampOf = (scale, by) => (scale !== 'basin' ? 'thermal' : by === 'temperature' ? 'basin' : 'thickness');
  gs.legendTicks = (scale, by, lang, frames) => {
    const unit = gs.degc(lang);
    if (scale === 'site') return ['10', '25', '40', `66 ${unit}`];
    if (scale === 'basin') {
      if (by === 'thickness') return ['0', '100', '200', '300', '400 m'];
      if (by === 'points') return gs.pointTicks();
      if (by === 'heat') return ['0', '2', '4', `6 ${gs.power10(13)} kJ/km²`];
      return ['45', '50', '55', '60', `66 ${unit}`];
    }
    const low = Math.round((frames?.tmin ?? 30) / 10) * 10;
    const high = Math.round((frames?.tmax ?? 90) / 10) * 10;
    const step = (high - low) / 3;
    return [0, 1, 2, 3].map((i) => `${gs.fmt(low + i * step, 0)}${i === 3 ? ` ${unit}` : ''}`);
  };
  /** Ends of the carpet's ramp; where less is better the brown end is the rise. */
  gs.carpetEnd = (carpet, lang) => {
    const down = carpet.better === 'down' || carpet.better < 0;
    const scale = { zh: { npv_cny: 1e4, capex_cny: 1e4, opex_cny_per_year: 1e4, annual_heat_gj: 1e4 }, en: { npv_cny: 1e6, capex_cny: 1e6, opex_cny_per_year: 1e6 } };
    const text = gs.sig(carpet.max / (scale[lang]?.[carpet.key] || 1), 2, 2);
    return { left: down ? `+${text}` : `\u2212${text}`, right: down ? `\u2212${text}` : `+${text}` };
  };

  // --- basin --------------------------------------------------------------------------------
  const COAL_J = 29.3076e9;
  gs.coal = (joule, lang) => {
    const tce = joule / COAL_J;
    return lang === 'zh' ? { m: gs.sig(tce / 1e8, 3, 1), e: '', u: '亿 tce' } : { m: gs.sig(tce / 1e9, 3, 2), e: '', u: 'Gtce' };
  };
  /** min - mode - max as text and as bar and dot on a rail that leaves room at both ends. */
  gs.range3 = (values, factor = 1) => {
    const [low, mode, high] = values.length === 3 ? values : [values[0], values[0], values[0]];
    const pad = Math.max(0.6 * (high - low), 1e-9);
    const at = (v) => (100 * (v - low + pad)) / (high - low + 2 * pad);
    return {
      text: [low, mode, high].map((v) => gs.fmt(v * factor, 0)).join('–'),
      bar: { left: `${at(low)}%`, width: `${at(high) - at(low)}%` },
      dot: { left: `${at(mode)}%` },
    };
  };
  gs.unitBar = (unit, units) => {
    const most = Math.max(...units.map((u) => u.heat_j_p95 || u.heat_j_mean));
    const at = (v) => (100 * v) / most;
    return { left: `${at(unit.heat_j_p5)}%`, width: `${at(unit.heat_j_p95) - at(unit.heat_j_p5)}%`, dot: `${at(unit.heat_j_mean)}%` };
  };

  // --- words --------------------------------------------------------------------------------
  gs.crumbs = (state_) => {
    const list = [{ key: 'basin', text: state_.t.scale_basin, scale: 'basin' }];
    if (state_.scale !== 'basin') list.push({ key: 'field', text: state_.title, scale: 'field' });
    if (state_.scale === 'site') list.push({ key: 'site', text: state_.t.scale_site, scale: 'site' });
    if (state_.selected) {
      const pad = (state_.wells || []).find((w) => w.id === state_.selected)?.pad;
      if (pad && state_.scale === 'field') list.push({ key: 'pad', text: gs.fill(state_.t.pad_named, { pad }), scale: null });
      if (state_.scale !== 'basin') list.push({ key: 'well', text: state_.selected, scale: null });
    }
    return list;
  };

  // --- stage and station --------------------------------------------------------------------
  /** Money is said in 亿元 or bn on the stage once it is that large. */
  gs.stage = (view, kpi, lang) => {
    const value = kpi?.value;
    if (view.key === 'npv_cny' && Number.isFinite(value) && Math.abs(value) >= 1e8) {
      return lang === 'zh' ? { text: gs.sig(value / 1e8, 3, 2), unit: '亿元' } : { text: gs.sig(value / 1e6, 4, 0, ','), unit: 'M CNY' };
    }
    return { text: view.text, unit: view.unit };
  };
  gs.stageDelta = (view, kpi, lang, t) => {
    if (!view.delta.arrow) return view.delta.text;
    if (kpi?.value === null || kpi?.baseline === null) return `${view.delta.arrow} ${view.delta.text}`;
    const big = view.key === 'npv_cny' && lang === 'zh' && Math.abs(kpi.value) >= 1e8;
    const step = kpi.value - kpi.baseline;
    const text = big ? `${gs.signed(gs.fmt(step / 1e8, 2), step)} 亿` : view.delta.text;
    return `${view.delta.arrow} ${t.against_baseline} ${view.key === 'thermal_power_mw' && view.delta.pct ? view.delta.pct : text}`;
  };
  gs.stageLine = (wells, kpi, life, lang, t) => {
    const values = { p: gs.count(wells, 'producer'), i: gs.count(wells, 'injector'), years: gs.fmt(life, 0) };
    const first = kpi.breakthrough_years?.value;
    return gs.fill(t.stage_wells, values) + (lang === 'en' ? ' ' : '') + gs.fill(first === null || first === undefined ? t.stage_no_break : t.stage_break, { year: gs.fmt(first, 1), ...values });
  };
  gs.item = (station, id) => (station?.items || []).find((i) => i.id === id) || null;
  const arrow = (pair, unit) => `${gs.fmt(pair[0], 0)} → ${gs.fmt(pair[1], 0)} ${unit}`;
  /** Equipment of the station as rows: icon, name, main value, second value. */
  gs.equipment = (station, wells, lang, t) => {
    if (!station?.temps) return [];
    const unit = gs.degc(lang);
    const kinds = { producer: (wells || []).filter((w) => w.kind === 'producer'), injector: (wells || []).filter((w) => w.kind === 'injector') };
    const rows = [];
    if (kinds.producer.length <= 4) {
      for (const w of kinds.producer) rows.push({ id: w.id, icon: 'wells', name: gs.fill(t.well_named, { well: w.id }), value: `${gs.fmt(station.wells?.[w.id], 1)} ${unit}`, note: `${gs.sig(w.rate_m3_h, 4, 2)} m³/h` });
    } else {
      rows.push({ id: 'producers', icon: 'wells', name: gs.fill(t.n_producers, { n: kinds.producer.length }), value: `${gs.fmt(station.temps.wellhead, 1)} ${unit}`, note: `${gs.sig(station.flows.geothermal, 4, 2)} m³/h` });
    }
    const icons = { exchanger1: 'swap', exchanger2: 'swap', heat_pump: 'heatpump', peak_boiler: 'fire', circulation_pumps: 'pump', intermediate_pumps: 'pump' };
    for (const i of station.items || []) {
      const pump = i.id.endsWith('pumps');
      const cop = i.id === 'heat_pump' && i.power_kw > 0 ? `COP ${gs.fmt(i.duty_kw / i.power_kw, 1)}` : '';
      rows.push({ id: i.id, icon: icons[i.id] || 'surface', name: i.name, value: `${gs.fmt(pump ? i.power_kw : i.duty_kw, pump ? 1 : 0)} kW`, note: cop || (pump ? `${gs.sig(i.hot_flow || i.cold_flow, 3, 0)} m³/h` : arrow(i.hot, unit)) });
    }
    if (kinds.injector.length) {
      const name = kinds.injector.length === 1 ? gs.fill(t.reinjection_at, { well: kinds.injector[0].id }) : gs.fill(t.n_injectors, { n: kinds.injector.length });
      rows.push({ id: 'injectors', icon: 'inject', name, value: `${gs.fmt(station.temps.tail, 1)} ${unit}`, note: `${gs.sig(station.flows.injection, 4, 2)} m³/h` });
    }
    return rows;
  };
  /** Tiles of the process view: name, main value, second line; null for what is not built. */
  gs.tile = (station, wells, id, terms, lang, t) => {
    if (!station?.temps) return null;
    const unit = gs.degc(lang);
    const [q, duty, temps] = [station.flows, station.duties, station.temps];
    const flow = (v) => `${gs.sig(v, 4, 2)} m³/h`;
    const made = {
      wells: () => {
        const hot = (wells || []).filter((w) => w.kind === 'producer');
        const note = hot.length <= 3 ? hot.map((w) => gs.sig(w.rate_m3_h, 4, 2)).join(' + ') : gs.fill(t.n_producers, { n: hot.length });
        return { name: hot.length <= 3 ? gs.fill(t.wells_named, { wells: hot.map((w) => w.id).join(' + ') }) : t.kind_producer, value: `${gs.fmt(temps.wellhead, 0)} ${unit} · ${flow(q.geothermal)}`, note };
      },
      hx1: () => ({ name: t.exchanger_1, value: `${gs.fmt(duty.hx1, 0)} kW`, note: arrow([temps.station_in, temps.hx1_out], unit) }),
      hx2: () => station.sizes?.exchanger2 > 0 && { name: t.exchanger_2, value: `${gs.fmt(duty.hx2, 0)} kW`, note: arrow([temps.hx1_out, temps.tail], unit) },
      heat_pump: () => station.sizes?.heat_pump > 0 && { name: t.heat_pumps, value: `COP ${gs.fmt(duty.heat_pump / Math.max(station.powers.heat_pump, 1e-9), 1)} · ${gs.fmt(duty.heat_pump, 0)} kW`, note: gs.fill(t.pump_note, { kw: gs.fmt(station.powers.heat_pump, 0), hot: gs.fmt(temps.intermediate_in, 0), cold: gs.fmt(temps.intermediate_out, 0) }) },
      peak_boiler: () => station.sizes?.peak_boiler > 0 && { name: t.peak_boiler, value: `${gs.fmt(duty.peak_boiler, 0)} kW`, note: gs.fill(t.built_kw, { kw: gs.fmt(station.sizes.peak_boiler, 0) }) },
      network: () => ({ name: t.network, value: '', note: '' }),
      users: () => {
        const area = terms?.uses?.heating?.area_m2;
        return { name: t.users, value: `${gs.fmt(duty.delivered, 0)} kW`, note: `${area ? `${gs.fmt((1e3 * duty.delivered) / area, 1)} W/m² · ` : ''}${gs.sig(q.network, 3, 0)} m³/h` };
      },
      reinjection: () => {
        const cold = (wells || []).filter((w) => w.kind === 'injector');
        if (!cold.length) return { name: t.no_reinjection, value: `${gs.fmt(temps.tail, 0)} ${unit}`, note: t.to_surface };
        return { name: cold.length === 1 ? gs.fill(t.reinjection_at, { well: cold[0].id }) : gs.fill(t.n_injectors, { n: cold.length }), value: `${gs.fmt(temps.tail, 0)} ${unit} · ${flow(q.injection)}`, note: gs.fill(t.returned_pct, { pct: gs.fmt((100 * q.injection) / Math.max(q.geothermal, 1e-9), 0) }) };
      },
    };
    return made[id]?.() || null;
  };
  gs.checkNote = (linkage, t) => {
    const way = (key) => linkage.ways.find((w) => w.key === key) || {};
    const [as, real] = [way('as_defined_mean'), way('with_heat_pump_work')];
    return gs.fill(t.check_text, { as: as.percent, pct: real.percent, flow: real.flow });
  };
  gs.inputRange = (row) => (Number.isFinite(row.low) && Number.isFinite(row.high) && row.low !== row.high ? `${gs.sig(row.low, 4, 3)} – ${gs.sig(row.high, 4, 3)}` : row.range || '');
  gs.tornado = (explain) => {
    const rows = explain.tornado.slice(0, 5);
    const most = Math.max(...rows.flatMap((r) => [Math.abs(r.low), Math.abs(r.high)]), 1e-12);
    return rows.map((r) => ({
      label: r.label,
      bars: [r.low, r.high].map((v) => {
        const w = (48 * Math.abs(v)) / most;
        return { x: v < 0 ? 50 - w : 50, w, cls: (explain.better === 'down' ? v < 0 : v > 0) ? 'up' : 'dn' };
      }),
      text: [r.low, r.high].map((v) => gs.signed(gs.sig(v / gs.divisor(explain.key, get('lang')), 3, 1), v)).join(' / '),
    }));
  };
  gs.screenshot = () => {
    const address = window.gs?.png?.();
    if (!address) return;
    const link = document.createElement('a');
    link.href = address;
    link.download = `geosandbox-${get('site')?.name || 'scene'}-${get('scale')}.png`;
    link.click();
  };

  // --- connection ---------------------------------------------------------------------------
  // trame would tear the page down when its websocket closes; we keep the work on screen, say so, and
  // load again as soon as the server answers (it kept everything that was acknowledged).
  const guard = () => {
    const current = trame.state;
    const write = current.set.bind(current);
    current.set = (key, value) => {
      if (key !== 'trame__template_main') return write(key, value);
      lost();
      return Promise.resolve();
    };
  };
  let waiting = false;
  async function lost() {
    if (waiting) return;
    waiting = true;
    document.documentElement.dataset.offline = 'true';
    set('ui_offline', true);
    for (;;) {
      await new Promise((done) => setTimeout(done, 1000));
      try {
        const answer = await fetch('../../healthz', { cache: 'no-store' });
        if (answer.ok) break;
      } catch {
        // still away: ask again
      }
    }
    window.location.reload();
  }

  // --- the document follows language and theme ------------------------------------------------
  const dress = () => {
    const root = document.documentElement;
    root.lang = get('lang') === 'en' ? 'en' : 'zh-CN';
    root.dataset.theme = get('workspace') === 'present' ? 'dark' : get('theme') || 'light';
    root.dataset.workspace = get('workspace') || 'explore';
  };
  const note = () => {
    const toast = get('toast');
    if (!toast?.text || toast.at === note.last) return;
    note.last = toast.at;
    set('ui_toast', toast.text);
    clearTimeout(note.timer);
    note.timer = setTimeout(() => set('ui_toast', ''), 5000);
  };
  // --- focus ----------------------------------------------------------------------------------
  // A sheet that was opened by key takes the focus; when it goes, what opened it has the focus again.
  const SHEETS = { explain: '.xp', model_card: '.xp', replay: '.rp', help_open: '.sheet' };
  const opened = new Map();
  let byKey = false;
  const follow = (key) => {
    const there = Boolean(get(key));
    if (there === opened.has(key)) return;
    if (there) {
      opened.set(key, document.activeElement);
      // Both beside each other leave no picture on a narrow screen.
      if (gs.narrow() && key !== 'help_open') set('ui_drawer', false);
      if (byKey) setTimeout(() => document.querySelector(`${SHEETS[key]} button`)?.focus({ preventScroll: true }), 60);
      return;
    }
    const from = opened.get(key);
    opened.delete(key);
    setTimeout(() => {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (lost && from?.isConnected) from.focus({ preventScroll: true });
    }, 60);
  };

  const start = () => {
    guard();
    set('ui_drawer', !gs.narrow());
    set('ui_dock', !gs.narrow());
    dress();
    state().addListener(({ type, keys }) => {
      if (type !== 'dirty-state') return;
      if (keys.some((k) => k === 'lang' || k === 'theme' || k === 'workspace')) dress();
      if (keys.includes('toast')) note();
      for (const key of Object.keys(SHEETS)) if (keys.includes(key)) follow(key);
    });
    window.addEventListener('keydown', () => { byKey = true; }, { capture: true });
    window.addEventListener('pointerdown', () => { byKey = false; }, { capture: true });
    window.addEventListener('pointerdown', (event) => {
      if (get('ui_menu') && !event.target.closest('.menuhost')) gs.closeMenus();
    });
    window.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && get('ui_menu')) gs.closeMenus();
    });
  };
  start();
})();
