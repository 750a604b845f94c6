// Boot: wait for the page's state and for the place of the scene, then follow the state.
import { App } from "./app.js";
import { connect } from "./bridge.js";
import { Compare } from "./compare.js";
import { Areas } from "./areas.js";
import { Field } from "./floor.js";
import { Ghosts } from "./ghosts.js";
import { installHooks } from "./hooks.js";
import { makeRoom } from "./insets.js";
import { installKeys } from "./keys.js";
import { Blocks } from "./linking.js";
import { Mine } from "./mining.js";
import { loadFrames, loadScene } from "./loader.js";
import { Navigator } from "./navigate.js";
import { ClassRaster, DotRaster } from "./raster.js";
import { Replay } from "./replay.js";
import { Stage } from "./stage.js";

const FIELDS_KEPT = 8;
const SETTLED = new Set(["simulated", "out_of_range"]);

/** Build the scene inside a host element; ``urls`` says where scenery and maps come from. */
export async function start(bridge, host, urls = defaultUrls(bridge)) {
  await addStyle();
  const canvas = document.createElement("canvas");
  canvas.className = "gs-webgl";
  const canvasHost = host.querySelector("#gs-canvas") || host;
  canvasHost.append(canvas);
  const app = new App(bridge, { canvas, overlayHost: host.querySelector("#gs-overlay") || host });
  app.surface = host;
  app.navigator = new Navigator(host, app);
  installKeys(app);
  canvas.addEventListener("webglcontextlost", (e) => e.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => app.viewer.invalidate());
  watchSize(app, host);
  watchState(app, urls);
  app.ghosts = new Ghosts(app, bridge);
  expose(app); // first: what follows adds to it
  app.areas = new Areas(app, bridge);
  app.blocks = new Blocks(app, bridge);
  app.mine = new Mine(app, bridge);
  return app;
}

function defaultUrls(bridge) {
  return {
    scene: (site, scale) => `/scene/${encodeURIComponent(site)}/${scale}.bin`,
    frames: (frames) => new URL(frames.url, window.location.href).href,
    bridge,
  };
}

/** Labels are measured, so their style must be there before they are. */
function addStyle() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("scene.css", import.meta.url).href;
  const loaded = new Promise((done) => { link.onload = link.onerror = done; });
  document.head.append(link);
  return loaded;
}

/** Commands that buttons of the page may call. */
function expose(app) {
  const { viewer } = app;
  window.gs = {
    app,
    place: (kind, well) => (kind === "move" ? app.startMove(well) : app.place(kind)),
    moveHere: (well) => app.startMove(well),
    home: () => viewer.home(),
    north: () => viewer.flyTo({ azimuth: 180 }),
    top: () => viewer.flyTo({ elevation: viewer.rig.elevation > 80 ? viewer.stage.scene.camera.elevation_deg : 89 }),
    frame: () => app.frameSelection(),
    flyTo: (well) => app.frameSelection(well),
    replay: () => app.replay(),
    replayer: (name, value) => app.replayer[name](value),
    setVe: (ve) => { viewer.setVe(Number(ve)); app.showWells(); },
    cancel: () => app.escape(),
    flip: (on) => app.compare.flip(on),
    grabDivider: (event) => app.compare.grabDivider(event),
    dividerKey: (event) => app.compare.dividerKey(event),
    png: () => picture(app),
  };
}

/** The canvas as a PNG data address, drawn and read in one go (the buffer is not kept). */
function picture(app) {
  app.viewer.draw(1);
  return app.viewer.canvas.toDataURL("image/png");
}

// -- size and viewports --------------------------------------------------------------------------

function watchSize(app, host) {
  const fit = () => {
    const box = host.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return;
    app.viewer.resize(box.width, box.height);
    makeRoom(app);
    app.viewer.setViews(viewRects(app, box));
    app.viewer.aim();
    app.showWells();
    app.overlay.update();
  };
  app.fit = fit;
  new ResizeObserver(fit).observe(host);
  fit();
}

/** Compare has frames on the page; the canvas lies under all of them. */
function viewRects(app, box) {
  return app.get("workspace") === "compare" && app.compare ? app.compare.rects(box) : [null];
}

// -- state -----------------------------------------------------------------------------------------

