import { createHash, createHmac, createPublicKey, timingSafeEqual } from 'node:crypto';
import { isArray, kindOf, RegoNumber, type RegoObject, RegoSet, type Term, termOf } from '../terms/index.js';
import { type Builtin, BuiltinError, type Builtins } from './builtin.js';
import { fromBase64 } from './bytes.js';
import { objectAt, textAt } from './operands.js';
import { pemBlock, pemBlocks } from './pem.js';
import { anyPrivateKey, type PrivateKey, privateKeyOf, privateKeyValue } from './private-key.js';
import { type Certificate, parseCertificates } from './x509-certificate.js';
import { type ChainRequest, verifiedChain } from './x509-chain.js';
import { certificateValue, requestValue } from './x509-terms.js';

const hash =
  (algorithm: string): Builtin =>
  (args) =>
    createHash(algorithm).update(textAt(args, 0)).digest('hex');

const hmac =
  (algorithm: string): Builtin =>
  (args) =>
    createHmac(algorithm, textAt(args, 1)).update(textAt(args, 0)).digest('hex');

/** `crypto.*`: hashes and keys by Node.js, certificates read and written as Go reads and writes them. */
export const cryptoBuiltins: Builtins = {
  'crypto.md5': hash('md5'),
  'crypto.sha1': hash('sha1'),
  'crypto.sha256': hash('sha256'),
  'crypto.hmac.md5': hmac('md5'),
  'crypto.hmac.sha1': hmac('sha1'),
  'crypto.hmac.sha256': hmac('sha256'),
  'crypto.hmac.sha512': hmac('sha512'),
  'crypto.hmac.equal': (args) => {
    const [a, b] = [Buffer.from(textAt(args, 0)), Buffer.from(textAt(args, 1))];
    return a.length === b.length && timingSafeEqual(a, b);
  },
  'crypto.x509.parse_certificates': (args) =>
    termOf(certificatesOf(textAt(args, 0)).map((certificate) => certificateValue(certificate, true))),
  'crypto.x509.parse_and_verify_certificates': (args, { nowNs }) => verified(textAt(args, 0), request(nowNs), true),
  'crypto.x509.parse_and_verify_certificates_with_options': (args, { nowNs }) => {
    const [text, options] = [textAt(args, 0), objectAt(args, 1)];
    return verified(text, () => requestOf(options, nowNs), false);
  },
  'crypto.x509.parse_certificate_request': (args) => {
    const text = textAt(args, 0);
    const isPem = text.startsWith('-----BEGIN CERTIFICATE REQUEST-----');
    const bytes = isPem ? Buffer.from(text) : fromBase64(text);
    const block = pemBlock(bytes.toString('latin1'));
    if (block !== undefined && block.type !== 'CERTIFICATE REQUEST') throw new BuiltinError('no certificate signing request');
    return termOf(requestValue(block?.der ?? bytes));
  },
  'crypto.x509.parse_keypair': (args) => termOf(keyPairValue(textAt(args, 0), textAt(args, 1))),
  'crypto.x509.parse_rsa_private_key': (args) => {
    const text = textAt(args, 0);
    if (text === '') throw new BuiltinError('the input is empty');
    const [first] = privateKeysOf(text.startsWith('-----BEGIN') ? text : fromBase64(text).toString('latin1'));
    return first === undefined ? null : termOf(first.jwk);
  },
  'crypto.parse_private_keys': (args) => (textAt(args, 0) === '' ? null : termOf(privateKeysOf(textAt(args, 0)).map(privateKeyValue))),
};

/** PEM, or DER or PEM in base64. */
function certificatesOf(text: string): Certificate[] {
  if (text.startsWith('-----BEGIN')) return parseCertificates(certificateBytes(text));
  const bytes = fromBase64(text);
  return parseCertificates(bytes.toString('latin1').startsWith('-----BEGIN') ? certificateBytes(bytes.toString('latin1')) : bytes);
}

function certificateBytes(pem: string): Buffer {
  const blocks = [...pemBlocks(pem)];
  if (blocks.some(({ type }) => type !== 'CERTIFICATE')) throw new BuiltinError('a PEM block that is no certificate');
  return Buffer.concat(blocks.map(({ der }) => der));
}

