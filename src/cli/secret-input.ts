import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What is typed by hand is far below. */
const MAX_CHARACTERS = 1024;

/**
 * A text from standard input that nobody else may see: arguments are seen by everybody in the list of processes. On a terminal it is asked for and not
 * shown. Blanks around it are left out; of what is too long only the beginning is read.
 * @param what it is, for the person at the terminal
 */
export async function readSecretInput(what: string): Promise<string> {
  return process.stdin.isTTY ? asked(what) : piped();
}

async function piped(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_CHARACTERS) break;
  }
  return text.trim();
}

async function asked(what: string): Promise<string> {
  process.stderr.write(`${what} (not shown): `);
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
