import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { reasonOf } from '../../common/core/index.ts';
import { cannotWrite, fileExists, fileUnreadable } from './errors.ts';

/** Rights of a file that its owner alone reads. */
const PRIVATE = 0o600;
const PUBLIC = 0o644;
/** Most bytes of a file with a key, a passphrase or a certificate. */
const MAX_BYTES = 64 * 1024;

/** Whether anybody but the owner may read a file that is made. */
export type Access = 'private' | 'public';

/** Reads a short text. Throws `keys.unreadable`. */
export async function readText(file: string): Promise<string> {
  try {
    const info = await stat(file);
    if (!info.isFile() && !info.isFIFO()) throw new Error('is no file');
    if (info.size > MAX_BYTES) throw new Error(`has ${info.size} bytes, at most ${MAX_BYTES} are allowed`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileUnreadable(file, reasonOf(error), { cause: error });
  }
}

/** Writes a file that was not there, and has it on the disk. Throws `keys.exists` and `keys.cannot-write`. */
export async function writeNew(file: string, text: string, access: Access): Promise<void> {
  try {
    const handle = await open(file, 'wx', access === 'private' ? PRIVATE : PUBLIC);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw (exists ? fileExists : cannotWrite)(file, exists ? 'is there already' : reasonOf(error), { cause: error });
  }
}

/** Puts a text in the place of a file, whole or not at all. Throws `keys.cannot-write`. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await rm(part, { force: true });
    await writeNew(part, text, 'public');
    await rename(part, file);
  } catch (error) {
    throw cannotWrite(file, reasonOf(error), { cause: error });
  }
}

/** Takes a file away that was made by mistake. */
export async function discard(file: string): Promise<void> {
  await rm(file, { force: true });
}
