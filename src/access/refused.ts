const refused = new WeakSet<object>();

/** Marks what is thrown as the policy's no, however it is answered: refusals count against the caller's limit. */
export function asRefusal<Thrown extends object>(thrown: Thrown): Thrown {
  refused.add(thrown);
  return thrown;
}

/** Whether what was thrown is the policy's no. */
export function wasRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && refused.has(error);
}
