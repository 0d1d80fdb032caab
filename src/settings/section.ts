import type { FieldFault } from '#problem';
import type { Reader } from './readers.js';

/** One key: what may be written there, what it means, and what holds when nothing is written. */
export interface Setting<T> extends Reader<T> {
  /** What it is for, as the page says it. */
  readonly about: string;
  /** The default as the page says it. */
  readonly fallbackText: string;
  /** Whether its value is left out where the configuration is printed. */
  readonly isSecret: boolean;
  /** The value when nothing is written. */
  fallback(): T;
}

/** Settings by key: camelCase, the same word in the file, in code and (as TILGANG_CAMEL_CASE) in the environment. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table's settings, typed by their readers. */
export type ValuesOf<Table extends SettingTable> = { readonly [Key in keyof Table]: ReturnType<Table[Key]['read']> };

/** The settings of one room, or of one part of it. */
export interface Section<Table extends SettingTable = SettingTable> {
  /** Its heading on the page. */
  readonly title: string;
  readonly settings: Table;
  /** What is wrong with values that are right one by one; the detail names the setting. */
  faults(values: ValuesOf<Table>): readonly FieldFault[];
}

/**
 * A setting that always has a value.
 * @param fallback what counts when nothing is written; it is read as if it were written
 */
export function setting<T>(
  reader: Reader<T>,
  { fallback, ...told }: { readonly fallback: NoInfer<T>; readonly fallbackText?: string; readonly about: string },
): Setting<T> {
  return { ...reader, fallbackText: String(fallback), isSecret: false, ...told, fallback: () => reader.read(fallback) };
}

/**
 * A setting that is undefined when nothing is written.
 * @param otherwise what is done then, for the page
 */
export function optional<T>(
  reader: Reader<T>,
  { otherwise, about, isSecret = false }: { readonly otherwise: string; readonly about: string; readonly isSecret?: boolean },
): Setting<T | undefined> {
  return { ...reader, fallbackText: otherwise, isSecret, about, fallback: () => undefined };
}

/**
 * A section of settings.
 * @param faults finds the values that do not go together, which no reader sees
 */
export function section<const Table extends SettingTable>(
  title: string,
  settings: Table,
  faults: (values: ValuesOf<Table>) => readonly FieldFault[] = () => [],
): Section<Table> {
  return Object.freeze({ title, settings, faults });
}
