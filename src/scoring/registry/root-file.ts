import { readFile, stat } from 'node:fs/promises';
import { reasonOf } from '../../common/core/index.ts';
import { MAX_ROOT_BYTES, type PublicKey, type Root, readRoot } from '../../common/trust/index.ts';
import { rootUnreadable } from './errors.ts';

/**
 * Reads the root that this device or person trusts. Throws `registry.root-unreadable`, and `trust.root-*` where it is none
 * that its own keys signed.
 */
export async function readRootFile(file: string): Promise<Root> {
  return readRoot(await readRootBytes(file), file);
}

/** Reads a file that is to be a root, and no longer than one may be. Throws `registry.root-unreadable`. */
export async function readRootBytes(file: string): Promise<Buffer> {
  try {
    const info = await stat(file);
    if (!info.isFile()) throw new Error('is no regular file');
    if (info.size > MAX_ROOT_BYTES) throw new Error(`has ${info.size} bytes, at most ${MAX_ROOT_BYTES} are allowed`);
    return await readFile(file);
  } catch (error) {
    throw rootUnreadable(file, reasonOf(error), { cause: error });
  }
}

/**
 * Keys of which one has to have signed a bundle, by the file of the root that is trusted; undefined where there is none,
 * and bundles may be unsigned. Throws as `readRootFile` does.
 */
export async function signersIn(root: string | undefined): Promise<readonly PublicKey[] | undefined> {
  return root === undefined ? undefined : (await readRootFile(root)).roles.model.keys;
}
