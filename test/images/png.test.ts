import { crc32, deflateSync } from 'node:zlib';
import t from 'tap';
import { isFault } from '#domain';
import { makeLogoSafe } from '#images';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function chunk(name: string, data: Buffer | string = ''): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), Buffer.from(data as string, 'latin1')]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(body.length - 4, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function header(width = 3, height = 2, depth = 8, colour = 6, interlace = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

const PIXELS = chunk('IDAT', deflateSync(Buffer.alloc(2 * (1 + 3 * 4), 1)));
const END = chunk('IEND');
const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks]);
const PLAIN = png(header(), PIXELS, END);

async function bytesOf(file: Buffer): Promise<Buffer | string> {
  const safe = await makeLogoSafe(file, 'image/png');
  return isFault(safe) ? safe.detail : safe.bytes;
}

t.test('a plain PNG comes out byte for byte', async (t) => {
  t.same(await makeLogoSafe(PLAIN, 'image/png'), { type: 'image/png', bytes: PLAIN });
});

t.test('palette, transparency, gamma, colour space and pixel size stay', async (t) => {
  const palette = png(
    header(8, 1, 1, 3),
    chunk('gAMA', Buffer.alloc(4, 1)),
    chunk('sRGB', Buffer.alloc(1)),
    chunk('cHRM', Buffer.alloc(32)),
    chunk('pHYs', Buffer.alloc(9)),
    chunk('PLTE', Buffer.alloc(6)),
    chunk('tRNS', Buffer.alloc(2)),
    chunk('IDAT', deflateSync(Buffer.alloc(2))),
    END,
  );
  t.same(await bytesOf(palette), palette);
});

t.test('text, time, profile, camera data and unknown extras are dropped, wherever they stand', async (t) => {
  for (const name of ['tEXt', 'zTXt', 'iTXt', 'tIME', 'iCCP', 'eXIf', 'bKGD', 'caBX', 'prVt']) {
    const extra = chunk(name, 'Comment\0<script>alert(1)</script>');
    t.same(await bytesOf(png(header(), extra, PIXELS, extra, END)), PLAIN, name);
  }
});

t.test('an animated PNG comes out as its still picture', async (t) => {
  const animated = png(
    header(),
    chunk('acTL', Buffer.alloc(8)),
    chunk('fcTL', Buffer.alloc(26)),
    PIXELS,
    chunk('fcTL', Buffer.alloc(26)),
    chunk('fdAT', 'more'),
    END,
  );
  t.same(await bytesOf(animated), PLAIN);
});

t.test('an interlaced PNG of any small size holds what its passes need', async (t) => {
  // Counted pixel by pixel, as the figure of the 8 by 8 pattern in PNG §8.2 shows it.
  const figure = ['16462646', '77777777', '56565656', '77777777', '36463646', '77777777', '56565656', '77777777'];
  for (const [width, height] of [1, 2, 3, 5, 8, 9].flatMap((w) => [1, 2, 4, 7, 10].map((h) => [w, h] as const))) {
    let size = 0;
    for (const pass of '1234567') {
      const rows = Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => figure[y % 8]?.[x % 8] === pass));
      for (const row of rows) {
        const count = row.filter(Boolean).length;
        if (count > 0) size += 1 + count * 3;
      }
    }
    const file = png(header(width, height, 8, 2, 1), chunk('IDAT', deflateSync(Buffer.alloc(size))), END);
    t.same(await bytesOf(file), file, `${width} by ${height}`);
  }
});

t.test('a PNG that is cut off anywhere is refused', async (t) => {
  for (let length = 0; length < PLAIN.length; length++) t.type(await bytesOf(PLAIN.subarray(0, length)), 'string', `${length} bytes`);
});

t.test('a PNG with any one bit turned is refused', async (t) => {
  for (let i = 0; i < PLAIN.length * 8; i++) {
    const turned = Buffer.from(PLAIN);
    turned.writeUInt8(turned.readUInt8(i >> 3) ^ (1 << (i & 7)), i >> 3);
    const answer = await bytesOf(turned);
    if (typeof answer !== 'string') t.fail(`bit ${i}`);
  }
});

