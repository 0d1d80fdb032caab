import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { present } from '#domain';
import { readBundle, SIGNATURE_ALGORITHMS, type SignatureAlgorithm, signBundle, writeTarball } from '#policy';
import { refused } from './refused.js';

const CURVES: Readonly<Record<string, SignatureAlgorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
const CURVE_OF: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** A key that signs bundles, or the public half of one, with the algorithm that it is used by. */
export interface BundleKey {
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
}

/** A new pair, in PEM. */
export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Makes a pair of keys for an algorithm (RFC 7518 §3.1); an RSA key has 3072 bits. */
export function makeKeyPair(algorithm: SignatureAlgorithm): KeyPair {
  const namedCurve = CURVE_OF[algorithm];
  const { privateKey, publicKey } =
    namedCurve === undefined ? generateKeyPairSync('rsa', { modulusLength: 3072 }) : generateKeyPairSync('ec', { namedCurve });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** The private key of a PEM. @param algorithm if it is not the one that goes with the key: ES by the curve, else RS256 @throws ProblemError `authoring-refused` */
export function readPrivateKey(pem: string, algorithm?: SignatureAlgorithm): BundleKey {
  return keyIn(() => createPrivateKey(pem), 'private', algorithm);
}

/** The public key of a PEM; of a private one its public half. @throws as readPrivateKey */
export function readPublicKey(pem: string, algorithm?: SignatureAlgorithm): BundleKey {
  return keyIn(() => createPublicKey(pem), 'public', algorithm);
}

function keyIn(read: () => KeyObject, which: string, asked: SignatureAlgorithm | undefined): BundleKey {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw refused(`the file holds no ${which} key in PEM without a passphrase (\`tilgang policy keys new\` makes one)`, cause);
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  const ofCurve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  const fitting = SIGNATURE_ALGORITHMS.filter((one) => (asymmetricKeyType === 'rsa' ? !one.startsWith('ES') : one === ofCurve));
  const algorithm = asked ?? fitting[0];
  if (algorithm !== undefined && fitting.includes(algorithm)) return { algorithm, key };
  throw refused(
    `the key does not fit ${asked ?? 'any algorithm that bundles are signed by'}: ${SIGNATURE_ALGORITHMS.join(', ')} are for RSA keys and for P-256, P-384, P-521`,
  );
}

/** How a bundle is signed. */
export interface Signing {
  readonly kid: string;
  readonly scope?: string | undefined;
  /** ms since 1970 */
  readonly now: number;
}

/** A bundle with the signature of the key, in place of the one that it had. @throws ProblemError `bundle-invalid` if it is no bundle */
export async function signTarball(tarball: Uint8Array, { algorithm, key }: BundleKey, { kid, scope, now }: Signing): Promise<Buffer> {
  const { files } = await readBundle(tarball);
  const signature = await signBundle(files, { kid, algorithm, privateKey: key }, present({ scope, now }));
  return writeTarball(new Map(files).set('.signatures.json', signature));
}
