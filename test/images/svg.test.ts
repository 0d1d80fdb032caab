import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { isFault } from '#domain';
import { MAX_LOGO_BYTES, makeLogoSafe } from '#images';

/** Of the processor, by all threads: a busy machine does not make a picture dearer. */
const spentMs = (since: NodeJS.CpuUsage): number => process.cpuUsage(since).user / 1000;

const OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">';
const SHAPE = '<path id="p" d="M0 0h9v9z"/>';
const svg = (inside: string) => `${OPEN}${inside}${SHAPE}</svg>`;

/** The cleaned text; every answer is washed again on the way and must not change. */
async function clean(text: string | Buffer): Promise<string> {
  const first = await makeLogoSafe(Buffer.from(text as string), 'image/svg+xml');
  if (isFault(first)) throw new Error(first.detail);
  const again = await makeLogoSafe(first.bytes, 'image/svg+xml');
  t.same(again, first, 'cleaning it again changes nothing');
  return first.bytes.toString();
}

async function faultOf(text: string | Buffer): Promise<string> {
  const answer = await makeLogoSafe(Buffer.from(text as string), 'image/svg+xml');
  return isFault(answer) ? answer.detail : `accepted: ${answer.bytes.toString().slice(0, 200)}`;
}

t.test('a plain SVG with gradients, clips, filters, styles and uses survives whole', async (t) => {
  const good = svg(
    '<title id="title">Tilgang &amp; co</title><defs>' +
      '<linearGradient id="g" gradientTransform="rotate(45)"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="rgb(1, 2, 3)"/></linearGradient>' +
      '<radialGradient id="r" xlink:href="#g"/><clipPath id="c"><circle r="4"/></clipPath>' +
      '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs>' +
      '<style>.a{fill:url(#g)} .b{stroke:url("#r")} @media (prefers-color-scheme: dark){.a{fill:#fff}}</style>' +
      '<g class="a" clip-path="url(#c)" filter="url(#f)" style="fill: url(#g); opacity: .5" transform="translate(1 2) scale(.5)"><rect width="3" height="3"/></g>' +
      '<use href="#p" x="1"/><use xlink:href="#p"/><text x="1" y="2">Æøå<tspan>!</tspan></text>',
  );
  t.equal(await clean(good), good);
});

t.test('an XML declaration, a byte order mark, comments and CDATA go, what they hold or stand before stays', async (t) => {
  t.equal(await clean(`\ufeff<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- <!DOCTYPE x> -->${svg('<!-- x -->')}`), svg(''));
  t.equal(await clean(svg('<style><![CDATA[.a{fill:red}]]></style>')), svg('<style>.a{fill:red}</style>'));
});

const ATTACKS: Record<string, string> = {
  'a script': '<script>alert(1)</script>',
  'a script in CDATA': '<script><![CDATA[alert(1)]]></script>',
  'a script from elsewhere': '<script href="https://evil.example/x.js"/>',
  'a script under a prefix': '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>',
  'a script of HTML': '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
  'a script of HTML under a prefix': '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
  'a style of HTML': '<style xmlns="http://www.w3.org/1999/xhtml">@import "https://evil.example"; x{</style>',
  'a foreign object': '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>',
  'an iframe': '<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/>',
  'HTML in a title': '<title><a xmlns="http://www.w3.org/1999/xhtml" href="javascript:alert(1)">x</a></title>',
  MathML: '<math xmlns="http://www.w3.org/1998/Math/MathML"><maction actiontype="statusline" href="javascript:alert(1)">x</maction></math>',
  'an event': '<g onload="alert(1)" onclick="alert(1)" ONERROR="alert(1)"/>',
  'an event under a prefix': '<g xmlns:e="http://www.w3.org/2001/xml-events" e:onload="alert(1)"/>',
  'a script link': '<a href="javascript:alert(1)"><text>x</text></a>',
  'a script link with entities': '<a xlink:href="&#x6a;ava&#10;script&#58;alert(1)"><text>x</text></a>',
  'a script link with spaces': '<a href=" &#1;&#9;java&#9;script:alert(1)"/>'.replace('&#1;', ''),
  'a link under another prefix': '<a xmlns:q="http://www.w3.org/1999/xlink" q:href="javascript:alert(1)"/>',
  'a link to elsewhere': '<a href="https://evil.example/"><text>x</text></a>',
  'a base elsewhere': '<g xml:base="https://evil.example/"><use href="#p"/></g>',
  'a use from elsewhere': '<use href="https://evil.example/x.svg#a"/><use xlink:href="//evil.example/x#a"/><use href="x.svg#evil"/>',
  'a use of data': '<use href="data:image/svg+xml;base64,PHN2Zz4=#evil"/>',
  'an image from elsewhere': '<image href="https://evil.example/x.png"/><image xlink:href="data:image/png;base64,evil"/>',
  'a filter image': '<filter id="f"><feImage href="https://evil.example/x.png"/></filter>',
  'a gradient from elsewhere': '<linearGradient href="https://evil.example/x.svg#g"/>',
  'a paint from elsewhere':
    '<rect fill="url(https://evil.example/#a)"/><rect mask="url( \'//evil.example\' )"/><g filter="URL(evil.svg#a)"/>',
  'a second paint from elsewhere': '<rect fill="url(#p) url(https://evil.example)"/>',
  'a style attribute': '<rect style="background:url(https://evil.example)"/>',
  'an escaped style attribute': '<rect style="background:u\\72l(https://evil.example)"/>',
  'a style with image-set': '<rect style="background:image-set(\'https://evil.example\' 1x)"/>',
  'a style that imports': '<style>@import "https://evil.example/x.css";</style>',
  'a style that imports with an escape': '<style>@\\69mport "https://evil.example/x.css";</style>',
  'a style that imports in CDATA': '<style>@im<![CDATA[port "https://evil.example/x.css";]]></style>',
  'a style that imports by elements': '<style>@im<g/>port "https://evil.example/x.css";</style>',
  'a style with a font': '<style>@font-face{font-family:x;src:url(https://evil.example)}</style>',
  'a style with an address': '<style>*{fill:url(https://evil.example#a)}</style>',
  'a style with a commented address': '<style>*{background:url(/*#*/https://evil.example)}</style>',
  'a style with an expression': '<style>*{width:expression(evil())}</style>',
  'an animation of a link': '<a><animate attributeName="href" values="javascript:alert(1)"/><text>x</text></a>',
  'a set of a link': '<a><set attributeName="xlink:href" to="javascript:alert(1)"/></a>',
  'an animation of an event': '<g><animateTransform attributeName="transform" onbegin="alert(1)" to="evil"/></g>',
  'a handler': '<handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">alert(1)</handler>',
  'a listener': '<listener event="load" handler="#evil"/>',
  'a discard': '<discard href="#p"/>',
  'an mXSS style': '<style><a id="&lt;/style>&lt;img src=1 onerror=alert(1)>"/></style>',
  'an mXSS desc': '<desc><style><![CDATA[</style><img src=1 onerror=alert(1)>]]></style></desc>',
  'an mXSS attribute': '<g id="--!>&lt;img src=1 onerror=alert(1)>"/>',
  metadata: '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">evil</r:RDF></metadata>',
};

