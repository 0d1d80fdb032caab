import { repeated } from '#access';
import type { Orgnr } from '#domain';
import { type Asking, leaveFor } from '../administer/leave.js';
import type { SignedTerms } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';

/** Whether an organisation has signed the terms of use. */
export interface TermsView {
  readonly orgnr: Orgnr;
  readonly signed: SignedTerms | undefined;
}

/** Whether the organisation has signed. @param of for whom the operator asks. @throws ProblemError as leaveFor says */
export async function readTerms(parts: MaskinportenParts, request: Asking, of?: Orgnr): Promise<TermsView> {
  const { orgnr } = await leaveFor(parts, request, { action: 'terms.read', orgnr: of });
  return { orgnr, signed: (await collectionsOf(parts.store).signedTerms.get(orgnr))?.value };
}

/** Signs the terms for the organisation, once. @param of for whom the operator signs. @throws ProblemError as leaveFor says */
export async function signTerms(parts: MaskinportenParts, request: Asking, of?: Orgnr): Promise<TermsView> {
  return repeated(async () => {
    const { orgnr, at, actor, facts } = await leaveFor(parts, request, { action: 'terms.sign', orgnr: of });
    const { signedTerms } = collectionsOf(parts.store);
    const before = await signedTerms.get(orgnr);
    if (before !== undefined) return { orgnr, signed: before.value };
    const { value } = await signedTerms.put({ orgnr, at, by: actor }, { expect: 'absent', facts: facts('terms.sign') });
    return { orgnr, signed: value };
  });
}
