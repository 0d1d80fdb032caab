// Writes src/policy/builtins/zones.gen.ts: the time zones (IANA, public domain) as Go has them, which is what OPA's time built-ins answer from.
// Usage: make zones, with Go on PATH; when a new version of Go brings new zones.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const goroot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
const version = /^CODE=(\S+)/m.exec(readFileSync(`${goroot}/lib/time/update.bash`, 'utf8'))?.[1];
const files = storedFiles(readFileSync(`${goroot}/lib/time/zoneinfo.zip`));

// Many names have the same rules.
const namesByRules = new Map();
for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const rules = bytes.toString('latin1');
  namesByRules.set(rules, [...(namesByRules.get(rules) ?? []), name]);
}
const index = Buffer.from(JSON.stringify([...namesByRules].map(([rules, names]) => [rules.length, ...names])));
const size = Buffer.alloc(4);
size.writeUInt32BE(index.length);
const all = Buffer.concat([size, index, ...[...namesByRules.keys()].map((rules) => Buffer.from(rules, 'latin1'))]);
const text = brotliCompressSync(all).toString('base64');
const target = fileURLToPath(new URL('../src/policy/builtins/zones.gen.ts', import.meta.url));
writeFileSync(
  target,
  `// Made by make zones. Do not edit.

/** The time zones of IANA, ${version}, as TZif (RFC 9636) behind a list of their lengths and names; in brotli and base64. */
export const ZONES =
  '${text}';
`,
);
process.stdout.write(`${files.size} zones of ${version}: ${target}\n`);

/** The files of a zip archive that does not compress (Go's). */
function storedFiles(zip) {
  const found = new Map();
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const [method, bytes, nameLength, extraLength] = [
      zip.readUInt16LE(at + 8),
      zip.readUInt32LE(at + 18),
      zip.readUInt16LE(at + 26),
      zip.readUInt16LE(at + 28),
    ];
    const flags = zip.readUInt16LE(at + 6);
    if (method !== 0 || (flags & 8) !== 0) throw new Error('zoneinfo.zip is compressed: this reads stored files only');
    const name = zip.toString('utf8', at + 30, at + 30 + nameLength);
    const start = at + 30 + nameLength + extraLength;
    if (!name.endsWith('/')) found.set(name, zip.subarray(start, start + bytes));
    at = start + bytes;
  }
  return found;
}
