import { crc32, inflateSync } from 'node:zlib';
import { Fault } from '#domain';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_SIDE_PIXELS = 1024;

/** Bit depths by colour type, and samples per pixel (PNG §11.2.1). */
const COLOUR_TYPES: Readonly<Record<number, { readonly depths: readonly number[]; readonly samples: number }>> = {
  0: { depths: [1, 2, 4, 8, 16], samples: 1 },
  2: { depths: [8, 16], samples: 3 },
  3: { depths: [1, 2, 4, 8], samples: 1 },
  4: { depths: [8, 16], samples: 2 },
  6: { depths: [8, 16], samples: 4 },
};

/** The chunks that stay between IHDR and IDAT, with the lengths they may have: a longer one could carry a message. */
const KEPT: Readonly<Record<string, (length: number) => boolean>> = {
  PLTE: (length) => length >= 3 && length <= 768 && length % 3 === 0,
  tRNS: (length) => length >= 1 && length <= 256,
  gAMA: (length) => length === 4,
  sRGB: (length) => length === 1,
  cHRM: (length) => length === 32,
  pHYs: (length) => length === 9,
};

/** First column, first row, column step and row step of each pass (PNG §8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Whether the bytes begin with PNG's signature (PNG §5.2), which SVG cannot. */
export function startsAsPng(bytes: Buffer): boolean {
  return bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE);
}

/**
 * A PNG without metadata, text, colour profile and animation (PNG §5). The pixels stay as they were compressed.
 * @param bytes begins with the signature
 * @returns the chunks that stay, or why the file is not a whole PNG
 */
export function cleanPng(bytes: Buffer): Buffer | Fault {
  const kept = new Map<string, Buffer>();
  const pixels: Buffer[] = [];
  let inPixels = false;
  let header: Buffer | undefined;
  let end: Buffer | undefined;
  for (let at = SIGNATURE.length; at < bytes.length; ) {
    if (end !== undefined) return new Fault('The PNG goes on after its end.');
    if (bytes.length - at < 12) return new Fault('The PNG is cut off.');
    const length = bytes.readUInt32BE(at);
    if (length > bytes.length - at - 12) return new Fault('The PNG is cut off.');
    const chunk = bytes.subarray(at, at + 12 + length);
    if (crc32(chunk.subarray(4, -4)) !== chunk.readUInt32BE(length + 8)) return new Fault('A checksum in the PNG is wrong.');
    const name = chunk.toString('latin1', 4, 8);
    if ((header === undefined) !== (name === 'IHDR')) return new Fault('The PNG does not begin with its one header.');
    if (name === 'IHDR') header = chunk;
    else if (name === 'IEND' && length === 0) end = chunk;
    else if (name === 'IDAT') {
      if (pixels.length > 0 && !inPixels) return new Fault('The pixels of the PNG do not stand together.');
      pixels.push(chunk);
    } else if (Object.hasOwn(KEPT, name)) {
      if (!KEPT[name]?.(length) || kept.has(name) || pixels.length > 0)
        return new Fault(`The ${name} part of the PNG is misplaced or malformed.`);
      kept.set(name, chunk);
    } else if (!/^[a-z][A-Za-z]{3}$/.test(name)) return new Fault('The PNG has an unknown critical part.');
    inPixels = name === 'IDAT';
    at += chunk.length;
  }
  if (header === undefined || end === undefined || pixels.length === 0) return new Fault('The PNG is cut off.');
  const size = rawBytes(header);
  if (size === undefined) return new Fault(`The header of the PNG is not valid, or a side is over ${MAX_SIDE_PIXELS} pixels.`);
  if (header[17] === 3 && !kept.has('PLTE')) return new Fault('The PNG has no palette.');
  if (!inflatesTo(size, Buffer.concat(pixels.map((chunk) => chunk.subarray(8, -4))))) {
    return new Fault('The pixels of the PNG are not what its header says.');
  }
  return Buffer.concat([SIGNATURE, header, ...kept.values(), ...pixels, end]);
}

/** Bytes of all rows with their filter bytes, or undefined if the IHDR chunk is not valid. */
function rawBytes(header: Buffer): number | undefined {
  if (header.length !== 25) return undefined;
  const [width, height] = [header.readUInt32BE(8), header.readUInt32BE(12)];
  const [depth, colour, compression, filter, interlace] = header.subarray(16, 21) as unknown as [number, number, number, number, number];
  const type = COLOUR_TYPES[colour];
  if (width < 1 || height < 1 || width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS) return undefined;
  if (!type?.depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) return undefined;
  const passes = interlace === 1 ? ADAM7 : ([[0, 0, 1, 1]] as const);
  return passes
    .map(([x, y, dx, dy]) => [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)] as const)
    .filter(([columns, rows]) => columns > 0 && rows > 0)
    .reduce((sum, [columns, rows]) => sum + rows * (1 + Math.ceil((columns * depth * type.samples) / 8)), 0);
}

/** Whether the stream gives exactly so many bytes and nothing stands behind it, where a second file could hide. */
function inflatesTo(size: number, stream: Buffer): boolean {
  try {
    const inflated = inflateSync(stream, { maxOutputLength: size, info: true }) as unknown as InflateInfo;
    return inflated.buffer.length === size && inflated.engine.bytesWritten === stream.length;
  } catch {
    return false;
  }
}

/** What zlib answers with under `info`; @types/node does not know of it. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
