// Bring your own field: files to one zip, preview and mapping through the API, a map of what was understood.
(() => {
  const trame = window.trame;
  const gs = (trame.utils.gs ??= {});
  const API = '/api/v1/sites';
  const EMPTY = { busy: false, files: '', report: null, error: '', name: '', mapping: {} };
  let body = null; // the zip: stays in the browser until asked for again
  let asked = 0;
  const now = () => trame.state.get('ui_import') || EMPTY;
  const set = (change) => trame.state.set('ui_import', { ...now(), ...change });
  const word = (key) => trame.state.get('t')?.[key] || '';

  gs.openImport = () => {
    gs.closeMenus();
    trame.state.set('ui_drawer', true);
    gs.act('set_drawer', { drawer: 'importing' });
  };

  // --- a zip without compression (PKZIP APPNOTE 4.3): loose files travel as one body -----------
  const CRC = new Uint32Array(256).map((_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  const crc32 = (bytes) => {
    let c = 0xffffffff;
    for (const b of bytes) c = CRC[(c ^ b) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };
  /** A record of little-endian numbers, each given as [bytes, value]. */
  const record = (fields) => {
    const out = new Uint8Array(fields.reduce((n, [size]) => n + size, 0));
    const view = new DataView(out.buffer);
    let at = 0;
    for (const [size, value] of fields) {
      if (size === 4) view.setUint32(at, value, true); else view.setUint16(at, value, true);
      at += size;
    }
    return out;
  };
  const UTF8 = 0x0800, DAY = 0x21; // flag of UTF-8 names; 1 January 1980, so that the same files give the same zip
  const zip = async (files) => {
    const parts = [], directory = [];
    let offset = 0, listed = 0;
    for (const file of files) {
      const data = new Uint8Array(await file.arrayBuffer());
      const name = new TextEncoder().encode(file.name);
      const common = [[2, 20], [2, UTF8], [2, 0], [2, 0], [2, DAY], [4, crc32(data)], [4, data.length], [4, data.length], [2, name.length], [2, 0]];
      const head = record([[4, 0x04034b50], ...common]);
      const entry = record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]);
      parts.push(head, name, data);
      directory.push(entry, name);
      offset += head.length + name.length + data.length;
      listed += entry.length + name.length;
    }
    const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, listed], [4, offset], [2, 0]]);
    return new Blob([...parts, ...directory, end], { type: 'application/zip' });
  };

  // --- talking to the API ----------------------------------------------------------------------
  const send = async (preview) => {
    const { name, mapping } = now();
    const query = new URLSearchParams(preview ? { preview: 'true' } : {});
    if (/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) query.set('name', name);
    if (Object.keys(mapping).length) query.set('mapping', JSON.stringify(mapping));
    const answer = await fetch(`${API}?${query}`, { method: 'POST', headers: { 'Content-Type': 'application/zip' }, body });
    const said = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, said };
  };
  const look = async () => {
    if (!body) return;
    const turn = ++asked;
    set({ busy: true, error: '' });
    try {
      const { ok, said } = await send(true);
      if (turn !== asked) return;
      if (ok) set({ report: said, name: now().name || said.name });
      else set({ report: null, error: said.detail || said.title || word('importing_failed') });
    } catch {
      set({ error: word('importing_failed') });
    } finally {
      if (turn === asked) set({ busy: false });
    }
  };

  gs.importFiles = async (list) => {
    const files = [...list];
    if (!files.length) return;
    const one = files.length === 1 && /\.zip$/i.test(files[0].name);
    const stem = one ? files[0].name.replace(/\.zip$/i, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) : '';
    set({ ...EMPTY, files: files.map((f) => f.name).join(', '), name: stem });
    body = one ? files[0] : await zip(files);
    await look();
  };
  gs.importMake = async () => {
    set({ busy: true, error: '' });
    try {
      const { ok, said } = await send(false);
      if (!ok) {
        set({ error: said.detail || said.title || word('importing_failed') });
        await look();
        return;
      }
      body = null;
      set(EMPTY);
      await gs.act('set_site', { name: said.name });
    } catch {
      set({ error: word('importing_failed') });
    } finally {
      set({ busy: false });
    }
  };

  // --- what a person says over the files' own words ----------------------------------------------
  const say = (change) => { set({ mapping: { ...now().mapping, ...change } }); return look(); };
  const sayTable = (table, part, key, value) => {
    const tables = now().mapping.tables || {};
    const own = tables[table] || {};
    return say({ tables: { ...tables, [table]: { ...own, [part]: { ...own[part], [key]: value } } } });
  };
  gs.importColumn = (table, key, head) => { if (key) sayTable(table, 'columns', key, head); };
  gs.importUnit = (table, key, unit) => { if (unit) sayTable(table, 'units', key, unit); };
  gs.importTable = (table, file) => {
    if (!table) return;
    const tables = now().mapping.tables || {};
    say({ tables: { ...tables, [table]: { ...tables[table], file } } });
  };
  gs.importSystem = (system) => {
    const { coordinates: _, frame: __, ...rest } = now().mapping;
    set({ mapping: system ? { ...rest, coordinates: system } : rest });
    look();
  };
  let frame = {};
  gs.importFrame = (key, text) => {
    frame = { ...frame, [key]: Number(text) };
    if (Number.isFinite(frame.lon) && Number.isFinite(frame.lat)) say({ frame });
  };
  gs.importFrameShown = (key) => now().mapping.frame?.[key] ?? '';
  gs.importName = (name) => { set({ name: name.trim() }); look(); };
  gs.importUnits = (report, table, key) => report.choices[table].find((c) => c.key === key)?.units || [];

  // --- map ---------------------------------------------------------------------------------------
  const mapped = new WeakMap();
  gs.importMap = (map) => {
    if (!mapped.has(map)) mapped.set(map, draw(map));
    return mapped.get(map);
  };
  function draw(map) {
    const points = [...map.wells.map((w) => [w.x_m, w.y_m]), ...map.boundary, ...map.faults.flatMap((f) => f.line_m)];
    if (!points.length) return { box: '0 0 1 1', ring: '', faults: [], wells: [], scale: '' };
    const [xs, ys] = [0, 1].map((k) => points.map((p) => p[k]));
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const size = Math.max(x1 - x0, y1 - y0, 100), pad = 0.08 * size;
    const line = (ps) => ps.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${(-y).toFixed(1)}`).join('');
    return {
      box: `${x0 - pad} ${-y1 - pad} ${x1 - x0 + 2 * pad} ${y1 - y0 + 2 * pad}`,
      ring: map.boundary.length ? `${line(map.boundary)}Z` : '',
      faults: map.faults.map((f) => line(f.line_m)),
      wells: map.wells.map((w) => ({ name: w.name, kind: w.kind, x: w.x_m, y: -w.y_m, r: 0.014 * size })),
      scale: `${gs.fmt((x1 - x0) / 1000, 1)} × ${gs.fmt((y1 - y0) / 1000, 1)} km`,
    };
  }
})();
