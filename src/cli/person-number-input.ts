import { Fault, type PersonNumber, parsePersonNumber } from '#domain';
import { readSecretInput } from './secret-input.js';

/** Reads one person number from standard input. */
export async function readPersonNumber(): Promise<PersonNumber | Fault> {
  const text = await readSecretInput('Person number');
  if (text === '') return new Fault('is missing: standard input holds nothing');
  return /[\r\n]/.test(text) ? new Fault('stands on a line of its own: standard input holds more than one') : parsePersonNumber(text);
}
