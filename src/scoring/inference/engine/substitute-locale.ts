import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What Debian and others bring with the C library itself: letters of every script, no language. */
const PLAIN = '/usr/lib/locale/C.utf8';

/** What StringNormalizer asks the C library for unless the model names another. */
const WANTED = 'en_US.UTF-8';

/** Whether a model has the operator's name in it: one that has it elsewhere is given the locale for nothing. */
export function normalizesStrings(model: Uint8Array): boolean {
  return Buffer.from(model.buffer, model.byteOffset, model.byteLength).includes('StringNormalizer');
}

/**
 * A value for LOCPATH where the locale that strings are normalized in is not installed, as on most gateways: the plain
 * one under its name, whose upper and lower case are the same. One folder a user, which stays for the next start.
 * Undefined where there is none, or the folder is somebody else's.
 */
export function substituteLocale(): string | undefined {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `edgewright-locale-${uid}`);
  try {
    if (!existsSync(PLAIN)) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) return undefined;
    const link = join(folder, WANTED);
    if (!existsSync(link)) symlinkSync(PLAIN, link);
    return readlinkSync(link) === PLAIN ? folder : undefined;
  } catch {
    // Models that need it are then refused with what to install.
    return undefined;
  }
}
