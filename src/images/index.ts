// What strangers upload to be shown as a logo, made safe to serve from our own origin: PNG and SVG, nothing else.
// The bytes that come out are judged by content, carry no metadata, script or reference to elsewhere, and come out the same again.
// Where logos are kept, who may change one and which headers they are served with is decided elsewhere.
// The rooms that take an upload may call; it knows #domain only. The work is done in a thread, which loads jsdom at the first SVG.
export { type LogoType, MAX_LOGO_BYTES, type SafeImage } from './clean-logo.js';
export { makeLogoSafe } from './logo.js';
