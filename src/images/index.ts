// What strangers upload to be shown as a logo, made safe to serve from our own origin: PNG and SVG, nothing else.
// The bytes that come out are judged by content, carry no metadata, script or reference to elsewhere, and come out the same again.
// Where logos are kept, who may change one and which headers they are served with is decided elsewhere.
// The rooms that take an upload may call; it knows #domain only. jsdom is loaded at the first SVG, not at start.
export { type LogoType, MAX_LOGO_BYTES, makeLogoSafe, type SafeImage } from './logo.js';
