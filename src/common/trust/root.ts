import { createHash } from 'node:crypto';
import * as z from 'zod';
import { jsonSchemaOf, reasonOf } from '../core/index.ts';
import { type Envelope, readEnvelope, signEnvelope, signersOf } from './dsse.ts';
import { rootGap, rootInvalid, rootRollback, rootThreshold } from './errors.ts';
import { MAX_KEY_TEXT, type PrivateKey, type PublicKey, readPublicKey } from './keys.ts';
import {
  crit,
  fieldNamesIn,
  instant,
  issueIn,
  keyId,
  MAX_COUNTER,
  readBounded,
  unknownCritical,
} from './signed-json.ts';

/** Type of the payload of a root. */
export const ROOT_TYPE = 'application/vnd.edgewright.root+json';
/** Most bytes of a root with its signatures. */
export const MAX_ROOT_BYTES = 64 * 1024;
/** Most keys of a root. */
const MAX_KEYS = 48;
/** Most keys of one role: each may have to be tried with each signature. */
const MAX_ROLE_KEYS = 16;
/** What a key may be for: changing the root, signing models, signing orders. */
export const ROLES = ['root', 'model', 'deploy'] as const;
export type RoleName = (typeof ROLES)[number];

const role = (most: number) =>
  z.object({ keys: z.array(keyId).min(1).max(MAX_ROLE_KEYS), threshold: z.int().min(1).max(most) });

/** Schema of a root's payload. */
export const rootSchema = z
  .object({
    schema: z.literal('edgewright.root/1'),
    version: z.int().min(1).max(MAX_COUNTER),
    expires: instant.describe('From here on it blocks what would begin to act; it still verifies its successor.'),
    crit,
    keys: z.record(keyId, z.string().max(MAX_KEY_TEXT)).describe('SPKI as PEM by hex SHA-256 of its DER.'),
    roles: z.object({
      root: role(MAX_ROLE_KEYS),
      // A model.sig carries one signature. More eyes are the approvals of an order.
      model: role(1),
      deploy: role(MAX_ROLE_KEYS),
    }),
    floors: z
      .record(z.string().max(128), z.int().min(0).max(MAX_COUNTER))
      .optional()
      .describe('Least release by name of a model, in the place of what a device remembers.'),
  })
  .describe('The key set: who may change it, sign models, and sign orders.');

/** JSON Schema of a root's payload. */
export function rootJsonSchema(): Record<string, unknown> {
  return { ...jsonSchemaOf(rootSchema), title: 'Edgewright root, payload of application/vnd.edgewright.root+json' };
}

/** A root's payload. */
export type RootData = z.output<typeof rootSchema>;