function watchState(app, urls) {
  const { bridge, viewer } = app;
  const scenery = new Scenery(app, urls);
  const maps = new Maps(app, urls);
  app.compare = new Compare(app, maps);
  app.replayer = new Replay(app, maps);
  bridge.watch(["site", "scale"], () => scenery.follow());
  bridge.watch(["wells", "pads", "compare", "layers"], () => {
    noteChange(app);
    app.showWells();
    for (const s of viewer.stages.values()) s.setLayers(app.get("layers") || {});
    viewer.invalidate();
    if (viewer.stage) app.overlay.update();
  });
  bridge.watch(["theme", "workspace"], (theme, workspace) => viewer.setTheme(theme === "dark" || workspace === "present"));
  bridge.watch(["workspace"], (workspace) => {
    viewer.setTone({ body: workspace === "explore" ? 0 : 1 });
    // The page's frames move first: measure them after they have.
    const follow = () => { app.fit(); maps.follow(); };
    requestAnimationFrame(follow);
    setTimeout(follow, 250);
  });
  bridge.watch(["ui_drawer", "drawer", "ui_dock", "explain", "model_card", "replay"], () => {
    // The page's panels move first, some with their content a moment later.
    requestAnimationFrame(app.fit);
    setTimeout(app.fit, 200);
  });
  bridge.watch(["frames", "compare"], () => maps.follow());
  bridge.watch(["year"], (year) => { if (!app.player.running) viewer.setYear(Number(year) || 0); });
  bridge.watch(["playing"], (playing) => app.player.sync(Boolean(playing)));
  bridge.watch(["carpet"], (carpet) => app.drag.spread(carpet));
  bridge.watch(["selected", "lang", "t"], () => {
    if (!viewer.stage) return;
    app.overlay.update();
    setTimeout(() => app.overlay.updateInstruments(), 60); // the page writes its own words first
  });
  bridge.watch(["station"], (station) => {
    if (viewer.stage?.scale === "site") app.overlay.labels.update();
    viewer.stages.get("site")?.setTemperatures(station?.temps);
    viewer.invalidate();
  });
  bridge.watch(["resource", "colour_by", "suit_map", "point_map"], () => scenery.paintBasin());
  bridge.watch(["suit_place"], () => { if (viewer.stage?.scale === "basin") app.overlay.update(); });
  bridge.watch(["ve"], (ve) => { if (Number(ve) > 0) window.gs?.setVe(ve); });
  bridge.watch(["kpi_seq"], (seq) => app.perf.answered(seq));
  bridge.watch(["kpi"], (kpi) => {
    const values = Object.values(kpi || {});
    if (values.length && values.every((k) => SETTLED.has(k.state))) app.perf.refined();
  });
}

/** Another layout: the first handle that asks to be dragged is looked for anew. */
function noteChange(app) {
  const wells = app.get("wells");
  if (wells === app.currentWells) return;
  app.currentWells = wells;
  app.firstId = null;
}

/** Loads the stages of a site: the one shown first, the others when there is time. */
class Scenery {
  constructor(app, urls) {
    Object.assign(this, { app, urls, site: null, wanted: new Map() });
  }

  async follow() {
    const { app } = this;
    const site = app.get("site");
    const scale = app.get("scale");
    if (!site?.scales) return;
    const fresh = this.site !== site.name;
    if (fresh) {
      this.site = site.name;
      this.wanted.clear();
      app.viewer.memory.clear();
    }
    const stage = await this.load(scale);
    if (!stage || app.get("scale") !== scale || app.get("site")?.name !== site.name) return;
    const here = app.viewer.stage;
    app.viewer.show(scale, { fly: Boolean(here) && app.ready, home: fresh && here !== null });
    this.dress(stage);
    app.overlay.readout(null);
    if (!app.ready) this.becomeReady();
    for (const other of ["field", "basin", "site"]) if (other !== scale) await this.load(other);
  }

  becomeReady() {
    const { app } = this;
    app.ready = true;
    app.fit();
    document.body.dataset.gsReady = "1";
    window.dispatchEvent(new CustomEvent("gs-ready"));
  }

  /** One promise a scale and source, so that nothing is loaded twice. */
  load(scale) {
    const { app } = this;
    const source = app.get("site").scales?.[scale];
    if (!source) return null;
    const key = `${source}/${scale}`;
    if (!this.wanted.has(key)) this.wanted.set(key, this.fetch(source, scale));
    return this.wanted.get(key);
  }

