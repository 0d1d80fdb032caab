import { ProblemError } from '#problem';
import type { AccessParts } from './parts.js';

/**
 * Asks one rule of the bundle that judges now.
 * @throws ProblemError `evaluation-failed` if it fails or gives another shape: that is neither a yes nor a no
 */
export async function askPolicy<T>(
  { policy }: Pick<AccessParts, 'policy'>,
  entrypoint: string,
  input: unknown,
  isAnswer: (value: unknown) => value is T,
): Promise<{ readonly answer: T; readonly policyRevision: string }> {
  const bundle = policy();
  let value: unknown;
  try {
    value = await bundle.evaluate(entrypoint, input);
  } catch (cause) {
    throw new ProblemError('evaluation-failed', { cause });
  }
  if (isAnswer(value)) return { answer: value, policyRevision: bundle.revision };
  const gave = value === undefined ? 'nothing' : 'another shape than it declares';
  throw new ProblemError('evaluation-failed', { cause: new Error(`${entrypoint} gave ${gave}`) });
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
