import type { KeyObject } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { openedBy } from './cipher.js';

/** Texts to open, each with where it stands, and the keys that may open them, the likeliest first. */
export interface OpeningTask {
  readonly id: number;
  readonly keys: readonly KeyObject[];
  readonly sealed: readonly string[];
  readonly boundTo: readonly string[];
}

/** The texts of a task, in their order; undefined for one that no key opens. */
export interface OpenedTexts {
  readonly id: number;
  readonly opened: readonly (string | undefined)[];
}

parentPort?.on('message', ({ id, keys, sealed, boundTo }: OpeningTask) => {
  const opened = sealed.map((text, i) => {
    const bytes = Buffer.from(text, 'base64url');
    for (const key of keys) {
      const found = openedBy(key, bytes, boundTo[i] as string);
      if (found !== undefined) return found;
    }
    return undefined;
  });
  parentPort?.postMessage({ id, opened } satisfies OpenedTexts);
});