  async fetch(source, scale) {
    const { app } = this;
    const old = app.viewer.stages.get(scale);
    if (old?.scene.site === source) return old;
    app.downloads += 1;
    try {
      const scene = await loadScene(this.urls.scene(source, scale));
      if (app.get("site").scales?.[scale] !== source) return null;
      const stage = new Stage(scene);
      app.viewer.addStage(stage);
      this.dress(stage);
      return stage;
    } catch (error) {
      console.error("scenery", source, scale, error);
      this.wanted.delete(`${source}/${scale}`);
      return null;
    } finally {
      app.downloads -= 1;
    }
  }

  dress(stage) {
    const { app } = this;
    stage.setLayers(app.get("layers") || {});
    if (stage.scale === "field") app.showWells();
    if (stage.scale === "site") stage.setTemperatures(app.get("station")?.temps);
    if (stage.scale === "basin") this.paintBasin();
    app.viewer.invalidate();
  }

  /** The newest class map as a picture; the one before it is let go. */
  classes() {
    const map = this.app.get("suit_map");
    if (!map || this.raster?.map === map) return map ? this.raster : null;
    this.raster?.dispose();
    this.raster = new ClassRaster(map);
    return this.raster;
  }

  /** Points of equal heat: made once, they do not change. */
  dots() {
    const map = this.app.get("point_map");
    if (map && this.points?.map !== map) this.points = new DotRaster(map);
    return map ? this.points : null;
  }

  paintBasin() {
    const { app } = this;
    const stage = app.viewer.stages.get("basin");
    if (!stage) return;
    stage.colorBy(app.get("colour_by") || "temperature");
    stage.setRaster(app.get("colour_by") === "suitability" ? this.classes() : app.get("colour_by") === "points" ? this.dots() : null);
    const resource = app.get("resource");
    stage.setOutline(resource?.id || resource?.unit || null);
    app.viewer.invalidate();
  }
}

/** Temperature maps by content key, the last few kept: undo and scheme switches need no download. */
class Maps {
  constructor(app, urls) {
    Object.assign(this, { app, urls, cache: new Map() });
  }

  /** Maps of a view as the state has them: in Compare every view brings its own. */
  of(view) {
    const { app } = this;
    const own = app.get("frames");
    if (app.get("workspace") !== "compare") return own;
    return app.compare.frames(view) || own;
  }

  follow() {
    if (this.app.compare?.differing) return this.app.compare.showDifference();
    this.app.viewer.views.forEach((_, view) => this.show(view));
  }

  async show(view) {
    const { app } = this;
    const { viewer } = app;
    const frames = this.of(view);
    if (!frames?.url) return;
    const field = await this.field(frames);
    if (!field || !viewer.views[view] || this.of(view)?.key !== frames.key) return;
    viewer.setField(view, field, legendRange(app.get("frames") || frames));
    viewer.setYear(app.player.running ? app.player.year : Number(app.get("year")) || 0);
  }

  async field(frames) {
    const { app } = this;
    if (!this.cache.has(frames.key)) {
      app.downloads += 1;
      const promise = loadFrames(this.urls.frames(frames))
        .then((data) => new Field(data))
        .catch((error) => {
          console.error("frames", frames.key, error);
          this.cache.delete(frames.key);
          return null;
        })
        .finally(() => { app.downloads -= 1; });
      this.cache.set(frames.key, promise);
      this.trim();
    }
    return this.cache.get(frames.key);
  }

  trim() {
    const shown = new Set(this.app.viewer.views.map((v) => v.field));
    for (const [key, promise] of this.cache) {
      if (this.cache.size <= FIELDS_KEPT) break;
      this.cache.delete(key);
      promise.then((f) => { if (f && !shown.has(f)) f.dispose(); });
    }
  }
}

/** The same rounding as the legend beside the scene; one range for all views. */
function legendRange(frames) {
  const ten = (v) => Math.round(v / 10) * 10;
  return [ten(frames.tmin ?? 30), ten(frames.tmax ?? 90)];
}

async function boot() {
  const bridge = await connect();
  let host = null;
  while (!(host = document.querySelector('[data-testid="scene"]'))) await new Promise((r) => setTimeout(r, 30));
  const app = await start(bridge, host);
  if (/[?&]test=1\b/.test(window.location.search)) installHooks(app);
}

if (!window.__gsDevelopment) boot().catch((error) => console.error("scene", error));
