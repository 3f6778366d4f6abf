import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { addonMissing } from './errors.ts';

const ADDON = 'better_sqlite3.node';

function installed(): string | undefined {
  try {
    const library = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
    return join(dirname(library), 'build', 'Release', ADDON);
  } catch {
    return undefined;
  }
}

/** Path of the native addon: as given (artifact), else in node_modules (clone). */
export function findAddon(given: string | undefined): string {
  const path = given ?? installed();
  if (path !== undefined && existsSync(path)) return path;
  throw addonMissing(given ?? ADDON, 'the SQLite addon is not there');
}
