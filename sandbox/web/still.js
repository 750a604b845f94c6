// A picture of the canvas in its place while a well is in the hand, where WebGL is drawn in software.
// Every frame of the page blends the canvas and all that lies over it anew, on the same processor that
// computes the numbers; a plain picture is painted once. Measured: half the cost of a composited frame.

const HEADER = 14 + 108; // file header and BITMAPV4HEADER

export class Still {
  /** @param gl WebGL2 context; @param canvas its canvas, whose place in the page the picture takes */
  constructor(gl, canvas) {
    this.gl = gl;
    this.canvas = canvas;
    this.wanted = false;
    this.buffer = null;
    this.read = null; // {width, height} of pixels on their way
    this.image = null;
    this.turn = 0;
  }

  get shown() { return this.image !== null; }

  /** From the next frame on show pictures, until ``end``. */
  begin() { this.wanted = true; }

  /** The canvas itself again; the picture stays until ``drawn`` says that the canvas is up to date. */
  end() { this.wanted = false; }

  /** Right after a frame was drawn, in the same task: copy it without waiting for it. */
  copy() {
    if (!this.wanted) return;
    const { gl } = this;
    const width = gl.drawingBufferWidth, height = gl.drawingBufferHeight;
    this.buffer ??= gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.buffer);
    if (this.bytes !== width * height * 4) {
      this.bytes = width * height * 4;
      gl.bufferData(gl.PIXEL_PACK_BUFFER, this.bytes, gl.STREAM_READ);
    }
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    this.read = { width, height };
  }

  /** The frame has left the processor: show its picture, or the canvas when no picture is wanted. */
  async drawn() {
    const { read } = this;
    this.read = null;
    if (!this.wanted) return this.remove();
    if (!read) return;
    const turn = ++this.turn;
    const image = new Image();
    image.className = "gs-still";
    image.alt = "";
    image.draggable = false;
    const url = URL.createObjectURL(this.bitmap(read));
    image.src = url;
    try {
      await image.decode();
    } catch {
      return; // the canvas is still there
    } finally {
      URL.revokeObjectURL(url);
    }
    if (!this.wanted || turn !== this.turn) return;
    this.canvas.after(image);
    this.canvas.style.visibility = "hidden";
    this.image?.remove();
    this.image = image;
  }

  remove() {
    if (!this.image) return;
    this.canvas.style.visibility = "";
    this.image.remove();
    this.image = null;
  }

  /** Pixels as they lie in the buffer (RGBA, from the bottom) behind a BMP header: nothing is encoded. */
  bitmap({ width, height }) {
    const { gl } = this;
    const bytes = new Uint8Array(HEADER + this.bytes);
    const h = new DataView(bytes.buffer, 0, HEADER);
    const u32 = (at, v) => h.setUint32(at, v, true);
    h.setUint16(0, 0x4d42, true);
    u32(2, bytes.length);
    u32(10, HEADER);
    u32(14, 108);
    u32(18, width);
    u32(22, height);
    h.setUint16(26, 1, true);
    h.setUint16(28, 32, true);
    u32(30, 3); // the masks below say where red, green and blue are; no alpha
    u32(34, this.bytes);
    u32(54, 0x000000ff);
    u32(58, 0x0000ff00);
    u32(62, 0x00ff0000);
    u32(70, 0x73524742); // sRGB
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, bytes, HEADER);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    return new Blob([bytes], { type: "image/bmp" });
  }
}
