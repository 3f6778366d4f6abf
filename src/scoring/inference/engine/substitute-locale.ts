import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Locale that Debian and others bring with the C library itself: letters of every script, no language. */
const PLAIN = '/usr/lib/locale/C.utf8';

/** Locale that StringNormalizer asks the C library for unless the model names another. */
const WANTED = 'en_US.UTF-8';

/**
 * Tells whether the operator's name stands in a model's file; where it stands there for another reason, the locale is
 * not used.
 */
export function normalizesStrings(model: Uint8Array): boolean {
  return Buffer.from(model.buffer, model.byteOffset, model.byteLength).includes('StringNormalizer');
}

/**
 * Makes a folder for LOCPATH in which the plain locale has the name of the one that strings are normalized in and that
 * most gateways lack; upper and lower case are the same in both. Each user has one folder, which stays for the next
 * start. Undefined where there is no plain locale, or the folder belongs to somebody else.
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
    // The engine then refuses models that need the locale, and the error says what to install.
    return undefined;
  }
}
