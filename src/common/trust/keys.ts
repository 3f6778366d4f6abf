import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { reasonOf } from '../core/index.ts';
import { keyInvalid, passphraseWrong } from './errors.ts';

/** The curves of ECDSA keys, each with its name in OpenSSL and the hash that goes with it. */
const CURVES = {
  p256: { openssl: 'prime256v1', hash: 'sha256', spkiBytes: 91 },
  p384: { openssl: 'secp384r1', hash: 'sha384', spkiBytes: 120 },
  p521: { openssl: 'secp521r1', hash: 'sha512', spkiBytes: 158 },
} as const;

/** Name of a curve as commands have it. */
export type CurveName = keyof typeof CURVES;
/** All curves, the usual one first. */
export const CURVE_NAMES = Object.keys(CURVES) as [CurveName, ...CurveName[]];

/** Longest PEM text of a key, in characters. */
export const MAX_KEY_TEXT = 8192;
/** Longest signature that is looked at: that of P-521 has 139 bytes. */
const MAX_SIGNATURE_BYTES = 256;

/** A key that verifies. */
export interface PublicKey {
  /** Hex SHA-256 of its SPKI in DER: the key's name in roots and orders. */
  readonly id: string;
  /** Hex SHA-256 of its SPKI as PEM text: the key's name in a model.sig. */
  readonly hint: string;
  /** SPKI as PEM text. */
  readonly pem: string;
  readonly curve: CurveName;
  /** Whether a signature in DER is this key's over exactly these bytes. Never throws. */
  verifies(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** A key that signs, with the one that verifies. */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  /** Signature in DER over these bytes. */
  sign(bytes: Uint8Array): Buffer;
}

/**
 * Reads a public key from its PEM text. Throws `trust.key-invalid` for all but SPKI of an ECDSA key on a known curve, its
 * point written out: another writing of the same key would be a second name for it.
 *
 * @param origin what the error is about, such as the file
 */
export function readPublicKey(pem: string, origin: string): PublicKey {
  if (pem.length > MAX_KEY_TEXT) throw keyInvalid(origin, `is longer than the ${MAX_KEY_TEXT} characters of a key`);
  if (!/^\s*-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\s*$/.test(pem)) {
    throw keyInvalid(origin, 'is no public key in PEM (BEGIN PUBLIC KEY)');
  }
  return publicKeyOf(
    parsed(() => createPublicKey(pem), origin),
    origin,
  );
}

/**
 * Reads a private key (PKCS#8 or SEC1) from its PEM text. Throws `trust.key-invalid`, and `trust.passphrase` where it is
 * encrypted and the passphrase is not right.
 */
export function readPrivateKey(pem: string, origin: string, passphrase?: string): PrivateKey {
  if (pem.length > MAX_KEY_TEXT || !pem.includes('PRIVATE KEY-----')) {
    throw keyInvalid(origin, 'is no private key in PEM');
  }
  const encrypted = pem.includes('ENCRYPTED');
  if (encrypted && passphrase === undefined) throw passphraseWrong(origin, 'is encrypted, and no passphrase is given');
  try {
    return privateKeyOf(createPrivateKey({ key: pem, ...(encrypted ? { passphrase } : {}) }), origin);
  } catch (error) {
    if (encrypted) throw passphraseWrong(origin, 'does not open with this passphrase', { cause: error });
    throw keyInvalid(origin, reasonOf(error), { cause: error });
  }
}

/** A new key as PEM texts: PKCS#8, encrypted where a passphrase is given, and SPKI. */
export function generateKey(curve: CurveName, passphrase?: string): { readonly key: string; readonly pub: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: CURVES[curve].openssl });
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(),
    pub: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function privateKeyOf(key: KeyObject, origin: string): PrivateKey {
  const publicKey = publicKeyOf(createPublicKey(key), origin);
  const { hash } = CURVES[publicKey.curve];
  return { publicKey, sign: (bytes) => signBytes(hash, bytes, key) };
}

function publicKeyOf(key: KeyObject, origin: string): PublicKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const curve = CURVE_NAMES.find((name) => CURVES[name].openssl === details?.namedCurve);
  if (type !== 'ec' || curve === undefined) {
    throw keyInvalid(origin, `is a key of ${details?.namedCurve ?? type}, which signs nothing here`);
  }
  const der = key.export({ type: 'spki', format: 'der' });
  const { hash, spkiBytes } = CURVES[curve];
  if (der.length !== spkiBytes)
    throw keyInvalid(origin, 'has its point compressed; write it out (-conv_form uncompressed)');
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  return {
    id: sha256(der),
    hint: sha256(pem),
    pem,
    curve,
    verifies: (bytes, signature) => {
      if (signature.length > MAX_SIGNATURE_BYTES) return false;
      try {
        return verifyBytes(hash, bytes, key, signature);
      } catch {
        return false;
      }
    },
  };
}

function parsed(parse: () => KeyObject, origin: string): KeyObject {
  try {
    return parse();
  } catch (error) {
    throw keyInvalid(origin, reasonOf(error), { cause: error });
  }
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
