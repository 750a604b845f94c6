// Panels that lie over the scene (a drawer on a narrow screen, a sheet, the charts): how much of its edges they
// cover. The picture is centred on the rest and the controls over it move there, so that no panel hides a well.

const PANELS = ".drawerhost > .drawer, .mid > :is(.dock, .xp, .rp)";
const LEAST_PX = { width: 360, height: 240 }; // a picture smaller than this serves nobody: the panel wins
const COVERS = 0.45; // of an edge: what is smaller lies in the picture like a label
const NEAR_PX = 24;

/** Pixels covered at each edge of a box, of panels given as boxes; the least of the picture is kept. */
export function covered(box, panels) {
  const inset = { left: 0, top: 0, right: 0, bottom: 0 };
  for (const p of panels) {
    const width = Math.min(p.right, box.right) - Math.max(p.left, box.left);
    const height = Math.min(p.bottom, box.bottom) - Math.max(p.top, box.top);
    if (width < 2 || height < 2) continue;
    const tall = height > COVERS * (box.bottom - box.top), wide = width > COVERS * (box.right - box.left);
    if (tall && !wide && p.left - box.left < NEAR_PX) inset.left = Math.max(inset.left, Math.round(p.right - box.left));
    else if (tall && !wide && box.right - p.right < NEAR_PX) inset.right = Math.max(inset.right, Math.round(box.right - p.left));
    else if (wide && !tall && box.bottom - p.bottom < NEAR_PX) inset.bottom = Math.max(inset.bottom, Math.round(box.bottom - p.top));
  }
  if (box.right - box.left - inset.left - inset.right < LEAST_PX.width) inset.right = 0;
  if (box.right - box.left - inset.left < LEAST_PX.width) inset.left = 0;
  if (box.bottom - box.top - inset.bottom < LEAST_PX.height) inset.bottom = 0;
  return inset;
}

/** Measure the panels over the scene, tell the viewer, and keep the controls over it clear of them. */
export function makeRoom(app) {
  if (app.held && app.held.handle !== "replay") return; // what is in the hand must not move under it
  const box = app.surface.getBoundingClientRect();
  const panels = [...document.querySelectorAll(PANELS)].map((panel) => panel.getBoundingClientRect());
  const inset = app.get("workspace") === "explore" ? covered(box, panels) : covered(box, []);
  for (const [side, px] of Object.entries(inset)) app.surface.parentElement.style.setProperty(`--over-${side}`, `${px}px`);
  app.viewer.setInset(inset);
}
