import * as z from 'zod';
import { envelopeInvalid } from './errors.ts';
import type { PrivateKey, PublicKey } from './keys.ts';
import { issueIn, type Reject, readBounded } from './signed-json.ts';

/** Most signatures of one envelope. */
export const MAX_SIGNATURES = 16;

/** A signed object: DSSE 1.0. */
export interface Envelope {
  readonly payloadType: string;
  /** The bytes that were signed, which are never made anew from what they say. */
  readonly payload: Uint8Array;
  readonly signatures: readonly Signature[];
}

/** One signature of an envelope. */
export interface Signature {
  /** Says which key it is; a hint that nobody vouches for, and undefined where it is missing, null or empty. */
  readonly keyid: string | undefined;
  /** DER. */
  readonly sig: Uint8Array;
}

const base64 = z.string().transform((text, context): Uint8Array => {
  const bytes = Buffer.from(text, 'base64');
  // Both alphabets are allowed. What decodes to these bytes and is not their text has something in it that is not seen.
  const written = text.replaceAll('-', '+').replaceAll('_', '/');
  if (bytes.toString('base64') !== written) {
    context.addIssue({ code: 'custom', message: 'is no base64' });
    return z.NEVER;
  }
  return bytes;
});

const signatureSchema = z
  .object({ keyid: z.string().max(256).nullish(), sig: base64 })
  .transform(({ keyid, sig }): Signature => ({ keyid: keyid || undefined, sig }));

/** Schema of an envelope in JSON. Keys that it does not name are left out. */
export const envelopeSchema = z.object({
  payloadType: z.string().max(256),
  payload: base64,
  signatures: z.array(signatureSchema).max(MAX_SIGNATURES),
});

/** Reads an envelope of at most so many bytes. Throws what `reject` makes; nothing of the payload is looked at. */
export function readEnvelope(bytes: Uint8Array, most: number, reject: Reject): Envelope {
  const parsed = envelopeSchema.safeParse(readBounded(bytes, most, reject));
  if (!parsed.success) throw reject(`is no envelope: ${issueIn(parsed.error.issues)}`);
  return parsed.data;
}

/** What is signed of an envelope: its type and its payload, each with its length. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Most keys that are tried for the signatures of one envelope: on P-521 each costs milliseconds. */
const MAX_TRIES = 64;

/**
 * IDs of the keys that signed an envelope, each once however many signatures it gave. A signature that names a key is
 * tried with that one; after those, one that names none with each key that has not signed yet, 64 tries in all.
 */
export function signersOf({ payloadType, payload, signatures }: Envelope, keys: readonly PublicKey[]): Set<string> {
  const signed = preAuthEncoding(payloadType, payload);
  const signers = new Set<string>();
  let tries = 0;
  const named = signatures.filter(({ keyid }) => keyid !== undefined);
  const others = signatures.filter(({ keyid }) => keyid === undefined);
  for (const { keyid, sig } of [...named, ...others]) {
    for (const key of keys) {
      if (signers.has(key.id) || (keyid !== undefined && keyid !== key.id)) continue;
      if (tries === MAX_TRIES) return signers;
      tries += 1;
      if (!key.verifies(signed, sig)) continue;
      signers.add(key.id);
      break;
    }
  }
  return signers;
}

/** Signs a payload. */
export function signEnvelope(payloadType: string, payload: Uint8Array, keys: readonly PrivateKey[]): Envelope {
  const unsigned: Envelope = { payloadType, payload, signatures: [] };
  return keys.reduce(withSignature, unsigned);
}

/**
 * Adds a key's signature to an envelope, in the place of one that it has of the same key. Throws `trust.envelope-invalid`
 * where it has as many as it may.
 */
export function withSignature(envelope: Envelope, key: PrivateKey): Envelope {
  const { payloadType, payload } = envelope;
  const others = envelope.signatures.filter(({ keyid }) => keyid !== key.publicKey.id);
  if (others.length >= MAX_SIGNATURES) throw envelopeInvalid('envelope', `has ${others.length} signatures already`);
  const sig = key.sign(preAuthEncoding(payloadType, payload));
  return { payloadType, payload, signatures: [...others, { keyid: key.publicKey.id, sig }] };
}

/** An envelope as JSON on one line. */
export function writeEnvelope({ payloadType, payload, signatures }: Envelope): string {
  return JSON.stringify({
    payloadType,
    payload: toBase64(payload),
    signatures: signatures.map(({ keyid = '', sig }) => ({ keyid, sig: toBase64(sig) })),
  });
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
