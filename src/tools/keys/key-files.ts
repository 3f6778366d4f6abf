import { existsSync } from 'node:fs';
import {
  type CurveName,
  generateKey,
  type PrivateKey,
  type PublicKey,
  readPrivateKey,
  readPublicKey,
} from '../../common/trust/index.ts';
import { fileExists, fileUnreadable } from './errors.ts';
import { discard, readText, writeNew } from './files.ts';

/** What is asked of a new pair of keys. */
export interface NewKey {
  readonly curve: CurveName;
  /** File whose first line encrypts the private key. */
  readonly passphraseFile?: string | undefined;
}

/** A pair of keys as files. */
export interface KeyFiles {
  readonly key: string;
  readonly pub: string;
  readonly id: string;
}

/**
 * Makes NAME.key, which its owner alone may read, and NAME.pub. Throws `keys.exists` where either is there, and changes
 * nothing then.
 */
export async function createKey(name: string, { curve, passphraseFile }: NewKey): Promise<KeyFiles> {
  const files = { key: `${name}.key`, pub: `${name}.pub` };
  const passphrase = await readPassphrase(passphraseFile);
  if (existsSync(files.pub)) throw fileExists(files.pub, 'is there already');
  const made = generateKey(curve, passphrase);
  await writeNew(files.key, made.key, 'private');
  try {
    await writeNew(files.pub, made.pub, 'public');
  } catch (error) {
    await discard(files.key);
    throw error;
  }
  return { ...files, id: readPublicKey(made.pub, files.pub).id };
}

/** Reads a private key. Throws `keys.unreadable`, `trust.key-invalid`, `trust.passphrase`. */
export async function readKeyFile(file: string, passphraseFile?: string): Promise<PrivateKey> {
  return readPrivateKey(await readText(file), file, await readPassphrase(passphraseFile));
}

/** Reads a public key. Throws `keys.unreadable`, `trust.key-invalid`. */
export async function readPublicKeyFile(file: string): Promise<PublicKey> {
  return readPublicKey(await readText(file), file);
}

/** The first line of a file; undefined where none is named. Throws `keys.unreadable` where it is empty. */
export async function readPassphrase(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const [line = ''] = (await readText(file)).split(/\r?\n/);
  if (line === '') throw fileUnreadable(file, 'has no passphrase on its first line');
  return line;
}
