// Playing the years. The scene follows every frame; the shared state is written a few times a second,
// because each write goes to the server and through every panel.

const WRITE_EVERY_MS = 125;

export class Player {
  constructor(app) {
    this.app = app;
    this.year = null;
    this.last = 0;
    this.written = 0;
    this.running = false;
  }

  /** Follow the state: called when ``playing`` changes. */
  sync(playing) {
    if (playing === this.running) return;
    this.running = playing;
    if (!playing) {
      if (this.year !== null) this.write(this.year);
      this.year = null;
      return;
    }
    const life = this.life;
    const now = Number(this.app.get("year")) || 0;
    this.year = now >= life - 1e-6 ? 0 : now;
    this.last = performance.now();
    this.tick();
  }

  get life() { return Number(this.app.get("life_years")) || 30; }

  tick() {
    if (!this.running) return;
    const now = performance.now();
    // No incomplete picture is played: time stands while maps are on their way.
    if (!this.app.loading()) this.year += ((now - this.last) / 1000) * (Number(this.app.get("speed")) || 2);
    this.last = now;
    if (this.year >= this.life) {
      this.year = this.life;
      this.app.bridge.set("playing", false);
      return this.sync(false);
    }
    this.app.showYear(this.year);
    if (now - this.written > WRITE_EVERY_MS) this.write(this.year);
    setTimeout(() => this.tick(), this.app.viewer.pace.slow ? 60 : 16);
  }

  write(year) {
    this.written = performance.now();
    this.app.bridge.set("year", Math.round(year * 100) / 100);
  }
}
