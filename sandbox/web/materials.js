// Materials of the scene. Light comes from four lamps fixed to the camera, evaluated per vertex: cheap
// enough for software rasterisers, and nothing turns dark when the model is turned. Colours are shaded
// in display space (colour management off), so that hex values on the screen are those of the palette.
import * as THREE from "./vendor/three.module.min.js";
import { hexToRgb, lutTexture } from "./colormaps.js";

THREE.ColorManagement.enabled = false;

/** Lamps: key, fill, top and front in camera space; returns the factor for a surface colour. */
export const LIGHT_GLSL = /* glsl */ `
vec3 lamps(vec3 n, float ambient, float diffuse) {
  vec3 s = 0.78 * max(dot(n, vec3(-0.4103, 0.7294, 0.5471)), 0.0) * vec3(1.0, 0.965, 0.91)
         + 0.30 * max(dot(n, vec3(0.8093, 0.3113, 0.4980)), 0.0) * vec3(0.875, 0.918, 1.0)
         + 0.16 * max(n.y, 0.0) + 0.10 * max(n.z, 0.0);
  return vec3(ambient) + diffuse * s;
}
float glint(vec3 n, vec3 eye) {
  vec3 h = normalize(vec3(-0.4103, 0.7294, 0.5471) + eye);
  return pow(max(dot(n, h), 0.0), 28.0);
}`;

const VERTEX = /* glsl */ `
attribute vec4 rgba;
uniform vec3 uColor; uniform float uAmbient, uDiffuse, uSpecular, uTwoSided, uUnlit;
uniform vec2 uRange; uniform sampler2D uLut;
varying vec3 vColor; varying vec3 vLight; varying vec3 vGlint;
#ifdef SCALAR
attribute float scalar; varying float vScalar;
#endif
#ifdef RASTER
varying vec2 vPlace;
#endif
${LIGHT_GLSL}
void main() {
  vec4 mv = modelViewMatrix * vec4(position, 1.0);
  vec3 n = normalize(normalMatrix * normal);
  if (uTwoSided > 0.5 && dot(n, mv.xyz) > 0.0) n = -n;
  #ifdef VERTEX_COLOR
  vColor = rgba.rgb;
  #else
  vColor = uColor;
  #endif
  #ifdef SCALAR
  vScalar = scalar;
  #endif
  #ifdef RASTER
  vPlace = position.xy;
  #endif
  vLight = mix(lamps(n, uAmbient, uDiffuse), vec3(1.0), uUnlit);
  vGlint = vec3(uSpecular * glint(n, normalize(-mv.xyz)));
  gl_Position = projectionMatrix * mv;
}`;

const FRAGMENT = /* glsl */ `
uniform float uOpacity, uIso; uniform vec2 uRange; uniform sampler2D uLut;
varying vec3 vColor; varying vec3 vLight; varying vec3 vGlint;
#ifdef SCALAR
varying float vScalar;
#endif
#ifdef RASTER
varying vec2 vPlace; uniform vec4 uBox; uniform sampler2D uRaster; uniform float uRasterOn;
#endif
void main() {
  vec3 c = vColor;
  #ifdef SCALAR
  if (vScalar > -9.0e4) {
    c = texture2D(uLut, vec2(clamp((vScalar - uRange.x) / (uRange.y - uRange.x), 0.0, 1.0), 0.5)).rgb;
    float w = fwidth(vScalar / uIso);
    float d = abs(fract(vScalar / uIso - 0.5) - 0.5) / max(w, 1e-5);
    c = mix(c, vec3(1.0), 0.42 * (1.0 - smoothstep(0.25, 1.1, d)) * (1.0 - smoothstep(0.3, 0.8, w)));
  }
  #endif
  #ifdef RASTER
  if (uRasterOn > 0.5) { // classes stand for themselves: what has none is paper
    vec2 q = (vPlace - uBox.xy) / uBox.zw;
    vec4 k = q == clamp(q, 0.0, 1.0) ? texture2D(uRaster, q) : vec4(0.0);
    c = mix(vec3(0.80, 0.81, 0.82), k.rgb, k.a);
  }
  #endif
  c = c * vLight + vGlint;
  gl_FragColor = vec4(c, uOpacity);
}`;

/** Uniforms that every surface has; values are per material. */
function uniforms(options) {
  const { color = "#cccccc", opacity = 1, unlit = false, doubleSided = false, specular = 0.03 } = options;
  return {
    uColor: { value: new THREE.Vector3(...hexToRgb(color).map((v) => v / 255)) },
    uAmbient: { value: options.ambient ?? 0.36 },
    uDiffuse: { value: options.diffuse ?? 0.64 },
    uSpecular: { value: specular },
    uTwoSided: { value: doubleSided ? 1 : 0 },
    uUnlit: { value: unlit ? 1 : 0 },
    uOpacity: { value: opacity },
    uRange: { value: new THREE.Vector2(0, 1) },
    uIso: { value: options.iso ?? 1 },
    uLut: { value: options.lut ? lutTexture(options.lut) : null },
    ...(options.raster ? { uBox: { value: new THREE.Vector4(0, 0, 1, 1) }, uRaster: { value: null }, uRasterOn: { value: 0 } } : {}),
  };
}