/** The keys of one role, and how many of them it takes. */
export interface Role {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** A key set that was read. */
export interface Root {
  readonly version: number;
  /** ms since the epoch. */
  readonly expires: number;
  readonly roles: Readonly<Record<RoleName, Role>>;
  /** Least release by name of a model. */
  readonly floors: ReadonlyMap<string, number>;
  /** Hex SHA-256 of the payload. */
  readonly digest: string;
}

const FIELDS = fieldNamesIn(rootSchema);

/**
 * Reads a root that somebody trusts already, such as the file that a device is given, and holds it against its own
 * threshold. Its expiry is not looked at. Throws `trust.root-invalid` and `trust.root-threshold`.
 */
export function readRoot(bytes: Uint8Array, origin: string): Root {
  const envelope = rootEnvelope(bytes, origin);
  const root = parseRoot(envelope.payload, origin);
  requireThreshold(envelope, root, origin);
  return root;
}

/**
 * Verifies the successor of a root: it carries the next version, and signatures by the thresholds of both. Whether one of
 * them has expired is not looked at: an expired root has to be replaced, too. The same root again gives itself back.
 * Throws `trust.root-gap`, `trust.root-rollback`, `trust.root-threshold` and `trust.root-invalid`.
 */
export function readNextRoot(current: Root, bytes: Uint8Array, origin: string): Root {
  const envelope = rootEnvelope(bytes, origin);
  if (sha256(envelope.payload) === current.digest) return current;
  // Which version it claims to be is looked at for the reason alone, before anybody is known to have said so.
  const claimed = claimedVersion(envelope.payload, origin);
  if (claimed > current.version + 1) {
    throw rootGap(origin, `is version ${claimed}; the one after ${current.version} is missing`);
  }
  if (claimed <= current.version)
    throw rootRollback(origin, `is version ${claimed}, ${current.version} is trusted already`);
  requireThreshold(envelope, current, origin);
  const next = parseRoot(envelope.payload, origin);
  requireThreshold(envelope, next, origin);
  return next;
}

/** Reads the envelope of a root, whoever signed it. Throws `trust.root-invalid`. */
export function rootEnvelope(bytes: Uint8Array, origin: string): Envelope {
  const envelope = readEnvelope(bytes, MAX_ROOT_BYTES, (reason) => rootInvalid(origin, reason));
  if (envelope.payloadType !== ROOT_TYPE) throw rootInvalid(origin, 'is signed, and no root');
  return envelope;
}

/** Reads the payload of a root, whoever signed it. Throws `trust.root-invalid`. */
export function parseRoot(payload: Uint8Array, origin: string): Root {
  return rootOf(rootDataOf(payload, origin), sha256(payload), origin);
}

/** The payload of a root as data, without looking into its keys. Throws `trust.root-invalid`. */
export function rootDataOf(payload: Uint8Array, origin: string): RootData {
  const value = readBounded(payload, MAX_ROOT_BYTES, (reason) => rootInvalid(origin, reason));
  const parsed = rootSchema.safeParse(value);
  if (!parsed.success) throw rootInvalid(origin, issueIn(parsed.error.issues));
  const unknown = unknownCritical(parsed.data.crit, FIELDS);
  if (unknown !== undefined) throw rootInvalid(origin, `asks for ${unknown}, which this version does not know`);
  return parsed.data;
}

/** IDs of the root keys that signed an envelope. */
export function rootSigners(envelope: Envelope, { roles }: Root): Set<string> {
  return signersOf(envelope, roles.root.keys);
}

/**
 * Makes a root with the signatures of these keys; others add theirs later. Throws `trust.root-invalid`.
 *
 * @param origin what the error is about, such as the file
 */
export function makeRoot(data: RootData, keys: readonly PrivateKey[], origin: string): Envelope {
  const payload = Buffer.from(`${JSON.stringify(data, null, 2)}\n`);
  parseRoot(payload, origin);
  return signEnvelope(ROOT_TYPE, payload, keys);
}

function requireThreshold(envelope: Envelope, root: Root, origin: string): void {
  const { version, roles } = root;
  const count = rootSigners(envelope, root).size;
  if (count >= roles.root.threshold) return;
  throw rootThreshold(
    origin,
    `has ${count} of the ${roles.root.threshold} signatures that version ${version} asks for`,
  );
}

function rootOf(data: RootData, digest: string, origin: string): Root {
  const count = Object.keys(data.keys).length;
  if (count > MAX_KEYS) throw rootInvalid(origin, `has ${count} keys, at most ${MAX_KEYS} are allowed`);
  const known = new Map(Object.entries(data.keys).map(([id, pem]) => [id, keyOf(id, pem, origin)]));
  const roleOf = (name: RoleName): Role => {
    const { keys: ids, threshold } = data.roles[name];
    if (new Set(ids).size < ids.length) throw rootInvalid(origin, `names a key of the role ${name} twice`);
    if (threshold > ids.length) {
      throw rootInvalid(origin, `asks for ${threshold} signatures of the role ${name}, which has ${ids.length} keys`);
    }
    const keys = ids.map((id) => {
      const key = known.get(id);
      if (key === undefined) throw rootInvalid(origin, `names a key of the role ${name} that it does not have`);
      return key;
    });
    return { keys, threshold };
  };
  return {
    version: data.version,
    expires: Date.parse(data.expires),
    roles: { root: roleOf('root'), model: roleOf('model'), deploy: roleOf('deploy') },
    floors: new Map(Object.entries(data.floors ?? {})),
    digest,
  };
}

function keyOf(id: string, pem: string, origin: string): PublicKey {
  const key = readKey(pem, origin);
  if (key.id !== id) throw rootInvalid(origin, `has the key ${key.id.slice(0, 12)} under the ID ${id.slice(0, 12)}`);
  return key;
}

function readKey(pem: string, origin: string): PublicKey {
  try {
    return readPublicKey(pem, 'key');
  } catch (error) {
    throw rootInvalid(origin, `has a key that is none: ${reasonOf(error)}`, { cause: error });
  }
}

function claimedVersion(payload: Uint8Array, origin: string): number {
  const value = readBounded(payload, MAX_ROOT_BYTES, (reason) => rootInvalid(origin, reason));
  const parsed = z.object({ version: z.int() }).safeParse(value);
  if (!parsed.success) throw rootInvalid(origin, issueIn(parsed.error.issues));
  return parsed.data.version;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
