import type { Command } from 'commander';
import { Fault, isFault, type PersonNumber, parsePersonNumber } from '#domain';
import { FILE_FAULT } from './ports.js';
import { readSecretInput } from './secret-input.js';

/** Reads one person number from standard input. */
export async function readPersonNumber(): Promise<PersonNumber | Fault> {
  const text = await readSecretInput('Person number');
  if (text === '') return new Fault('is missing: standard input holds nothing');
  return /[\r\n]/.test(text) ? new Fault('stands on a line of its own: standard input holds more than one') : parsePersonNumber(text);
}

/** The same; anything else ends the command. */
export async function personNumberOf(command: Command): Promise<PersonNumber> {
  const person = await readPersonNumber();
  return isFault(person) ? command.error(`error: the person number ${person.detail}`, { code: FILE_FAULT }) : person;
}
