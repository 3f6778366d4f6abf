import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Debian and others bring with the C library itself: letters of every script, no language. */
const PLAIN = '/usr/lib/locale/C.utf8';

/** What StringNormalizer asks the C library for unless the model names another. */
const WANTED = 'en_US.UTF-8';

let folder: string | undefined;

/**
 * A value for LOCPATH where the locale that strings are normalized in is not installed, as on most gateways: the plain
 * one under its name, whose upper and lower case are the same. Undefined where there is none either.
 */
export function substituteLocale(): string | undefined {
  if (folder !== undefined || !existsSync(PLAIN)) return folder;
  const made = mkdtempSync(join(tmpdir(), 'edgewright-locale-'));
  symlinkSync(PLAIN, join(made, WANTED));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  return folder;
}
