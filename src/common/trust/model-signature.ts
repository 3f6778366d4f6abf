import { createHash } from 'node:crypto';
import * as z from 'zod';
import { bundleDigest, type FileDigest, inCodePointOrder, isPlainName, SIGNATURE_FILE } from './bundle-digest.ts';
import { type Envelope, envelopeSchema, preAuthEncoding, signEnvelope, toBase64 } from './dsse.ts';
import { bundleSignature } from './errors.ts';
import type { PrivateKey, PublicKey } from './keys.ts';
import { issueIn, type Reject, readBounded, sha256Hex } from './signed-json.ts';

/** Most bytes of a model.sig. */
export const MAX_MODEL_SIGNATURE_BYTES = 1024 ** 2;
/** Names that belong to git and are no part of a bundle, whether they are there or not. */
export const GIT_NAMES: readonly string[] = ['.git', '.gitattributes', '.github', '.gitignore'];
const IGNORED = [SIGNATURE_FILE, ...GIT_NAMES];

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT = 'https://in-toto.io/Statement/v1';
const PREDICATE = 'https://model_signing/signature/v1.0';

/** The Sigstore bundle. `rawBytes` in the place of `hint` is what older tools wrote. */
const bundleSchema = z.object({
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.object({ publicKey: z.object({ hint: z.string().max(256).nullish() }) }),
  dsseEnvelope: envelopeSchema,
});

/** The in-toto statement. Keys that it does not name say nothing to a verifier of version 1.0. */
const statementSchema = z.object({
  _type: z.literal(STATEMENT),
  predicateType: z.literal(PREDICATE),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256: sha256Hex }) })).length(1),
  predicate: z.object({
    serialization: z.object({
      method: z.literal('files'),
      hash_type: z.literal('sha256'),
      allow_symlinks: z.literal(false),
      ignore_paths: z.array(z.enum(IGNORED)).max(IGNORED.length).optional(),
    }),
    resources: z
      .array(
        z.object({
          name: z.string().refine(isPlainName, 'is no path inside the bundle'),
          digest: sha256Hex,
          algorithm: z.literal('sha256'),
        }),
      )
      .min(1),
  }),
});

/** What a model.sig says that verifies. */
export interface ModelSignature {
  /** Root digest over the signed files in the order in which they are listed, in hex. */
  readonly digest: string;
  /** ID of the key that signed. */
  readonly signer: string;
  readonly files: readonly FileDigest[];
}

/**
 * Verifies a model.sig (OpenSSF Model Signing 1.0, key method) against the keys that may have signed it. Only its first
 * signature counts. Throws `bundle.signature`, with the reason.
 *
 * @param origin what the error is about, such as the file
 */
export function verifyModelSignature(bytes: Uint8Array, keys: readonly PublicKey[], origin: string): ModelSignature {
  const reject: Reject = (reason) => bundleSignature(origin, reason);
  const parsed = bundleSchema.safeParse(readBounded(bytes, MAX_MODEL_SIGNATURE_BYTES, reject));
  if (!parsed.success) throw reject(`is no signature by a key: ${issueIn(parsed.error.issues)}`);
  const { dsseEnvelope: envelope, verificationMaterial } = parsed.data;
  if (envelope.payloadType !== PAYLOAD_TYPE) throw reject('signs a payload of an unknown type');
  const signer = signerOf(envelope, verificationMaterial.publicKey.hint || undefined, keys, reject);
  return { signer, ...filesOf(envelope.payload, reject) };
}

function signerOf(
  { payloadType, payload, signatures }: Envelope,
  hint: string | undefined,
  keys: readonly PublicKey[],
  reject: Reject,
): string {
  const tried = keys.filter((key) => hint === undefined || key.hint === hint);
  if (tried.length === 0) {
    throw bundleSignature(reject('').subject, 'is signed by a key that is not among those that may sign models', {
      hint: 'Give the public key that belongs to it, or sign the bundle with a key that has the role `model` in the root.',
    });
  }
  const [first] = signatures;
  const signed = preAuthEncoding(payloadType, payload);
  const signer = tried.find((key) => first !== undefined && key.verifies(signed, first.sig));
  if (signer === undefined) throw reject('does not verify: it was changed, or another key signed it');
  return signer.id;
}

function filesOf(payload: Uint8Array, reject: Reject): Pick<ModelSignature, 'digest' | 'files'> {
  const parsed = statementSchema.safeParse(readBounded(payload, MAX_MODEL_SIGNATURE_BYTES, reject));
  if (!parsed.success) throw reject(`signs what cannot be taken: ${issueIn(parsed.error.issues)}`);
  const { subject, predicate } = parsed.data;
  const files = predicate.resources.map(({ name, digest }) => ({ name, sha256: digest }));
  const names = new Set(files.map(({ name }) => name));
  if (names.size < files.length) throw reject('signs a file twice');
  const digest = createHash('sha256')
    .update(Buffer.concat(files.map(({ sha256 }) => Buffer.from(sha256, 'hex'))))
    .digest('hex');
  if (subject[0]?.digest.sha256 !== digest) throw reject('names a root digest that its files have not');
  return { digest, files };
}

/**
 * Throws `bundle.signature` where the files of a folder, its model.sig aside, are not exactly those that were signed.
 */
export function requireSigned(signed: readonly FileDigest[], present: readonly FileDigest[], origin: string): void {
  const left = new Map(present.filter(({ name }) => name !== SIGNATURE_FILE).map(({ name, sha256 }) => [name, sha256]));
  for (const { name, sha256 } of signed) {
    const found = left.get(name);
    if (found === undefined) throw bundleSignature(origin, `${name} is signed, and missing`);
    if (found !== sha256) throw bundleSignature(origin, `${name} is not the file that was signed`);
    left.delete(name);
  }
  for (const name of left.keys()) throw bundleSignature(origin, `${name} is not signed`);
}

/** What is signed of a bundle: the name of its folder, and all its files. */
export interface SignModel {
  readonly name: string;
  readonly files: readonly FileDigest[];
  readonly key: PrivateKey;
}

/** Signs a bundle: the text of its model.sig. Throws `trust.digest-invalid`. */
export function signModel({ name, files, key }: SignModel): string {
  const statement = {
    _type: STATEMENT,
    subject: [{ name, digest: { sha256: bundleDigest(files) } }],
    predicateType: PREDICATE,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: IGNORED },
      resources: inCodePointOrder(files)
        .filter((file) => file.name !== SIGNATURE_FILE)
        .map((file) => ({ name: file.name, algorithm: 'sha256', digest: file.sha256 })),
    },
  };
  const { payload, signatures } = signEnvelope(PAYLOAD_TYPE, Buffer.from(JSON.stringify(statement)), [key]);
  return JSON.stringify({
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: key.publicKey.hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: signatures.map(({ sig }) => ({ sig: toBase64(sig), keyid: '' })),
    },
  });
}
