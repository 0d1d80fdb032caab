import type { KeyObject } from 'node:crypto';
import type { Instant, Orgnr } from '#domain';
import type { Refs, Stored } from '#storage';
import type { TokenSigner } from '#tokens';
import type { Scope, ScopeName } from '../nouns.js';
import type { MaskinportenParts } from '../parts.js';
import type { TokenFault } from './token-fault.js';

/** What handles a type of authorization_details (RFC 9396), one element of them; see AuthorizationDetails. */
export type DetailsHandler = (
  asked: Readonly<Record<string, unknown>>,
  by: {
    readonly clientId: string;
    /** Whether nothing else is asked for beside it. */
    readonly isAlone: boolean;
  },
  parts: Pick<MaskinportenParts, 'store'>,
) => DetailsQuestion | TokenFault;

/** Whether what is asked for is put into the token: judged with the scopes, in one reading and by one question. */
export interface DetailsQuestion {
  /** Answers what `maskinporten/token/evaluate` does, over the same input with more in it, and what it is about besides. */
  readonly entrypoint: string;
  /** Whether an answer with a grant is whole. */
  readonly isAnswer: (verdict: Readonly<Record<string, unknown>>) => boolean;
  readonly refs: Refs;
  /** Organisations of which the rules are told whether they have ceased, beside those that scopes and client concern. */
  readonly concerned: readonly Orgnr[];
  /** What is told beside what is told of the scopes; at once where nothing more has to be read. @param documents those of the refs, in their order */
  told(documents: readonly (Stored<unknown> | undefined)[]): ToldDetails | Promise<ToldDetails>;
}

/** What the question is told, and what comes of the answer. */
export interface ToldDetails {
  readonly input: object;
  /** Of the document that it is about, as the decision log has it. */
  readonly documentRevision?: number | undefined;
  /** What the token says, by an answer with a grant that was given at a moment. */
  details(verdict: Readonly<Record<string, unknown>>, at: Instant): Readonly<Record<string, unknown>> | TokenFault;
}

/** By type, what is put into the token for what was asked; a type that is not there is MP-301. */
export type AuthorizationDetails = ReadonlyMap<string, DetailsHandler>;

/** Judges chains of certificates; see certificates/. */
export interface CertificateJudge {
  /** @param chain the certificates as they were sent, leaf first; base64 of DER */
  judge(chain: readonly string[], nowMs: number): Promise<JudgedCertificate | TokenFault>;
}

/** A certificate that is trusted now. */
export interface JudgedCertificate {
  readonly orgnr: Orgnr;
  /** RSA. */
  readonly publicKey: KeyObject;
}

/** What the operator has set for tokens. */
export interface TokenLimits {
  /** Most seconds between `iat` and `exp` of an assertion. */
  readonly assertionSeconds: number;
  /** What becomes of an assertion with a claim that is not known. */
  readonly unknownClaims: 'refuse' | 'ignore';
}

/** The issuer whose token endpoint it is. */
export interface TokenEndpoint {
  readonly issuer: { readonly name: string; readonly signer: TokenSigner };
  readonly limits: TokenLimits;
  readonly certificates: CertificateJudge;
  readonly authorizationDetails: AuthorizationDetails;
  /** Where callers reach the gateway. */
  readonly origin: string;
  /** Scopes that are the product's own and no documents, by name. */
  readonly ownScopes: ReadonlyMap<ScopeName, Scope>;
}

/** What a token is issued with. */
export interface TokenParts extends Pick<MaskinportenParts, 'store' | 'judge' | 'clock'>, TokenEndpoint {
  /**
   * Is told how far an assertion has come: first before anything is read for whoever it says that it is from, then, once it is known that it is that one's and new,
   * before it is used up.
   * @param sender a name for all who say the same of client and key
   * @throws ProblemError `too-many-requests`
   */
  admit(sender: string, standing: SenderStanding): void | Promise<void>;
}

/** Whether a sender only says who it is, or has shown it. */
export type SenderStanding = 'claimed' | 'proven';