export function surfaceMaterial(options = {}) {
  const opacity = options.opacity ?? 1;
  const defines = {};
  if (options.vertexColor) defines.VERTEX_COLOR = "";
  if (options.scalar) defines.SCALAR = "";
  if (options.raster) defines.RASTER = "";
  return new THREE.ShaderMaterial({
    defines,
    uniforms: uniforms(options),
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    side: options.doubleSided ? THREE.DoubleSide : THREE.FrontSide,
    transparent: opacity < 1,
    depthWrite: opacity >= 1,
    polygonOffset: Boolean(options.offset),
    polygonOffsetFactor: options.offset || 0,
    polygonOffsetUnits: options.offset || 0,
  });
}

/** Wide lines in screen space; slightly pulled to the eye, so that edges drawn on faces stay whole. */
export function lineMaterial(options = {}) {
  const { color = "#23191b", opacity = 1, widthPx = 1.5 } = options;
  return new THREE.ShaderMaterial({
    uniforms: {
      uColor: { value: new THREE.Vector3(...hexToRgb(color).map((v) => v / 255)) },
      uOpacity: { value: opacity },
      uWidth: { value: widthPx },
      uPixels: LINE_PIXELS,
    },
    vertexShader: /* glsl */ `
attribute vec3 head; attribute vec3 tail;
uniform float uWidth; uniform vec2 uPixels; varying float vAcross;
void main() {
  vec4 a = modelViewMatrix * vec4(head, 1.0);
  vec4 b = modelViewMatrix * vec4(tail, 1.0);
  float near = -0.02; // a segment that passes behind the eye is cut there
  if (a.z > near) a = mix(b, a, (near - b.z) / (a.z - b.z));
  if (b.z > near) b = mix(a, b, (near - a.z) / (b.z - a.z));
  vec4 pa = projectionMatrix * a;
  vec4 pb = projectionMatrix * b;
  vec2 d = (pb.xy / pb.w - pa.xy / pa.w) * uPixels;
  vec2 n = normalize(vec2(-d.y, d.x) + vec2(1e-9));
  vec4 p = position.x < 0.5 ? pa : pb;
  p.xy += n * position.y * (0.5 * uWidth + 0.5) / uPixels * 2.0 * p.w;
  p.z -= 2e-4 * p.w;
  vAcross = position.y * (0.5 * uWidth + 0.5);
  gl_Position = p;
}`,
    fragmentShader: /* glsl */ `
uniform vec3 uColor; uniform float uOpacity, uWidth; varying float vAcross;
void main() {
  float edge = clamp(0.5 * uWidth + 0.5 - abs(vAcross), 0.0, 1.0);
  gl_FragColor = vec4(uColor, uOpacity * edge);
}`,
    transparent: true,
    depthWrite: false,
    side: THREE.DoubleSide,
  });
}

/** Size of the current viewport in device pixels, shared by every line material. */
export const LINE_PIXELS = { value: new THREE.Vector2(1, 1) };

/** Full-screen copy of a render target with a weight: sums two stages during a flight. */
export function blendMaterial() {
  return new THREE.ShaderMaterial({
    uniforms: { uMap: { value: null }, uWeight: { value: 1 } },
    vertexShader: "varying vec2 vUv; void main() { vUv = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
    fragmentShader: /* glsl */ `
uniform sampler2D uMap; uniform float uWeight; varying vec2 vUv;
void main() { gl_FragColor = texture2D(uMap, vUv) * uWeight; }`,
    blending: THREE.CustomBlending,
    blendSrc: THREE.OneFactor,
    blendDst: THREE.OneFactor,
    blendSrcAlpha: THREE.OneFactor,
    blendDstAlpha: THREE.OneFactor,
    depthTest: false,
    depthWrite: false,
    transparent: true,
  });
}

/** Vertical gradient behind everything. Part of the picture, not of the page: an opaque canvas is much
 * cheaper to compose with what lies over it, and exported pictures have it too. */
export function backdrop() {
  const material = new THREE.ShaderMaterial({
    uniforms: { uTop: { value: new THREE.Vector3() }, uBottom: { value: new THREE.Vector3() } },
    vertexShader: "varying float vUp; void main() { vUp = uv.y; gl_Position = vec4(position.xy, 0.9999, 1.0); }",
    fragmentShader: "uniform vec3 uTop, uBottom; varying float vUp; void main() { gl_FragColor = vec4(mix(uBottom, uTop, vUp), 1.0); }",
    depthTest: false,
    depthWrite: false,
  });
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material);
  mesh.frustumCulled = false;
  mesh.renderOrder = -100;
  mesh.setTheme = (dark) => {
    const [top, bottom] = dark ? ["#1a2836", "#0b141d"] : ["#f3f6f8", "#cfdae2"];
    material.uniforms.uTop.value.fromArray(hexToRgb(top).map((v) => v / 255));
    material.uniforms.uBottom.value.fromArray(hexToRgb(bottom).map((v) => v / 255));
  };
  mesh.setTheme(false);
  return mesh;
}
