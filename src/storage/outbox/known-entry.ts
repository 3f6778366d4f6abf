import { join } from 'node:path';
import { readStore } from '../../common/store/index.ts';
import { copiedPlace } from './events.ts';
import type { OutboxOptions } from './options.ts';
import type { AuditPlace } from './ports.ts';
import { FILE, MIGRATIONS } from './tables.ts';

/** The newest audit entry that telemetry.db has a copy of, while no gateway has the file. Throws store errors. */
export function readKnownEntry({
  path,
  nativeBinding,
}: Pick<OutboxOptions, 'path' | 'nativeBinding'>): AuditPlace | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, copiedPlace);
}