for (const [title, inside] of Object.entries(ATTACKS)) {
  t.test(`an SVG with ${title} comes out without it`, async (t) => {
    const text = await clean(svg(inside));
    t.notMatch(text, /script|alert|evil|\son\w+=|onerror|import|data:|xhtml|MathML|foreign|javascript|expression|<image|<img/i);
    t.match(text, SHAPE, 'and the rest stays');
  });
}

t.test('markup that stands as text stays text', async (t) => {
  const text = '<title>&lt;/title&gt;&lt;img src=1 onerror=alert(1)&gt;</title>';
  t.equal(await clean(svg(text)), svg(text));
  t.equal(await clean(svg('<text><![CDATA[a <b> & c]]></text>')), svg('<text>a &lt;b&gt; &amp; c</text>'));
});

t.test('a root with an event or a base loses it', async (t) => {
  t.equal(await clean(svg('').replace('viewBox', 'onload="alert(1)" xml:base="//evil.example/" viewBox')), svg(''));
});

t.test('a DOCTYPE, an entity and a processing instruction are refused, and so a billion laughs', async (t) => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  const documents = [
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${svg('')}`,
    `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<text>&x;</text>')}`,
    `<!doctype svg [<!ENTITY l0 "ha">${laughs}]>${svg('<text>&l9;</text>')}`,
    `<?xml version="1.0"?><?xml-stylesheet href="https://evil.example"?>${svg('')}`,
    svg('<?php echo 1 ?>'),
    ` <?xml version="1.0"?>${svg('')}`,
    svg('').replace('>', '>]]><!ENTITY x "y">'),
  ];
  for (const document of documents) t.match(await faultOf(document), /no DOCTYPE, entities or processing instructions/);
  t.match(await faultOf(svg('<text>&undefined;</text>')), /not well-formed/);
});

t.test('an encoding other than UTF-8 is refused', async (t) => {
  const utf16 = Buffer.from(svg(''), 'utf16le');
  t.equal(await faultOf(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])), 'The SVG is not UTF-8.');
  t.match(await faultOf(utf16), /not well-formed/);
  t.match(await faultOf(Buffer.from(utf16).swap16()), /not well-formed/);
  t.equal(await faultOf(Buffer.from(svg('<text>\xe6</text>'), 'latin1')), 'The SVG is not UTF-8.');
  for (const name of ['UTF-7', 'UTF-16', 'ISO-8859-1'])
    t.match(await faultOf(`<?xml version="1.0" encoding="${name}"?>${svg('')}`), /UTF-8/, name);
  t.match(await faultOf('+ADw-svg xmlns=+ACI-http://www.w3.org/2000/svg+ACI-/+AD4-'), /not well-formed/);
  t.equal(await faultOf(gzipSync(svg(''))), 'The SVG is not UTF-8.', 'a compressed one too');
});

