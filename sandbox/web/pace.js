// When to draw. Frames are drawn on demand only, never while the previous one is still on the graphics
// processor, and sparingly where a frame is dear (software rasterisers): a pointer is never kept waiting.

export const SLOW_FRAME_MS = 40;
const CALM_INTERVAL_MS = 400;
const REST_MS = 200;
const HAND_REST_MS = 200; // a pause of the hand in which a dear frame takes nothing from the numbers

export class Pace {
  /** @param gl WebGL2 context; @param draw function(quality) that renders one frame now;
      @param drawn function called when a frame has left the processor */
  constructor(gl, draw, drawn = () => {}) {
    this.gl = gl;
    this.draw = draw;
    this.drawn = drawn;
    this.cost = isSoftware(gl) ? 150 : 8; // ms per frame, corrected by measurement
    this.frames = 0;
    this.dirty = false;
    this.calm = false; // a well is in the hand: the overlay shows the motion
    this.fence = null;
    this.timer = 0;
    this.lastStart = -1e9;
    this.movedAt = -1e9;
    this.handAt = -1e9; // when the hand that holds a well last moved
    this.lastQuality = 1;
    this.samples = [];
  }

  get slow() { return this.cost > SLOW_FRAME_MS; }

  /** Something changed; ``moving`` frames may be drawn with fewer pixels and are refined at rest. */
  invalidate(moving = false) {
    this.dirty = true;
    if (moving) this.movedAt = performance.now();
    this.schedule(0);
  }

  /** True while a frame is wanted or under way. */
  get busy() { return this.dirty || this.fence !== null; }

  schedule(wait) {
    if (this.timer) return;
    const run = () => { this.timer = 0; this.tick(); };
    // On a fast machine frames keep step with the screen; a timer does not wait for a busy compositor.
    if (wait <= 0 && !this.slow) {
      this.timer = -1;
      requestAnimationFrame(run);
    } else {
      this.timer = setTimeout(run, Math.max(wait, 1));
    }
  }

  tick() {
    this.poll();
    if (this.fence) return; // poll() draws again when the frame is done
    const now = performance.now();
    if (!this.dirty) return;
    const moving = now - this.movedAt < REST_MS;
    if (this.slow && this.calm) {
      // The figures run on the same processor: the picture follows when the hand pauses.
      const wait = Math.max(this.lastStart + CALM_INTERVAL_MS, this.handAt + HAND_REST_MS) - now;
      if (wait > 0) return this.schedule(wait);
    }
    this.render(this.slow && moving ? 0.5 : 1);
  }

  render(quality) {
    this.dirty = false;
    this.lastStart = performance.now();
    this.lastQuality = quality;
    this.draw(quality);
    this.frames += 1;
    const gl = this.gl;
    this.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    setTimeout(() => this.poll(), 4);
  }

  /** Has the frame left the processor? Measures it and goes on with what is still wanted. */
  poll() {
    const gl = this.gl;
    if (!this.fence) return;
    const state = gl.clientWaitSync(this.fence, 0, 0);
    const took = performance.now() - this.lastStart;
    if (state === gl.TIMEOUT_EXPIRED && took < 5000) {
      setTimeout(() => this.poll(), took < 30 ? 3 : 10);
      return;
    }
    gl.deleteSync(this.fence);
    this.fence = null;
    this.drawn();
    this.samples.push(took);
    if (this.samples.length > 200) this.samples.shift();
    // First frames compile shaders and upload buffers: they say nothing about the next ones.
    if (this.frames > 2 && this.lastQuality === 1) this.cost += 0.3 * (took - this.cost);
    if (this.dirty) this.schedule(0);
    else if (this.lastQuality < 1) this.refineAtRest();
  }

  refineAtRest() {
    const wait = this.movedAt + REST_MS - performance.now();
    setTimeout(() => {
      if (this.dirty || this.fence) return;
      if (performance.now() - this.movedAt < REST_MS - 5) return this.refineAtRest();
      this.dirty = true;
      this.schedule(1);
    }, Math.max(wait, 1) + 5);
  }
}

/** Whether WebGL runs on the CPU; asked once, to start carefully. */
export function isSoftware(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
  return /swiftshader|llvmpipe|software|basic render/i.test(String(name));
}
