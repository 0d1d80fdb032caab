import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFault, parseBundleRevision } from '#domain';
import { BUILD_FLAGS } from '#policy';
import { type PolicyFolder, TESTS } from './folder.js';
import { type Opa, saidBy } from './opa.js';
import { refused } from './refused.js';

/** How a bundle is built. */
export interface Building {
  readonly revision?: string;
  /** Rules to ask besides those that METADATA names; with them the tests are built in. */
  readonly testRules?: readonly string[];
}

/** Builds the bundle of a folder and answers its bytes. @throws ProblemError `authoring-refused` with what OPA says */
export async function buildBundle(opa: Opa, { path }: PolicyFolder, { revision, testRules }: Building): Promise<Buffer> {
  const scratch = await mkdtemp(join(tmpdir(), 'tilgang-policy-'));
  try {
    const out = join(scratch, 'bundle.tar.gz');
    const named = testRules === undefined ? ['--ignore', TESTS] : testRules.flatMap((rule) => ['-e', rule]);
    const run = await opa.run(
      ['build', '-b', ...BUILD_FLAGS, ...named, ...(revision === undefined ? [] : ['-r', revision]), '-o', out, '.'],
      path,
    );
    if (!run.isDone) throw refused(`opa build: ${saidBy(run)}`);
    return await readFile(out);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * The revision of a bundle that nobody has named one for: the moment, in UTC, or the next one whose digits do not read as a person number. A later one is never less.
 * @param ms since the epoch
 * @param stepMs how fine: to the second, or to the millisecond
 */
export function revisionAt(ms: number, stepMs: 1000 | 1 = 1000): string {
  const [day = '', time = ''] = new Date(ms).toISOString().split('T');
  const second = `${day.replaceAll('-', '.')}.${time.slice(0, 8).replaceAll(':', '')}`;
  const text = stepMs === 1 ? `${second}.${ms % 1000}` : second;
  return isFault(parseBundleRevision(text)) ? revisionAt(ms + stepMs, stepMs) : text;
}
