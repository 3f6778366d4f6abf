import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../core/index.ts';
import { tokenUnreadable } from './errors.ts';

/** The token of the API: read from the file, or made there (readable by this user alone) where it may be created. */
export function loadToken(file: string, create: boolean): string {
  try {
    if (create) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw tokenUnreadable(file, reasonOf(error), { cause: error });
  }
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (token.length === 0) throw tokenUnreadable(file, 'is empty');
    return token;
  } catch (error) {
    throw tokenUnreadable(file, reasonOf(error), { cause: error });
  }
}
