import { join } from 'node:path';
import { readStore } from '../../common/store/index.ts';
import { copiedPlace } from './journal/events.ts';
import type { OutboxOptions } from './journal/options.ts';
import type { AuditPlace } from './journal/ports.ts';
import { FILE, MIGRATIONS } from './journal/rows/tables.ts';

/** The newest audit entry that telemetry.db has a copy of, while no gateway has the file. Throws store errors. */
export function readKnownEntry({
  path,
  nativeBinding,
}: Pick<OutboxOptions, 'path' | 'nativeBinding'>): AuditPlace | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, copiedPlace);
}
