import { join } from 'node:path';
import { acquireLock } from '../../common/store/index.ts';
import type { OutboxOptions } from './journal/options.ts';
import { FILE } from './journal/rows/tables.ts';

/** Throws `store.locked`, which names the process, where another one has the outbox; leaves no trace where none has. */
export function checkUnlocked({ path, nativeBinding }: Pick<OutboxOptions, 'path' | 'nativeBinding'>): void {
  acquireLock(join(path, FILE), { nativeBinding }).release();
}
