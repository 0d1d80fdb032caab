import { Readable } from 'node:stream';
import { exportGrants, importForOrganisation } from '#access';
import { present } from '#domain';
import { type RowFormat, type RowOptions, readRows, rowWriter } from '#files';
import { ProblemError } from '#problem';
import type { Place, Places } from '#serving';
import { bodyChunks, keptChunks } from '../body-chunks.js';
import { callerName } from '../callers.js';
import { idempotencyKey } from '../idempotency.js';
import { type BodyLimits, mediaType } from '../json-body.js';
import { appIdOf, orgnrIn } from '../path-names.js';
import { type Ask, answer, type Query } from './exchange.js';
import { importOut } from './wire.js';

const FORMATS: ReadonlyMap<string, RowFormat> = new Map([
  ['text/csv', 'csv'],
  ['application/jsonl', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
]);
const CHARSETS: ReadonlyMap<string, NonNullable<RowOptions['charset']>> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['iso-8859-1', 'iso-8859-1'],
  ['latin1', 'iso-8859-1'],
  ['windows-1252', 'windows-1252'],
]);
const COLUMNS = ['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason'];

/** More than may be given: a line may be blank, or a part of a record. They cost time, and are no rows that anybody counts. */
const MAX_LINES = 1_000_000;

/** Imports at once: each may hold a file in memory. */
const MAX_IMPORTS = 8;
/** Of one organisation, and of one caller: one more than needed, since an import that broke off is noticed late. */
const SHARE = 2;
const RETRY_SECONDS = 5;

function importPlaces(orgnr: string | undefined, caller: string): readonly Place[] {
  return [
    { of: 'imports', most: MAX_IMPORTS },
    { of: `imports of organisation ${orgnr}`, most: SHARE },
    { of: `imports of caller ${caller}`, most: SHARE },
  ];
}

/** Access of an organisation in and out by the file. */
export function fileHandlers(limits: BodyLimits, places: Places) {
  return {
    async importer({ access, ctx, request, params, query }: Ask<undefined, Query<'importer'>>) {
      const { type, charset: named = 'utf-8' } = mediaType(ctx.req, [...FORMATS.keys()]);
      const charset = CHARSETS.get(named);
      if (charset === undefined)
        throw new ProblemError('unsupported-media-type', { detail: `The charset is one of ${[...CHARSETS.keys()].join(', ')}.` });
      const key = idempotencyKey(ctx.req.headers['idempotency-key']);
      const orgnr = orgnrIn(params);
      const allOrNothing = query.altEllerIngenting === true;
      const dryRun = query.proving === true;
      const body = bodyChunks(ctx.req, limits);
      const chunks = allOrNothing && !dryRun ? keptChunks(body) : () => body;
      let giveBack: (() => void) | undefined;
      // The file is read once the caller has leave: whoever is refused takes no place from others.
      const rows = async function* (): ReturnType<typeof readRows> {
        giveBack ??= await places.take(importPlaces(orgnr, callerName(request.caller)), RETRY_SECONDS);
        yield* readRows(chunks(), FORMATS.get(type) as RowFormat, { charset, maxLines: MAX_LINES });
      };
      const report = await importForOrganisation(access, request, orgnr, rows, {
        mode: query.modus === 'erstatt' ? 'replace' : 'add',
        dryRun,
        allOrNothing,
        ...present({ idempotencyKey: key }),
      }).finally(() => giveBack?.());
      return answer(importOut(report));
    },
    async eksporter({ access, request, params, query }: Ask<undefined, Query<'eksporter'>>) {
      const appId = query.app === undefined ? undefined : appIdOf('app', query.app);
      const grants = await exportGrants(access, request, { orgnr: orgnrIn(params), appId });
      const format = query.format ?? 'csv';
      const writer = rowWriter(format, COLUMNS);
      // Read before the head is sent: what fails at once is answered as a problem. What fails later breaks the connection, so that nobody takes
      // what has come for the whole file.
      const reading = grants[Symbol.asyncIterator]();
      const first = await reading.next();
      const lines = async function* (): AsyncGenerator<string> {
        yield writer.head;
        for (let next = first; next.done !== true; next = await reading.next()) yield writer.line({ ...next.value });
      };
      return {
        status: 200,
        headers: {
          'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
          'Content-Disposition': `attachment; filename="tilganger.${format}"`,
          'X-Content-Type-Options': 'nosniff',
        },
        body: Readable.from(lines()),
      };
    },
  };
}
