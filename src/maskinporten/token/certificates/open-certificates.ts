import { createHash } from 'node:crypto';
import type { CertificateJudge, JudgedCertificate } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import { type Chain, ChainFault, chainFault, linkedChain, orgnrOf } from './chain.js';
import { standingOf } from './revocation.js';
import { readTrust, type Trust, type TrustPlaces, trustMark } from './trust-files.js';

/** What an open judge is made of. */
export interface CertificateOptions extends TrustPlaces {
  /** Whether a certificate counts of which no list says that it is good. */
  readonly certificateRevocation: 'required' | 'if-known';
  /** How old what is known of the files may be, in milliseconds; the default is 30 s. */
  readonly looksEveryMs?: number;
  /** Is told what an operator should see to. */
  tell(event: string, facts: Readonly<Record<string, string | number>>): void;
}

/** So often it is looked whether the files are others. */
const LOOKS_EVERY_MS = 30_000;
/** So often the operator is told of one and the same. */
const TELLS_EVERY_MS = 3_600_000;
const REMEMBERED = 1000;

/** A judge by the roots and lists of these files. @throws ProblemError `config-invalid` if they cannot be used now; later the last good ones go on */
export async function openCertificates(options: CertificateOptions): Promise<CertificateJudge> {
  const judge = new Judge(options, await trustMark(options), await readTrust(options));
  return { judge: (chain, nowMs) => judge.judge(chain, nowMs) };
}

/** A chain that was found good, and until when nothing but the files can change that. */
interface Remembered {
  readonly judged: JudgedCertificate;
  readonly trust: Trust;
  readonly fromMs: number;
  readonly untilMs: number;
}

class Judge {
  readonly #options: CertificateOptions;
  readonly #remembered = new Map<string, Remembered>();
  readonly #told = new Map<string, number>();
  #mark: string;
  #trust: Trust;
  #lookedMs = performance.now();
  #looking: Promise<void> | undefined;

  constructor(options: CertificateOptions, mark: string, trust: Trust) {
    this.#options = options;
    this.#mark = mark;
    this.#trust = trust;
  }

  async judge(sent: readonly string[], nowMs: number): Promise<JudgedCertificate | TokenFault> {
    if (performance.now() - this.#lookedMs > (this.#options.looksEveryMs ?? LOOKS_EVERY_MS)) await this.#look();
    const trust = this.#trust;
    const name = createHash('sha256').update(JSON.stringify(sent)).digest('base64url');
    const known = this.#remembered.get(name);
    if (known !== undefined && known.trust === trust && known.fromMs <= nowMs && nowMs < known.untilMs) return known.judged;
    this.#remembered.delete(name);
    const found = await this.#judgeAnew(sent, trust, nowMs);
    if (found instanceof ChainFault) {
      return new TokenFault(found.is === 'unreadable' ? 'MP-123' : 'MP-120', { detail: found.detail });
    }
    // A Map keeps the order of insertion.
    if (this.#remembered.size >= REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value as string);
    this.#remembered.set(name, found);
    return found.judged;
  }

  async #judgeAnew(sent: readonly string[], trust: Trust, nowMs: number): Promise<Remembered | ChainFault> {
    const chain = linkedChain(sent, trust.roots);
    if (chain instanceof ChainFault) return chain;
    const fault = chainFault(chain, nowMs);
    if (fault !== undefined) return fault;
    const until = await this.#goodUntil(chain, trust, nowMs);
    if (until instanceof ChainFault) return until;
    const [leaf] = chain;
    const orgnr = orgnrOf(leaf);
    if (orgnr === undefined) return new ChainFault('untrusted', 'its subject names no organisation number');
    const fromMs = Math.max(...chain.map(({ notBefore }) => notBefore));
    const untilMs = Math.min(until, ...chain.map(({ notAfter }) => notAfter));
    return { judged: { orgnr, publicKey: leaf.x509.publicKey }, trust, fromMs, untilMs };
  }

  /** Until when it is known that none of them is revoked. The root is trusted for being listed here, and for nothing else. */
  async #goodUntil(chain: Chain, { lists }: Trust, nowMs: number): Promise<number | ChainFault> {
    let until = Number.POSITIVE_INFINITY;
    for (let at = 0; at < chain.length - 1; at += 1) {
      const [certificate, issuer] = [chain[at], chain[at + 1]] as [Chain[0], Chain[0]];
      const standing = await standingOf(certificate, issuer, lists, nowMs);
      if (standing.is === 'revoked') return new ChainFault('untrusted', 'a certificate of it has been revoked');
      if (standing.is === 'good') until = Math.min(until, standing.until);
      else {
        this.#tell('no revocation list in date', { issuer: issuer.x509.subject.replaceAll('\n', ', ').slice(0, 200) });
        if (this.#options.certificateRevocation === 'required')
          return new ChainFault(
            'untrusted',
            'there is no revocation list in date of one of its issuers, so that nobody knows whether it is revoked',
          );
        // Not remembered for longer than a list could be missing.
        until = Math.min(until, nowMs + LOOKS_EVERY_MS);
      }
    }
    return until;
  }

  /** Takes the files anew if they are others; if they cannot be used the last good ones go on, and each list of them grows old. */
  #look(): Promise<void> {
    this.#looking ??= this.#takeAnew().finally(() => {
      this.#looking = undefined;
      this.#lookedMs = performance.now();
    });
    return this.#looking;
  }

  async #takeAnew(): Promise<void> {
    try {
      const mark = await trustMark(this.#options);
      if (mark === this.#mark) return;
      this.#trust = await readTrust(this.#options);
      this.#mark = mark;
    } catch (error) {
      this.#tell('certificates not read again', { cause: (error as Error).message });
    }
  }

  #tell(event: string, facts: Readonly<Record<string, string>>): void {
    const what = JSON.stringify([event, facts]);
    const now = performance.now();
    if (now - (this.#told.get(what) ?? Number.NEGATIVE_INFINITY) < TELLS_EVERY_MS) return;
    if (this.#told.size >= REMEMBERED) this.#told.clear();
    this.#told.set(what, now);
    this.#options.tell(event, facts);
  }
}
