import type { Config } from 'dompurify';
import { Fault, holdsPersonNumber, isFault } from '#domain';
import { drawsWithinLimit, elementsOf, readOutline } from './svg-limits.js';

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const MAX_WASHES = 3;

const PROFILE: Config & { IN_PLACE: true } = {
  IN_PLACE: true,
  USE_PROFILES: { svg: true, svgFilters: true },
  NAMESPACE: SVG_NAMESPACE,
  ALLOWED_NAMESPACES: [SVG_NAMESPACE],
  // DOMPurify leaves `use` out because of references to elsewhere, which are taken away below.
  ADD_TAGS: ['use'],
  // A logo stands still and embeds no other picture; foreignObject, script, animate and set are not in the profile.
  FORBID_TAGS: ['metadata', 'image', 'feimage', 'animatecolor', 'animatemotion', 'animatetransform', 'mpath', 'view'],
  ALLOW_DATA_ATTR: false,
  KEEP_CONTENT: false,
  // A picture has no document of ours whose names an id could shadow, and `title` is a common one.
  SANITIZE_DOM: false,
};

const FUNCTIONS = new Set(
  `url rgb rgba hsl hsla calc var matrix matrix3d translate translatex translatey scale scalex scaley rotate skewx skewy skew
  polygon circle ellipse inset path blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia`.split(/\s+/),
);

type Wash = (text: string) => string | Fault;
let washing: Promise<Wash> | undefined;

/** The picture as well-formed SVG without script and without a reference to elsewhere, or why it cannot be one. */
export async function cleanSvg(bytes: Buffer): Promise<Buffer | Fault> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new Fault('The SVG is not UTF-8.');
  }
  let before = readOutline(text);
  if (isFault(before)) return before;
  washing ??= openWash();
  const wash = await washing;
  // Only what a further wash leaves alone is kept: a picture that reads differently when read again is how filters are passed.
  for (let i = 0; i < MAX_WASHES; i++) {
    const after = wash(before);
    if (isFault(after)) return after;
    if (after === before) return Buffer.from(after);
    before = after;
  }
  return new Fault('The SVG does not come to rest when it is cleaned.');
}

/** Kept for the life of the process: loading jsdom takes longer than any logo. */
async function openWash(): Promise<Wash> {
  const [{ JSDOM, VirtualConsole }, { default: createPurify }] = await Promise.all([import('jsdom'), import('dompurify')]);
  // jsdom runs no script and loads nothing unless `runScripts` or `resources` is given. The console is one that nobody listens to.
  const { window } = new JSDOM('', { virtualConsole: new VirtualConsole() });
  const purify = createPurify(window);
  // Without support DOMPurify hands back what it was given.
  if (!purify.isSupported) throw new Error('DOMPurify does not work with this jsdom.');
  return (text) => {
    const document = new window.DOMParser().parseFromString(text, 'image/svg+xml');
    const root = document.documentElement;
    if (root.localName === 'parsererror') return new Fault('The SVG is not well-formed XML.');
    if (root.nodeName !== 'svg' || root.namespaceURI !== SVG_NAMESPACE) {
      return new Fault(`The outermost element is not svg in the namespace ${SVG_NAMESPACE}, without a prefix.`);
    }
    try {
      purify.sanitize(root, PROFILE);
    } catch {
      // It throws where it cannot vouch for what is left.
      return new Fault('The SVG cannot be cleaned.');
    }
    for (const element of elementsOf(root)) keepToItself(element);
    if (elementsOf(root).some(isReadAsPerson)) return new Fault('A text of the SVG holds what looks like a person number.');
    if (!drawsWithinLimit(root)) return new Fault('The references of the SVG go in a ring or repeat too much.');
    return new window.XMLSerializer().serializeToString(root);
  };
}

const TEXTS = new Set(['title', 'desc', 'text', 'tspan', 'textPath']);

function isReadAsPerson({ localName, textContent, id }: Element): boolean {
  return holdsPersonNumber(id) || (TEXTS.has(localName) && holdsPersonNumber(textContent ?? ''));
}

/** Takes away what leads out of the picture. */
function keepToItself(element: Element): void {
  if (element.localName === 'style' && !isLocalCss(element.textContent ?? '')) {
    element.remove();
    return;
  }
  for (const attribute of [...element.attributes]) {
    const { localName, value } = attribute;
    const stays = localName === 'href' ? element.localName !== 'a' && /^#[^\s"'()<>\\%]+$/.test(value) : isLocalCss(value);
    if (!stays) element.removeAttributeNode(attribute);
  }
}

/** Whether CSS reaches for nothing but `url(#…)`. By what is known to be harmless: image-set() and src() load without the word url. */
function isLocalCss(css: string): boolean {
  // An escape can spell any name, and of the at-rules only @media names nothing to load.
  if (/[\\<]|@(?!media\b)/i.test(css)) return false;
  return Array.from(css.matchAll(/(?<![\w-])([\w-]*)\(/g)).every(
    ([, name = ''], i, all) =>
      (name === '' || FUNCTIONS.has(name.toLowerCase())) && (!/^url$/i.test(name) || isLocalUrl(css, all[i]?.index ?? 0)),
  );
}

function isLocalUrl(css: string, at: number): boolean {
  return /^url\(\s*(["']?)#[^\s"'()<>\\%]+\1\s*\)/i.test(css.slice(at, at + 300));
}
