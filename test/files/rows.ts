import { Fault } from '#domain';
import { type Row, type RowFormat, type RowOptions, readRows } from '#files';

/** A byte stream in chunks of `size`; all in one by default. */
export async function* bytes(content: string | Uint8Array, size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(content as string);
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

export async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** `[line, fields]`, or `[line, why]` for a faulty line. */
export async function read(format: RowFormat, content: string | Uint8Array, options?: RowOptions, size?: number): Promise<unknown[]> {
  const rows = await all(readRows(bytes(content, size), format, options));
  return rows.map(({ line, fields }) => [line, fields instanceof Fault ? fields.detail : { ...fields }]);
}