t.test('a second file behind the PNG, or behind its pixels, is refused', async (t) => {
  const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(30)]);
  t.equal(await bytesOf(Buffer.concat([PLAIN, zip])), 'The PNG goes on after its end.');
  t.equal(await bytesOf(png(header(), PIXELS, END, END)), 'The PNG goes on after its end.');
  const stream = deflateSync(Buffer.alloc(26));
  t.equal(
    await bytesOf(png(header(), chunk('IDAT', Buffer.concat([stream, zip])), END)),
    'The pixels of the PNG are not what its header says.',
  );
});

t.test('a bomb is refused before it is inflated', async (t) => {
  const bomb = chunk('IDAT', deflateSync(Buffer.alloc(100_000_000), { level: 9 }));
  const before = performance.now();
  t.equal(await bytesOf(png(header(), bomb, END)), 'The pixels of the PNG are not what its header says.');
  t.ok(performance.now() - before < 200);
  t.equal(await bytesOf(png(header(3, 3), PIXELS, END)), 'The pixels of the PNG are not what its header says.', 'nor too few');
});

t.test('a header outside the standard or our size is refused', async (t) => {
  const wrong = [
    header(0),
    header(3, 0),
    header(1025),
    header(3, 1025),
    header(0xffffffff, 0xffffffff),
    header(3, 2, 3),
    header(3, 2, 4, 2),
  ];
  for (const bad of [...wrong, header(3, 2, 16, 3), header(3, 2, 8, 5), header(3, 2, 8, 6, 2), chunk('IHDR', 'short')]) {
    t.match(await bytesOf(png(bad, PIXELS, END)), /header/);
  }
});

t.test('parts that are missing, misplaced, doubled or unknown are refused', async (t) => {
  const files = {
    'no pixels': png(header(), END),
    'no end': png(header(), PIXELS),
    'no header': png(PIXELS, END),
    'text before the header': png(chunk('tEXt', 'x'), header(), PIXELS, END),
    'two headers': png(header(), header(), PIXELS, END),
    'pixels apart': png(header(), PIXELS, chunk('tEXt', 'x'), PIXELS, END),
    'an end with data': png(header(), PIXELS, chunk('IEND', 'x')),
    'an unknown critical part': png(header(), chunk('ABCD'), PIXELS, END),
    'gamma with a message': png(header(), chunk('gAMA', 'a long message'), PIXELS, END),
    'gamma twice': png(header(), chunk('gAMA', 'abcd'), chunk('gAMA', 'abcd'), PIXELS, END),
    'a late palette': png(header(), PIXELS, chunk('PLTE', 'abc'), END),
    'no palette': png(header(3, 2, 8, 3), chunk('IDAT', deflateSync(Buffer.alloc(8))), END),
  };
  for (const [title, file] of Object.entries(files)) t.type(await bytesOf(file), 'string', title);
});

t.test('the content decides, not the declared type', async (t) => {
  for (const start of ['GIF89a', '\xff\xd8\xff\xe0\0\x10JFIF', 'RIFF\0\0\0\0WEBP', '<svg xmlns="http://www.w3.org/2000/svg"/>', ' ']) {
    t.equal(await bytesOf(Buffer.from(start, 'latin1')), 'The content of the logo is not image/png.');
  }
  t.match(await makeLogoSafe(PLAIN, 'image/svg+xml'), { detail: 'The content of the logo is not image/svg+xml.' });
});

t.test('an empty logo and one over the limit are refused', async (t) => {
  t.equal(await bytesOf(Buffer.alloc(0)), 'The logo is empty.');
  const extra = (length: number) => png(header(), chunk('tEXt', Buffer.alloc(length)), PIXELS, END);
  const room = 131_072 - extra(0).length;
  t.same(await bytesOf(extra(room)), PLAIN);
  t.equal(await bytesOf(extra(room + 1)), 'A logo is at most 131072 bytes.');
});
