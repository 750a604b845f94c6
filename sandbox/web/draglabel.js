// The card beside the hand: what is held, how far it went, how deep it is, what the rules say.
import { el, symbol } from "./symbols.js";
import { bearing, grouped, metres, word } from "./words.js";

const WIDTH = 276;
const GAP = 44;
const GLYPH = { ok: "✓", soft: "!", hard: "✕" };
const LINES = 3;

export class DragLabel {
  constructor(root, app) {
    this.app = app;
    this.node = document.createElement("div");
    this.node.className = "gs-drag-label";
    this.node.hidden = true;
    this.node.setAttribute("role", "status");
    root.append(this.node);
  }

  hide() {
    clearTimeout(this.later);
    this.node.hidden = true;
  }

  /** Moves with every event; its words change at most so often (ms), because they must be painted. */
  show(held, bounds, every) {
    const now = performance.now();
    if (this.node.hidden || now - this.written > every) this.write(held, now);
    clearTimeout(this.later);
    this.later = setTimeout(() => { if (this.app.held === held) this.write(held, performance.now()); }, every + 20);
    this.place(held.screen, bounds);
  }

  write(held, now) {
    this.written = now;
    this.node.replaceChildren(this.head(held), ...this.facts(held), ...held.findings.slice(0, LINES).map((f) => this.finding(f)));
    this.node.hidden = false;
    this.height = this.node.offsetHeight;
  }

  head(held) {
    const { app } = this;
    const icon = el("svg", { viewBox: "-11 -11 22 22", width: 18, height: 18, class: `gs-icon ${held.kind}` });
    icon.append(...symbol(held.kind, 8));
    const name = text("b", held.id);
    const kind = text("span", app.word(held.kind));
    const badge = text("span", app.word("estimate"), "gs-badge");
    const row = div("gs-row gs-head");
    row.append(icon, name, kind, badge);
    return row;
  }

  facts(held) {
    const { app } = this;
    const dx = held.at[0] - held.start[0], dy = held.at[1] - held.start[1];
    const rows = [fact(app.word("delta"), `${metres(Math.hypot(dx, dy))}`, bearing(app.lang, dx, dy))];
    if (held.handle === "target") {
      rows.push(fact(app.word("depth"), `${grouped(held.at[2])} m`, app.word("snapped")));
      const p = held.paths[0];
      rows.push(fact(app.word("inclination"), `${Math.round(p.inclinationDeg)}°`, `${app.word("dogleg")} ${p.doglegDeg30m.toFixed(1)}°/30 m`));
    } else {
      const worst = held.paths.reduce((a, p) => Math.max(a, p.doglegDeg30m), 0);
      const note = held.handle === "pad" ? app.word("wells_along", { n: held.wells.length }) : app.word("on_ground");
      rows.push(fact(app.word("dogleg"), `${worst.toFixed(1)}°/30 m`, note));
    }
    return rows;
  }

  finding(f) {
    const { app } = this;
    const row = div(`gs-finding ${f.severity}`);
    row.append(text("i", GLYPH[f.severity], "gs-glyph"), this.sentence(f));
    row.title = f.rule?.text || "";
    return row;
  }

  /** Rule, measured value and limit in one line, always with both numbers when a limit is broken. */
  sentence(f) {
    const { app } = this;
    const s = document.createElement("span");
    const rule = f.severity === "ok" ? "" : ` · ${app.word(f.severity)}`;
    if (f.kind === "dogleg") {
      s.append(`${app.word("dogleg_limit")} `, text("b", `${f.distance.toFixed(1)}°`), ` > ${f.limit}°/30 m${rule}`);
      return s;
    }
    if (f.kind === "keep_out") {
      s.append(app.word("keep_out", { name: f.other.name }), rule);
      return s;
    }
    if (f.kind === "area") {
      s.append(app.word("area"), rule);
      return s;
    }
    const kind = f.other?.kind ? capital(app.word(f.other.kind), app.lang) : "";
    const name = f.other?.name || f.other?.id || "";
    const lead = app.word(f.kind, { kind, name });
    const broken = f.severity !== "ok";
    const sign = f.kind === "reach" ? ">" : "<";
    if (!broken && f.kind === "fault" && app.lang === "en") s.append(`${lead} `, `${metres(f.distance)} away`);
    else s.append(`${lead} `, text("b", metres(f.distance)), broken ? ` ${sign} ${metres(f.limit)}${rule}` : "");
    return s;
  }

  /** Up and right of the hand; flips at the borders of the view. */
  place(p, bounds) {
    const h = this.height;
    const right = p.x + GAP + WIDTH < bounds.x + bounds.width - 8;
    const x = right ? p.x + GAP : p.x - GAP - WIDTH;
    const above = p.y - GAP - h > bounds.y + 8;
    const y = above ? p.y - GAP - h : Math.min(p.y + GAP, bounds.y + bounds.height - h - 8);
    this.node.style.transform = `translate(${Math.round(Math.max(x, bounds.x + 8))}px,${Math.round(y)}px)`;
  }
}

const capital = (s, lang) => (lang === "en" ? s.charAt(0).toUpperCase() + s.slice(1) : s);

function div(cls) {
  const d = document.createElement("div");
  d.className = cls;
  return d;
}

function text(tag, content, cls = "") {
  const t = document.createElement(tag);
  if (cls) t.className = cls;
  t.textContent = content;
  return t;
}

function fact(label, value, note) {
  const row = div("gs-row gs-fact");
  row.append(text("span", label, "gs-key"), text("b", value), text("span", note, "gs-note"));
  return row;
}
