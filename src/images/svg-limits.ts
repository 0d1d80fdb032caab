import { Fault } from '#domain';

const MAX_ELEMENTS = 2500;
const MAX_DEPTH = 64;
const MAX_ATTRIBUTES = 100;
/** Elements that a browser draws when every reference is followed; `use` in `use` doubles with each step. */
const MAX_DRAWN = 50_000;
const MAX_STEPS = 512;

const XML_DECLARATION =
  /^<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/i;
const MARKUP = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\/[^<>]*>|<[^\s<>!?/](?:[^<>"']|"[^<"]*"|'[^<']*')*>/y;

/**
 * The document without XML declaration and comments, and with CDATA as plain text. One linear pass before a parser sees it,
 * so that a bomb costs nothing; whether the markup is well-formed is left to the parser.
 */
export function readOutline(document: string): string | Fault {
  const text = document.replace(XML_DECLARATION, '');
  let elements = 0;
  let depth = 0;
  let end = 0;
  const parts: string[] = [];
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', end)) {
    MARKUP.lastIndex = at;
    const markup = MARKUP.exec(text)?.[0];
    if (markup === undefined) {
      return /^<[!?]/.test(text.slice(at, at + 2)) && !text.startsWith('<!--', at)
        ? new Fault('An SVG logo has no DOCTYPE, entities or processing instructions, and no other encoding than UTF-8.')
        : new Fault('The SVG is not well-formed XML.');
    }
    parts.push(text.slice(end, at));
    end = MARKUP.lastIndex;
    if (markup.startsWith('<!--')) continue;
    if (markup.startsWith('<![')) {
      parts.push(markup.slice(9, -3).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
      continue;
    }
    parts.push(markup);
    if (markup.startsWith('</')) depth--;
    else {
      elements++;
      if ((markup.match(/"[^"]*"|'[^']*'/g)?.length ?? 0) > MAX_ATTRIBUTES)
        return new Fault(`An element has over ${MAX_ATTRIBUTES} attributes.`);
      if (!markup.endsWith('/>')) depth++;
    }
    if (elements > MAX_ELEMENTS) return new Fault(`An SVG logo has at most ${MAX_ELEMENTS} elements.`);
    if (depth > MAX_DEPTH) return new Fault(`The elements of an SVG logo are nested at most ${MAX_DEPTH} deep.`);
  }
  return parts.join('') + text.slice(end);
}

/** Whether the picture stays small when its references are followed, and none leads back to itself. */
export function drawsWithinLimit(root: Element): boolean {
  // Backwards, so that the first of several alike ids wins, as in a browser.
  const byId = new Map(
    elementsOf(root)
      .reverse()
      .map((element) => [element.id, element]),
  );
  const known = new Map<Element, number>();
  const drawn = (element: Element, steps: number): number => {
    const before = known.get(element);
    if (before !== undefined) return before;
    if (steps > MAX_STEPS) return Number.POSITIVE_INFINITY;
    // Whoever comes back here while it is being counted goes in a ring.
    known.set(element, Number.POSITIVE_INFINITY);
    const referred = [...element.attributes].flatMap(({ localName, value }) =>
      localName === 'href' ? [value.slice(1)] : Array.from(value.matchAll(/url\(\s*["']?#([^\s"')]+)/gi), ([, id]) => id as string),
    );
    const next = [...childrenOf(element), ...referred.map((id) => byId.get(id)).filter((target) => target !== undefined)];
    const sum = next.reduce((total, each) => total + drawn(each, steps + 1), 1);
    known.set(element, sum);
    return sum;
  };
  return drawn(root, 0) <= MAX_DRAWN;
}

/** The element and everything below it, in document order. */
export function elementsOf(root: Element): Element[] {
  return [root, ...childrenOf(root).flatMap(elementsOf)];
}

/** Step by step, since jsdom looks up each entry of a live collection by name as well, which is quadratic. */
function childrenOf(parent: Element): Element[] {
  const children: Element[] = [];
  for (let child = parent.firstElementChild; child !== null; child = child.nextElementSibling) children.push(child);
  return children;
}
