// Reads the binary container "GSB1": magic, header length, JSON header, aligned buffers.
// One format serves the scenery of a scale and the yearly temperature maps of a scheme.

const MAGIC = "GSB1";
let pending = 0;

/** How many downloads are under way: the page is not settled before this is zero. */
export const loading = () => pending;

/** @returns {{header: object, view: (spec, type, width) => TypedArray}} */
export function parseContainer(buffer) {
  const head = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error(`not a ${MAGIC} container: ${JSON.stringify(magic)}`);
  const length = head.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const base = 8 + length;
  const view = (spec, Type, width = 1) =>
    spec ? new Type(buffer, base + spec.offset, spec.count * width) : null;
  return { header, view };
}

export async function fetchContainer(url, signal) {
  pending += 1;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    return parseContainer(await response.arrayBuffer());
  } finally {
    pending -= 1;
  }
}

/** Meshes of a scene file as plain typed arrays (metres, local frame, z up). */
export function readScene({ header, view }) {
  const meshes = header.meshes.map((m) => {
    const attributes = {};
    for (const [name, spec] of Object.entries(m.attributes || {})) attributes[name] = view(spec, Float32Array, 1);
    return {
      ...m,
      tags: m.tags || {},
      material: m.material || {},
      position: view(m.position, Float32Array, 3),
      index: view(m.index, Uint32Array, 1),
      color: view(m.color, Uint8Array, 4),
      uv: view(m.uv, Float32Array, 2),
      attributes,
    };
  });
  return { ...header, meshes };
}

/** Yearly maps: uint8 layers with their range, row 0 in the south. */
export function readFrames({ header, view }) {
  const { nx, ny, years } = header;
  const cells = nx * ny;
  const layers = (spec) => (spec ? view({ offset: spec.offset, count: cells * years.length }, Uint8Array) : null);
  return { ...header, cells, temperatureBytes: layers(header.temperature), pressureBytes: layers(header.pressure) };
}

export async function loadScene(url) {
  return readScene(await fetchContainer(url));
}

export async function loadFrames(url, signal) {
  return readFrames(await fetchContainer(url, signal));
}
