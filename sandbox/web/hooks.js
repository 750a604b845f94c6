// window.geosandbox: what scripts and tests may rely on (with ?test=1). Names are a promise, see the
// contract's section on the page.

const UNSETTLED = new Set(["estimate", "refining"]);

export function installHooks(app) {
  const hooks = {
    get ready() { return app.ready; },
    scale: () => app.get("scale"),
    setScale: (scale) => app.act("set_scale", { scale }),
    handles: () => {
      app.viewer.aim();
      const o = app.origin();
      return app.overlay.handles()
        .map(({ id, kind, handle, well, x, y }) => ({ id, kind, handle, well, x: x + o.x, y: y + o.y }))
        .filter((h) => reachable(app, h));
    },
    scheme: () => clone(app.get("scheme_json")),
    kpi: () => clone(app.get("kpi")),
    schemes: () => (app.get("schemes") || []).map(({ id, name, letter, active, baseline }) => ({ id, name, letter, active, baseline })),
    camera: () => app.viewer.rig.state,
    setCamera: (state) => {
      app.viewer.rig.flight = null;
      app.viewer.rig.state = { ...app.viewer.rig.state, ...state };
      app.viewer.aim();
      app.viewer.invalidate();
    },
    settled: () => settled(app),
    perf: () => clone(app.perf.marks),
    frame: () => ({ cost_ms: app.viewer.pace.cost, frames: app.viewer.pace.frames, slow: app.viewer.pace.slow }),
  };
  window.geosandbox = hooks;
  return hooks;
}

/** A handle under a button or panel is not in view. */
function reachable(app, { x, y }) {
  const top = document.elementFromPoint(x, y);
  return Boolean(top) && app.surface.contains(top) && app.ours({ target: top });
}

/** Resolved when no estimate, simulation, download, flight or redraw is pending, twice in a row. */
async function settled(app) {
  let quiet = 0;
  while (quiet < 3) {
    await new Promise((r) => setTimeout(r, 40));
    quiet = isQuiet(app) ? quiet + 1 : 0;
  }
}

function isQuiet(app) {
  if (!app.ready || app.bridge.unanswered || app.loading() || app.drag.pending || app.held) return false;
  if (app.viewer.flying || app.viewer.pace.busy || app.get("busy") || app.get("assessing")?.length) return false;
  return !Object.values(app.get("kpi") || {}).some((k) => UNSETTLED.has(k.state));
}

const clone = (v) => (v === undefined || v === null ? v : JSON.parse(JSON.stringify(v)));