function request(nowNs: bigint): () => ChainRequest {
  return () => ({ nowMs: Number(nowNs / 1_000_000n), dnsName: '', usages: [] });
}

function verified(text: string, requested: () => ChainRequest, withTexts: boolean): Term {
  let certificates: Certificate[];
  try {
    certificates = certificatesOf(text);
  } catch (cause) {
    if (!(cause instanceof BuiltinError)) throw cause;
    return [false, []];
  }
  const chain = verifiedChain(certificates, requested());
  return chain === undefined ? [false, []] : [true, termOf(chain.map((certificate) => certificateValue(certificate, withTexts)))];
}

/** By Go's numbers. */
const USAGE_NAMES = [
  'Any',
  'ServerAuth',
  'ClientAuth',
  'CodeSigning',
  'EmailProtection',
  'IPSECEndSystem',
  'IPSECTunnel',
  'IPSECUser',
  'TimeStamping',
  'OCSPSigning',
  'MicrosoftServerGatedCrypto',
  'NetscapeServerGatedCrypto',
  'MicrosoftCommercialCodeSigning',
  'MicrosoftKernelCodeSigning',
].map((name) => `KeyUsage${name}`);

function requestOf(options: RegoObject, nowNs: bigint): ChainRequest {
  const request = { nowMs: Number(nowNs / 1_000_000n), dnsName: '', usages: [] as number[] };
  for (const [key, value] of options) {
    if (typeof key !== 'string') continue;
    if (key === 'DNSName' && typeof value === 'string') request.dnsName = value.replace(/^"+|"+$/g, '');
    else if (key === 'CurrentTime' && value instanceof RegoNumber && value.int64 !== undefined)
      request.nowMs = Number(value.int64 / 1_000_000n);
    else if (key === 'KeyUsages' && (isArray(value) || value instanceof RegoSet)) request.usages = usagesOf([...value]);
    else if (key !== 'MaxConstraintComparisons' || !(value instanceof RegoNumber) || value.int64 === undefined) {
      throw new BuiltinError(`an option that is not known, or of the kind ${kindOf(value)}`);
    }
  }
  return request;
}

function usagesOf(names: readonly Term[]): number[] {
  const usages = names.filter((name) => typeof name === 'string').map((name) => USAGE_NAMES.indexOf(name.replace(/^"+|"+$/g, '')));
  if (usages.includes(-1)) throw new BuiltinError('a usage of a key that is not known');
  return usages;
}

function privateKeysOf(text: string): PrivateKey[] {
  let pem = text;
  try {
    pem = fromBase64(text).toString('latin1');
  } catch (cause) {
    if (!(cause instanceof BuiltinError)) throw cause;
  }
  return [...pemBlocks(pem)].flatMap(({ type, der }) => privateKeyOf(type, der) ?? []);
}

/** What Go's tls.X509KeyPair makes of a certificate with its chain, and its key. */
function keyPairValue(certificateText: string, keyText: string): object {
  const chain = pemOr(certificateText, 'CERTIFICATE').filter(({ type }) => type === 'CERTIFICATE');
  const keyBlock = pemOr(keyText, 'PRIVATE KEY').find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  const first = chain[0];
  if (first === undefined || keyBlock === undefined) throw new BuiltinError('no certificate, or no private key');
  const [leaf, ...others] = parseCertificates(first.der);
  if (leaf === undefined || others.length > 0) throw new BuiltinError('no certificate');
  const key = anyPrivateKey(keyBlock.der);
  if (!createPublicKey(key.key).export({ format: 'der', type: 'spki' }).equals(leaf.rawPublicKey))
    throw new BuiltinError('the key is that of another certificate');
  return {
    Certificate: chain.map(({ der }) => der.toString('base64')),
    PrivateKey: privateKeyValue(key),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: certificateValue(leaf, false),
  };
}

/** The blocks of a text that is PEM, or PEM or DER in base64. */
function pemOr(text: string, type: string): { readonly type: string; readonly der: Buffer }[] {
  if (text.startsWith('-----BEGIN ')) return [...pemBlocks(text)];
  const bytes = fromBase64(text);
  const inner = bytes.toString('latin1');
  return inner.startsWith('-----BEGIN ') ? [...pemBlocks(inner)] : [{ type, der: bytes }];
}
