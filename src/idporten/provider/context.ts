import type { AsyncLocalStorage } from 'node:async_hooks';

// Of the library's inside, which says nothing of its types.
const INSIDE = 'oidc-provider/lib/helpers/als.js';
const { default: context } = (await import(INSIDE)) as { readonly default: AsyncLocalStorage<object> };

let atWork = 0;

/**
 * Work in which the provider finds the request that it answers. While it can, Node tells of every promise of the process, which costs a decision a tenth of
 * its time: so it ends with the last one at work, and begins with the next.
 */
export async function inContext(work: () => Promise<void>): Promise<void> {
  atWork += 1;
  try {
    await work();
  } finally {
    atWork -= 1;
    if (atWork === 0) context.disable();
  }
}
