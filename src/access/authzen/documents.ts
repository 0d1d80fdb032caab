import type { Asking } from './asking.js';
import { assertMayAsk, type Decided } from './evaluate.js';
import type { JudgedKinds } from './judged-kinds.js';
import { askKinds } from './kinds.js';

/**
 * What the document of this name says of an input, as an OPA that has the bundle would: `undefined` where its rule is, and where there is none, or
 * none for this caller.
 * @param path compared letter by letter with what bundles declare
 * @throws MayNotAsk if the caller may ask nothing of the kind; ProblemError `evaluation-failed`
 */
export async function askDocument(asking: Asking, path: string, input: unknown): Promise<Decided<unknown>> {
  const kinds = asking.documentsOf(path);
  const permission = await asking.mayAsk(kinds);
  assertMayAsk(permission);
  if (kinds === undefined || !permission.allowed) return { answer: undefined, decisionId: permission.decisionId };
  return askKinds(asking, kinds, { entrypoint: path, isAnswer: isAnything }, input);
}

/** The bundles that the caller may ask. @throws MayNotAsk, ProblemError, as askDocument */
export async function openBundles(asking: Asking): Promise<readonly JudgedKinds[]> {
  assertMayAsk(await asking.mayAsk(undefined));
  const permissions = await Promise.all(asking.kinds.map((kinds) => asking.mayAsk(kinds)));
  return asking.kinds.filter((_, i) => permissions[i]?.allowed === true);
}

function isAnything(_value: unknown): _value is unknown {
  return true;
}