t.test('what is not one well-formed svg element in its namespace is refused', async (t) => {
  const documents = [
    'x',
    '<svg xmlns="http://www.w3.org/2000/svg">',
    `${svg('')}<script>alert(1)</script>`,
    `<html>${svg('')}</html>`,
    `<!-- --><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>`,
    '<svg><path/></svg>',
    '<svg xmlns="http://www.w3.org/1999/xhtml"/>',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    '<SVG xmlns="http://www.w3.org/2000/svg"/>',
    '<parsererror/>',
    svg('<g a="1" a="2"/>'),
    svg('<g onload=alert(1) />'),
    svg('<text>\0</text>'),
    svg('<text>&#0;</text>'),
    svg('<x:g/>'),
    svg('</p><style><a id="</style><img src=1 onerror=alert(1)>">'),
    svg('<style><a id="</style><img src=1 onerror=alert(1)>"/></style>'),
    svg('<!-- -- --><g'),
    svg('<![CDATA[ x'),
  ];
  for (const document of documents) t.match(await faultOf(document), /not well-formed|outermost|no DOCTYPE/, document.slice(0, 150));
});

t.test('too many, too deep and too repeated are refused at once', async (t) => {
  const start = process.cpuUsage();
  t.match(await faultOf(svg('<g/>'.repeat(2500))), /2500 elements/);
  t.match(await faultOf(svg(`${'<g>'.repeat(65)}${'</g>'.repeat(65)}`)), /64 deep/);
  t.match(await faultOf(OPEN + '<g>'.repeat(43_000)), /64 deep/);
  t.match(await faultOf(svg(`<g ${Array.from({ length: 9000 }, (_, i) => `a${i}=""`).join(' ')}/>`)), /100 attributes/);
  t.match(await faultOf(`${OPEN}${'<'.repeat(130_000)}`), /not well-formed/);
  t.match(await faultOf(`${OPEN}<g ${'a="" b '.repeat(18_000)}`), /not well-formed/);
  const doubling = Array.from({ length: 30 }, (_, i) => `<g id="u${i + 1}"><use href="#u${i}"/><use href="#u${i}"/></g>`).join('');
  t.match(await faultOf(svg(`<path id="u0"/>${doubling}`)), /repeat too much/);
  t.match(await faultOf(svg(`<path id="u0"/>${doubling}<path id="u30"/>`)), /repeat too much/, 'with a harmless twin behind');
  t.match(await faultOf(svg('<g id="x"><use href="#y"/></g><g id="y" mask="url(#x)"/>')), /ring/);
  t.match(
    await faultOf(
      svg(
        '<g id="u0"/>' +
          Array.from({ length: 2000 }, (_, i) => `<use id="u${i + 1}" href="#u${i}"/>`)
            .reverse()
            .join(''),
      ),
    ),
    /repeat/,
  );
  for (const dense of ['<g/>'.repeat(2400), `<g style="${'-'.repeat(120_000)}"/>`, `<text>${'a<!---->'.repeat(15_000)}</text>`]) {
    t.notMatch(await faultOf(svg(dense)), /^An? /, 'and what is within the limits is quick too');
  }
  t.ok(spentMs(start) < 4000);
});

t.test('the largest SVG is cleaned in well under a second', async (t) => {
  const shapes = Array.from(
    { length: 1100 },
    (_, i) => `<path class="c${i}" fill="url(#g)" transform="rotate(${i})" style="opacity:.5" d="M${i} 0h9v9zM1 1h7v7z"/>`,
  );
  const largest = svg(shapes.join(''));
  t.ok(largest.length > 100_000 && largest.length < MAX_LOGO_BYTES);
  await clean(svg(''));
  const start = process.cpuUsage();
  t.notOk(isFault(await makeLogoSafe(Buffer.from(largest), 'image/svg+xml')));
  const took = spentMs(start);
  t.comment(`${largest.length} bytes in ${Math.round(took)} ms`);
  t.ok(took < 1500);
});

t.test('a person number is nowhere in a picture that everybody sees', async (t) => {
  for (const inside of [
    '<title>01819011067</title>',
    '<text>018190 <tspan>11067</tspan></text>',
    '<g id="n01819011067"/>',
    '<desc>01 81 90 11067</desc>',
  ]) {
    t.match(await faultOf(svg(inside)), /looks like a person number/, inside);
  }
  t.notMatch(await faultOf(svg('<path d="M018190 11067h1"/><text>22 33 44 55</text>')), /person number/);
});

t.test('an SVG that grows over the limit when it is written again is refused', async (t) => {
  t.match(await faultOf(svg(`<text>${'>'.repeat(130_000)}</text>`)), /also after it has been cleaned/);
});

t.test('jsdom is never loaded in the thread that answers requests', (t) => {
  const script = `
    import module from 'node:module';
    import { makeLogoSafe } from '#images';
    const loaded = () => Object.keys(module._cache).some((path) => path.includes('/jsdom/'));
    const before = loaded();
    await makeLogoSafe(Buffer.from('<svg/>'), 'image/svg+xml');
    process.stdout.write(before + ' ' + loaded());
  `;
  t.equal(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }), 'false false');
  t.end();
});
