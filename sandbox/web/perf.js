// How long people wait, measured where they see it: pointer to KPI text, pointer to handle, release to
// simulated value. Figures stay in the page; `geosandbox bench` reads them through the test hook.

const KEPT = 500;

export class Perf {
  constructor() {
    this.marks = { "drag-kpi": [], "drag-frame": [], "release-refined": [] };
    this.sentAt = new Map();
    this.releasedAt = 0;
    this.framed = false;
  }

  add(name, ms) {
    const list = this.marks[name];
    list.push(Math.round(ms * 10) / 10);
    if (list.length > KEPT) list.shift();
  }

  /** A position went to the server. */
  sent(seq, time) {
    this.sentAt.set(seq, time);
    if (this.sentAt.size > KEPT) this.sentAt.delete(this.sentAt.keys().next().value);
  }

  /** The handle was moved; counted when the frame with it has been produced. One at a time is enough. */
  drawn(time) {
    if (this.framed) return;
    this.framed = true;
    requestAnimationFrame(() => afterTask(() => {
      this.framed = false;
      this.add("drag-frame", performance.now() - time);
    }));
  }

  /** KPIs of a position arrived; a task later Vue has written them into the page. */
  answered(seq) {
    const time = this.sentAt.get(seq);
    if (time === undefined) return;
    for (const k of this.sentAt.keys()) if (k <= seq) this.sentAt.delete(k);
    afterTask(() => this.add("drag-kpi", performance.now() - time));
  }

  released(time) { this.releasedAt = time; }

  /** All values are simulated again. */
  refined() {
    const time = this.releasedAt;
    if (!time) return;
    this.releasedAt = 0;
    afterTask(() => this.add("release-refined", performance.now() - time));
  }
}

/** After the current task and its microtasks, without the clamping of timers. */
function afterTask(callback) {
  const channel = new MessageChannel();
  channel.port1.onmessage = callback;
  channel.port2.postMessage(0);
}
