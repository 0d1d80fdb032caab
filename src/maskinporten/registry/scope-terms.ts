import { Fault, isFault, parseFreeText, present } from '#domain';
import { Faults } from '../faults.js';
import type { IntegrationType, Scope, ScopeTexts } from '../nouns.js';
import type { Side } from '../parts.js';
import { delegationSources, keptSource } from './own-scopes.js';

/** What somebody says of a scope, its name apart; what is left out is as the product has it. */
export interface ScopeTerms {
  readonly description: string;
  readonly descriptions?: ScopeTexts;
  readonly longDescription?: string;
  readonly visibility?: Scope['visibility'];
  readonly tokenType?: Scope['tokenType'];
  readonly atMaxAge?: number;
  readonly authorizationMaxLifetime?: number;
  readonly requiresUserConsent?: boolean;
  readonly requiresUserAuthentication?: boolean;
  readonly requiresPseudonymousTokens?: boolean;
  readonly accessibleForAll?: boolean;
  /** Its issuer; or as it is kept. */
  readonly delegationSource?: string;
  readonly allowedIntegrationTypes?: readonly IntegrationType[];
  readonly enforcedAudience?: string;
  readonly active?: boolean;
}

type Told = Omit<Scope, 'name' | 'prefix' | 'subscope' | 'owner' | 'seat' | 'created' | 'updated'>;

const DESCRIPTION = { maxCodePoints: 500 };
const LONG_DESCRIPTION = { maxCodePoints: 5000, hasLines: true };
/** Markdown as far as headings, lists, emphasis and links go. */
const PLAIN = /^[\p{Script=Latin}\p{Nd}\s.,:;!?'"’‘“”«»()[\]#*/_%&+=@§°–—…•-]*$/u;

/** What is kept of a scope's terms. @throws ProblemError `invalid-request` that names each faulty field as it is sent */
export function toldOf(terms: ScopeTerms, side: Side): Told {
  const faults = new Faults();
  const sound = <T>(pointer: string, read: T | Fault): T => faults.sound(pointer, read) as T;
  const { descriptions, longDescription, delegationSource, enforcedAudience, allowedIntegrationTypes = [], atMaxAge = 0 } = terms;
  const types = [...new Set(allowedIntegrationTypes)];
  const told = {
    description: sound('/description', parseFreeText(terms.description, DESCRIPTION)),
    descriptions:
      descriptions === undefined
        ? undefined
        : (Object.fromEntries(
            Object.entries(descriptions).map(([language, text]) => [
              language,
              sound(`/descriptions/${language}`, parseFreeText(text as string, DESCRIPTION)),
            ]),
          ) as unknown as ScopeTexts),
    longDescription: longDescription === undefined ? undefined : sound('/long_description', parseLong(longDescription)),
    visibility: sound('/visibility', parseVisibility(terms.visibility)),
    tokenType: terms.tokenType ?? 'SELF_CONTAINED',
    atMaxAge,
    // A token of a machine is all that it was authorized for.
    authorizationMaxLifetime:
      types.length > 0 && types.every((type) => type === 'maskinporten') ? atMaxAge : (terms.authorizationMaxLifetime ?? 0),
    requiresUserConsent: terms.requiresUserConsent ?? false,
    requiresUserAuthentication: terms.requiresUserAuthentication ?? false,
    requiresPseudonymousTokens: terms.requiresPseudonymousTokens ?? false,
    accessibleForAll: terms.accessibleForAll ?? false,
    delegationSource: delegationSource === undefined ? undefined : sound('/delegation_source', parseSource(delegationSource, side)),
    allowedIntegrationTypes: types,
    enforcedAudience: enforcedAudience === undefined ? undefined : sound('/enforced_aud_for_access_token', parseAudience(enforcedAudience)),
    active: terms.active ?? true,
  } as const;
  faults.end();
  return present(told) as Told;
}

function parseLong(text: string): string | Fault {
  const read = parseFreeText(text, LONG_DESCRIPTION);
  if (isFault(read) || PLAIN.test(read)) return read;
  return new Fault('has a character that is none of Latin letters, digits, blanks and . , : ; ! ? \' " ( ) [ ] # * / - _ % & + = @');
}

function parseVisibility(visibility: Scope['visibility'] = 'PUBLIC'): Scope['visibility'] | Fault {
  return visibility === 'INTERNAL' ? new Fault('must be PUBLIC or PRIVATE: INTERNAL is for the operator’s own') : visibility;
}

function parseSource(issuer: string, side: Side): string | Fault {
  const kept = keptSource(issuer, side);
  const known = delegationSources(side.origin).map((source) => keptSource(source.issuer, side));
  return known.includes(kept) ? kept : new Fault('must be the issuer of one of the delegation sources (GET /delegationsources)');
}

function parseAudience(text: string): string | Fault {
  const address = parseFreeText(text, { maxCodePoints: 500 });
  if (isFault(address)) return address;
  const isAddress = /^https?:\/\/[^\s"'<>\\#@]+$/i.test(address) && URL.canParse(address);
  return isAddress ? address : new Fault('must be an http(s) address of an API, without user name and fragment');
}
