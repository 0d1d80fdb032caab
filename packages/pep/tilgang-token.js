#!/usr/bin/env node
// Writes a Maskinporten token for a proxy that cannot fetch one: the standard output is the line of nginx, or the token alone.
// Usage: tilgang-token <settings.json> [--nginx]; settings.json holds what maskinportenToken() is given.
import { readFileSync } from 'node:fs';
import { maskinportenToken } from './index.js';

const [file, form] = process.argv.slice(2);
if (file === undefined || (form !== undefined && form !== '--nginx')) {
  process.stderr.write('usage: tilgang-token <settings.json> [--nginx]\n');
  process.exit(2);
}
try {
  const token = await maskinportenToken(JSON.parse(readFileSync(file, 'utf8')))();
  process.stdout.write(form === undefined ? `${token}\n` : `proxy_set_header Tilgang-Authorization "Bearer ${token}";\n`);
} catch (error) {
  process.stderr.write(`${error.name === 'NoAnswer' || error.code !== undefined ? error.message : `${file} is not what maskinportenToken() is given`}\n`);
  process.exit(1);
}
