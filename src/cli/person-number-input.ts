import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Fault, type PersonNumber, parsePersonNumber } from '#domain';

/** A person number with its line end is far below. */
const MAX_CHARACTERS = 1024;

/**
 * Reads one person number from standard input, since arguments are seen by everybody in the list of processes. On a terminal it is asked for
 * and not shown.
 */
export async function readPersonNumber(): Promise<PersonNumber | Fault> {
  const text = process.stdin.isTTY ? await asked() : await piped();
  if (text === '') return new Fault('is missing: standard input holds nothing');
  return /[\r\n]/.test(text) ? new Fault('stands on a line of its own: standard input holds more than one') : parsePersonNumber(text);
}

async function piped(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_CHARACTERS) break;
  }
  return text.trim();
}

async function asked(): Promise<string> {
  process.stderr.write('Person number (not shown): ');
  // The terminal is put into raw mode by readline, whose echo goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve).once('close', () => resolve(''));
  });
  lines.close();
  process.stderr.write('\n');
  return line.trim();
}
