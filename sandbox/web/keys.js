// Keyboard: camera, scales, time, and every edit that the mouse can do. Silent while text is being typed
// and while an input method composes Chinese.

const NUDGE_M = 50;
const FACES = { n: 180, e: 270, s: 0, w: 90 }; // looking towards north, east, south, west

export function installKeys(app) {
  const listener = (e) => {
    if (e.isComposing || e.keyCode === 229 || (typing(e.target) && !leaving(e))) return;
    if (handle(app, e)) {
      e.preventDefault();
      e.stopPropagation();
    }
  };
  window.addEventListener("keydown", listener);
  return () => window.removeEventListener("keydown", listener);
}

function typing(node) {
  if (!(node instanceof Element)) return false;
  return Boolean(node.closest("input, textarea, select, [contenteditable=''], [contenteditable=true], [role=slider], [role=spinbutton]"));
}

/** Escape leaves a slider or a box to tick; in a text field it puts the text back. */
function leaving(e) {
  return e.key === "Escape" && e.target instanceof HTMLInputElement && ["range", "checkbox", "radio"].includes(e.target.type);
}

/** Arrow keys and space belong to a focused button, tab or list; letters and digits do not. */
function ownedByControl(e) {
  return e.target instanceof Element && Boolean(e.target.closest("button, a, [role=tab], [role=menuitem], [role=treeitem], [role=option], [role=radio], summary"));
}

function handle(app, e) {
  const command = e.ctrlKey || e.metaKey;
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  if (command) return commandKey(app, key, e.shiftKey);
  if (e.altKey) return false;
  if (key === "Escape") return app.escape();
  if (key === "Enter" && app.mode && app.pointer) return app.finishMode(app.pointer), true;
  if (key.startsWith("Arrow")) return !ownedByControl(e) && arrow(app, key, e.shiftKey);
  if (key === " ") return !ownedByControl(e) && app.togglePlay();
  if (key === "Delete" || key === "Backspace") return !ownedByControl(e) && app.deleteSelected();
  return letter(app, key);
}

function commandKey(app, key, shift) {
  if (key === "z") return app.act(shift ? "redo" : "undo", {}), true;
  if (key === "y") return app.act("redo", {}), true;
  if (key === "d") return app.act("scheme_duplicate", {}), true;
  return false;
}

function letter(app, key) {
  const scales = { 1: "basin", 2: "field", 3: "site" };
  if (scales[key]) return app.setScale(scales[key]), true;
  if (key === "h" || key === "Home") return app.viewer.home(), true;
  if (FACES[key] !== undefined) return app.viewer.flyTo({ azimuth: FACES[key] }), true;
  if (key === "t") return app.viewer.flyTo({ elevation: 89 }), true;
  if (key === "f") return app.frameSelection(), true;
  if (key === "m") return app.startMove(), true;
  if (key === "r") return app.replay(), true;
  if (key === "[" || key === "]") return app.stepCamera(key === "[" ? -1 : 1), true;
  if (key === "?") return app.toggle("help_open"), true;
  return false;
}

/** Arrows move the selected well on the screen's nearest compass direction; without one they step the year. */
function arrow(app, key, shift) {
  if (app.get("selected") && app.editable()) {
    const step = NUDGE_M * (shift ? 10 : 1);
    const [dx, dy] = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
    app.nudge(dx * step, dy * step);
    return true;
  }
  if (key === "ArrowLeft" || key === "ArrowRight") return app.stepYear(key === "ArrowRight" ? 1 : -1), true;
  return false;
}
