/**
 * Makes a thing once for each text: at most `max` are kept, and the one that was not asked for the longest goes first. What `make` throws is not kept.
 */
export function compiledOnce<T>(max: number, make: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    const found = kept.get(text);
    const made = found ?? make(text);
    if (found !== undefined) kept.delete(text);
    else if (kept.size >= max) kept.delete(kept.keys().next().value as string);
    // A text as long as this would make the cache a store of texts.
    if (text.length <= MAX_KEPT_TEXT) kept.set(text, made);
    return made;
  };
}

const MAX_KEPT_TEXT = 65_536;

/** Makes a thing when it is wanted first, and never again: large libraries are loaded so, and to ask Node.js for one costs each time. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
