// Names in the scene as HTML: placed by the camera, thinned out where they would touch, turned along faults.

const APART_PX = 14;
const TOOLS_PX = 104;
const PRIORITY = { pill: 12, equipment: 9, pad: 9, unit: 8, place: 6, strata: 6, fault: 6, depth: 4, river: 3 };

/** Layer of labels under ``root``; ``update`` after every frame, ``setNames`` for hovered and selected wells. */
export function labelLayer(root, app) {
  const layer = document.createElement("div");
  layer.className = "gs-labels";
  root.append(layer);
  const nodes = new Map();
  let names = [];

  function node(key, item) {
    let n = nodes.get(key);
    if (!n) {
      n = document.createElement(item.kind === "pill" ? "button" : "span");
      layer.append(n);
      nodes.set(key, n);
      n.size = null;
    }
    const cls = `gs-label ${item.kind} ${item.tone || "dark"}${item.strong ? " strong" : ""}`;
    if (n.className !== cls) { n.className = cls; n.size = null; }
    if (n.dataset.text !== item.text) {
      n.dataset.text = item.text;
      n.textContent = item.text;
      n.size = null;
    }
    if (item.onclick) n.onclick = item.onclick;
    return n;
  }

  /** Where a label goes in a view: its middle, its box, its turn. */
  function place(item, view, n) {
    const { viewer } = app;
    const p = viewer.project(view, ...item.at);
    if (!p) return null;
    const r = viewer.free(view);
    if (p.x < r.x - 20 || p.x > r.x + r.width + 20 || p.y < r.y - 10 || p.y > r.y + r.height + 10) return null;
    if (!n.size) {
      n.hidden = false; // what is not displayed has no size
      n.size = { w: n.offsetWidth, h: n.offsetHeight };
    }
    let angle = 0;
    if (item.along) {
      const [a, b] = item.along.map((q) => viewer.project(view, ...q));
      if (a && b) angle = upright((Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI);
    }
    const turned = Math.abs(Math.sin((angle * Math.PI) / 180));
    const w = n.size.w * (1 - turned) + n.size.h * turned;
    const h = n.size.h * (1 - turned) + n.size.w * turned;
    let x = p.x + (item.dx || 0);
    // An invitation is kept in the picture, clear of the tools on the right.
    if (item.kind === "pill") x = Math.min(Math.max(x, r.x + w / 2 + 12), r.x + r.width - w / 2 - TOOLS_PX);
    const y = p.y + (item.dy || 0) - (item.lift ? n.size.h / 2 + item.lift : 0);
    // Text pokes out of its view: better none than a cut word.
    if (x - w / 2 < r.x + 2 || x + w / 2 > r.x + r.width - 2 || y - h / 2 < r.y + 2 || y + h / 2 > r.y + r.height - 2) return null;
    return { x, y, w, h, angle };
  }

  function update() {
    const wanted = new Set();
    const { viewer } = app;
    const fade = viewer.flying && viewer.leaving ? Math.max(0, (viewer.progress - 0.6) / 0.4) : 1;
    layer.style.opacity = fade;
    for (let view = 0; view < viewer.views.length; view++) {
      const taken = [...app.panelBoxes()]; // a name under a button is no name
      const items = [...app.sceneLabels(view), ...(view === 0 ? names : [])].sort((a, b) => b.rank - a.rank);
      for (const item of items) {
        const key = `${view}:${item.key}`;
        const n = node(key, item);
        wanted.add(key);
        const box = place(item, view, n);
        const show = box && !taken.some((t) => touches(t, box));
        n.hidden = !show;
        if (!show) continue;
        taken.push(box);
        const turn = box.angle ? ` rotate(${box.angle.toFixed(1)}deg)` : "";
        // Whole pixels: text between pixels is blurred.
        n.style.transform = `translate(${Math.round(box.x - n.size.w / 2)}px,${Math.round(box.y - n.size.h / 2)}px)${turn}`;
      }
    }
    for (const [key, n] of nodes) {
      if (!wanted.has(key)) {
        n.remove();
        nodes.delete(key);
      }
    }
  }

  return {
    update,
    setNames(list) {
      names = list.map((h) => {
        const w = app.wells().find((q) => q.id === h.well);
        return w && {
          key: `name-${h.well}`, text: h.text, kind: "well", tone: "dark", rank: 20, strong: true,
          at: [w.x_m, w.y_m, -app.targetDepth(w)], dy: 40,
        };
      }).filter(Boolean);
    },
  };
}

/** Labels of a scene file in the current language, with rank and place. */
export function fromScene(scene, lang) {
  return (scene.labels || []).map((l) => ({
    key: l.id, text: l.text[lang] || l.text.en, kind: l.kind, tone: l.tone, strong: l.kind === "unit",
    rank: (PRIORITY[l.kind] ?? 5) + (l.priority ?? 5) / 10, at: l.at_m, along: l.along_m, id: l.id,
    lift: l.kind === "equipment" ? 14 : 0,
  }));
}

const touches = (a, b) =>
  Math.abs(a.x - b.x) < (a.w + b.w) / 2 + APART_PX / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2 + APART_PX / 4;

const upright = (deg) => (deg > 90 ? deg - 180 : deg < -90 ? deg + 180 : deg);
