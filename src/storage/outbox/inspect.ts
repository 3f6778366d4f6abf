import { join } from 'node:path';
import { readStore, type Store } from '../../common/store/index.ts';
import { copiedPlace } from './journal/events.ts';
import type { OutboxOptions } from './journal/options.ts';
import type { AuditPlace } from './journal/ports.ts';
import { Ledger, type LedgerRow } from './journal/rows/ledger.ts';
import { FILE, MIGRATIONS } from './journal/rows/tables.ts';

/** Contents of telemetry.db without those of its records. */
export interface OutboxInspection {
  readonly schema: number;
  /** Problems of its structure; the rest is empty where there are some. */
  readonly problems: readonly string[];
  readonly pages: { readonly total: number; readonly free: number };
  readonly boots: readonly { readonly boot: string; readonly firstId: number; readonly ended: boolean }[];
  readonly ledger: readonly LedgerRow[];
  /** Position by source. */
  readonly marks: Readonly<Record<string, string>>;
  /** The newest records as JSON texts, newest first; none unless they are asked for. */
  readonly newest: readonly string[];
}

/** Looks into telemetry.db while no gateway has it. Undefined where there is no file. Throws store errors. */
export function inspectOutbox(
  { path, nativeBinding }: Pick<OutboxOptions, 'path' | 'nativeBinding'>,
  newest = 0,
): OutboxInspection | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, (store, schema) => {
    const problems = store.quickCheck();
    if (problems.length > 0)
      return { schema, problems, pages: store.pages(), boots: [], ledger: [], marks: {}, newest: [] };
    return { schema, problems, pages: store.pages(), ...contents(store, newest) };
  });
}

/** The newest audit entry that telemetry.db has a copy of, while no gateway has the file. Throws store errors. */
export function readKnownEntry({
  path,
  nativeBinding,
}: Pick<OutboxOptions, 'path' | 'nativeBinding'>): AuditPlace | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, copiedPlace);
}

function contents(store: Store, newest: number): Pick<OutboxInspection, 'boots' | 'ledger' | 'marks' | 'newest'> {
  const ledger = new Ledger(store);
  ledger.load();
  const boots = store.prepare<[], [string, number, number]>('SELECT boot, first_id, ended FROM boot', 'array').all();
  const marks = store.prepare<[], [string, string]>('SELECT source, position FROM mark', 'array').all();
  const bodies = store.prepare<[number], string>('SELECT body FROM record ORDER BY id DESC LIMIT ?', 'value');
  return {
    boots: boots.map(([boot, firstId, ended]) => ({ boot, firstId, ended: ended === 1 })),
    ledger: ledger.list(),
    marks: Object.fromEntries(marks),
    newest: newest > 0 ? bodies.all(newest) : [],
  };
}
