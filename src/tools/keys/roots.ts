import {
  type Envelope,
  makeRoot,
  type PrivateKey,
  type PublicKey,
  parseRoot,
  ROLES,
  type RoleName,
  type Root,
  type RootData,
  rootDataOf,
  rootEnvelope,
  rootExpired,
  withSignature,
  writeEnvelope,
} from '../../common/trust/index.ts';
import { readRootBytes, readRootFile } from '../../scoring/registry/index.ts';
import { badRoot } from './errors.ts';
import { replaceFile, writeNew } from './files.ts';
import { type RootView, viewRoot } from './root-view.ts';

/** What is wanted of a root in the place of what it has. */
export interface RootChange {
  /** Keys that get a role. */
  readonly add: Readonly<Partial<Record<RoleName, readonly PublicKey[]>>>;
  /** Beginnings of the IDs of keys that lose all their roles. */
  readonly remove: readonly string[];
  readonly thresholds: Readonly<Partial<Record<RoleName, number>>>;
  /** Least release by name of a model. */
  readonly floors: Readonly<Record<string, number>>;
  /** ms since the epoch. */
  readonly expires: number;
}

/** Where a root goes, who signs it at once, and what time it is (ms since the epoch). */
export interface WriteRoot {
  readonly out: string;
  readonly keys: readonly PrivateKey[];
  readonly now: number;
}

const NOTHING: RootData = {
  schema: 'edgewright.root/1',
  version: 0,
  expires: '',
  keys: {},
  roles: { root: { keys: [], threshold: 2 }, model: { keys: [], threshold: 1 }, deploy: { keys: [], threshold: 1 } },
};

/** Makes the first root as a new file. Throws `keys.bad-root`, `keys.exists`, `trust.root-expired`, `.root-invalid`. */
export async function initRoot(change: RootChange, to: WriteRoot): Promise<RootView> {
  return write(changed(NOTHING, change, to), undefined, to);
}

/**
 * Makes the root after the one in a file as a new file. It is taken once holders of the old keys and of the new have
 * signed it, each group to its threshold. Throws what `initRoot` throws, and what reading a root throws.
 */
export async function rotateRoot(file: string, change: RootChange, to: WriteRoot): Promise<RootView> {
  const previous = await readRootFile(file);
  const data = rootDataOf(rootEnvelope(await readRootBytes(file), file).payload, file);
  return write(changed(data, change, to), previous, to);
}

/**
 * Adds a signature to the file of a root. The key has to be a root key of it, or of the root before.
 * Throws `keys.bad-root` for another one.
 */
export async function signRoot(file: string, keys: readonly PrivateKey[], previous?: string): Promise<RootView> {
  const before = previous === undefined ? undefined : await readRootFile(previous);
  const { envelope, root } = await readUnfinished(file);
  const allowed = [root, before].flatMap((one) => one?.roles.root.keys ?? []).map(({ id }) => id);
  for (const { publicKey } of keys) {
    if (!allowed.includes(publicKey.id)) {
      throw badRoot(file, `does not have the key ${publicKey.id.slice(0, 12)} under the role root`, {
        hint: 'Sign with a root key. One that this version takes away signs with `--previous FILE`, the root that has it.',
      });
    }
  }
  const signed = keys.reduce(withSignature, envelope);
  await replaceFile(file, `${writeEnvelope(signed)}\n`);
  return viewRoot(root, signed, before);
}

/** What a root says, and how far its signing has come, also beside the root before it. */
export async function showRoot(file: string, previous?: string): Promise<RootView> {
  const before = previous === undefined ? undefined : await readRootFile(previous);
  const { envelope, root } = await readUnfinished(file);
  return viewRoot(root, envelope, before);
}

async function readUnfinished(file: string): Promise<{ envelope: Envelope; root: Root }> {
  const envelope = rootEnvelope(await readRootBytes(file), file);
  return { envelope, root: parseRoot(envelope.payload, file) };
}

async function write(data: RootData, previous: Root | undefined, { out, keys }: WriteRoot): Promise<RootView> {
  const envelope = makeRoot(data, keys, out);
  await writeNew(out, `${writeEnvelope(envelope)}\n`, 'public');
  return viewRoot(parseRoot(envelope.payload, out), envelope, previous);
}

function changed(data: RootData, change: RootChange, { out, now }: WriteRoot): RootData {
  if (change.expires <= now) throw rootExpired(out, 'would have expired already', { hint: 'Give a later --expires.' });
  const pems = new Map(Object.entries(data.keys));
  const removed = new Set(change.remove.map((start) => keyStarting(start, [...pems.keys()], out)));
  const roleOf = (name: RoleName) => {
    const added = change.add[name] ?? [];
    for (const { id, pem } of added) pems.set(id, pem);
    const { keys: had, threshold } = data.roles[name];
    const keys = [...new Set([...had.filter((id) => !removed.has(id)), ...added.map(({ id }) => id)])];
    return { keys, threshold: thresholdOf(name, change.thresholds[name] ?? threshold, keys.length, out) };
  };
  const roles = { root: roleOf('root'), model: roleOf('model'), deploy: roleOf('deploy') };
  const used = new Set(ROLES.flatMap((name) => roles[name].keys));
  const floors = { ...data.floors, ...change.floors };
  return {
    schema: data.schema,
    version: data.version + 1,
    expires: new Date(change.expires).toISOString(),
    keys: Object.fromEntries([...pems].filter(([id]) => used.has(id))),
    roles,
    ...(Object.keys(floors).length > 0 ? { floors } : {}),
  };
}

function thresholdOf(name: RoleName, threshold: number, keys: number, out: string): number {
  if (name === 'model' && threshold > 1) {
    throw badRoot(out, 'the role model takes a threshold of 1, since a model.sig carries one signature', {
      hint: 'More eyes are a threshold of the role deploy: `--threshold deploy=2`.',
    });
  }
  if (keys === 0) throw badRoot(out, `has no key for the role ${name}`, { hint: `Give one: \`--${name} FILE.pub\`.` });
  if (keys < threshold) {
    throw badRoot(out, `the role ${name} has ${keys} keys, and a threshold of ${threshold}`, {
      hint: `Give more keys, or a lower threshold: \`--threshold ${name}=${keys}\`.`,
    });
  }
  return threshold;
}

function keyStarting(start: string, ids: readonly string[], out: string): string {
  const [found, ...others] = ids.filter((id) => id.startsWith(start));
  if (found !== undefined && others.length === 0 && start !== '') return found;
  throw badRoot(out, `${found === undefined ? 'no key' : 'more than one key'} begins with ${start}`, {
    hint: '`edgewright trust show ROOT` lists the keys.',
  });
}
