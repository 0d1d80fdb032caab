/** What is thrown once the time is over. */
export function timeIsOver(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}

/**
 * What the work answers, if it does so in time and before `until` fires. The work gets a signal to hand on; if whoever gets it does not hear, nobody waits longer all the same.
 * Timer and listener are held here until the work has ended: of `AbortSignal.timeout` inside `AbortSignal.any`, and of what a `fetch` has made of a signal,
 * nothing but weak references may be left on Node 20, and a collection of garbage then ends the time limit.
 * @throws DOMException `TimeoutError` when the time is over, or why `until` has fired
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>, until?: AbortSignal): Promise<T> {
  until?.throwIfAborted();
  const ending = new AbortController();
  const stop = (): void => ending.abort(until?.reason);
  const timer = setTimeout(() => ending.abort(timeIsOver()), ms);
  until?.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(ending.signal), firing(ending.signal)]);
  } finally {
    clearTimeout(timer);
    until?.removeEventListener('abort', stop);
  }
}

function firing(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
