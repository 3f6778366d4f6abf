import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type {
  ClaimedBatch,
  EdgewrightError,
  Lane,
  LossRecord,
  PredictionRecord,
  SummaryRecord,
  WireRecord,
} from '../../../src/common/core/index.ts';
import { openStore, type Store } from '../../../src/common/store/index.ts';
import { fileLimitsFor } from '../../../src/storage/outbox/capacity/file-limits.ts';
import type { ClaimLimits, Entry, OutboxOptions, OutboxPorts } from '../../../src/storage/outbox/index.ts';
import { OutboxCore } from '../../../src/storage/outbox/index.ts';
import { MIGRATIONS } from '../../../src/storage/outbox/journal/rows/tables.ts';

/** Any time will do: the core takes it as an argument. */
export const NOW = Date.UTC(2027, 0, 1);
export const NO_LIMITS: ClaimLimits = { maxBytes: 1 << 20, maxRecords: 1000, gzip: false };

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-outbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function optionsFor(path: string, changes: Partial<OutboxOptions> = {}): OutboxOptions {
  return { path, site: 'plant', device: 'gw-1', max: 64 << 20, keepAcked: 60_000, ...changes };
}

/** An outbox in a folder of its own, or in the given one. */
export function openCore(changes: Partial<OutboxOptions> = {}, now = NOW): OutboxCore {
  return OutboxCore.open(optionsFor(changes.path ?? temporaryFolder(), changes), now);
}

/** An outbox whose transactions fail at their very end, each with the next of `failures`. */
export function openFlaky(
  options: OutboxOptions,
  failures: EdgewrightError[],
  now = NOW,
  ports: OutboxPorts = {},
): [Store, OutboxCore] {
  const { walPages, maxPages } = fileLimitsFor(options.max);
  const store = openStore(join(options.path, 'telemetry.db'), { migrations: MIGRATIONS, walPages, maxPages });
  const transaction = store.transaction.bind(store);
  store.transaction = <T>(work: () => T) =>
    transaction(() => {
      const result = work();
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return result;
    });
  return [store, OutboxCore.begin({ options, store, lock: { release: () => {} }, ports }, now)];
}

/** Entry number n; the number comes back in the record. */
export function entry(n: number, changes: Partial<Entry> = {}): Entry {
  const { type = 'prediction', pipeline = 'pump', t = NOW + n } = changes;
  const body = JSON.stringify({ type, t, pipeline, n });
  return { pipeline, type, t, clock: true, urgent: false, body, ...changes };
}

export function entries(from: number, to: number, changes: Partial<Entry> = {}): Entry[] {
  return Array.from({ length: to - from }, (_, index) => entry(from + index, changes));
}

/** A prediction as a pipeline writes it: number n of an asset, one a second. */
export function prediction(n: number, changes: Partial<PredictionRecord> & { readonly pad?: number } = {}): Entry {
  const { pad = 0, ...fields } = changes;
  const t = NOW + n * 1000;
  const record = {
    ...{ type: 'prediction', t, pipeline: 'pump', asset: `p-${n % 3}`, from: t - 1000, to: t },
    model: { name: 'pump', version: '1', digest: 'ab'.repeat(32), signed: false },
    ...{ output: { value: n % 10 }, decision: 'answer', quality: { code: 'Good', reasons: [] }, latencyMs: 2 },
    ...fields,
    n,
    ...(pad > 0 && { pad: 'x'.repeat(pad) }),
  };
  const { pipeline } = record;
  return { pipeline, type: 'prediction', t, clock: true, urgent: false, body: JSON.stringify(record) };
}

export interface Batch {
  readonly schema: string;
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  readonly first: number;
  readonly last: number;
  readonly records: readonly (WireRecord & { readonly n?: number })[];
}

export function unpack(claimed: ClaimedBatch): Batch {
  const { contentType, payload } = claimed;
  return JSON.parse((contentType === 'application/gzip' ? gunzipSync(payload) : Buffer.from(payload)).toString());
}

/** Claims, unpacks and confirms until the lane is empty. */
export function drain(core: OutboxCore, lane: Lane, limits: ClaimLimits = NO_LIMITS): Batch[] {
  const batches: Batch[] = [];
  for (let claimed = core.claim(lane, limits); claimed !== undefined; claimed = core.claim(lane, limits)) {
    batches.push(unpack(claimed));
    core.confirm(claimed.id);
  }
  return batches;
}

export function commitAll(core: OutboxCore, now = NOW): void {
  while (core.commit(now).more);
}

export function numbers(batches: readonly Batch[]): number[] {
  return batches.flatMap(({ records }) => records.flatMap(({ n }) => (n === undefined ? [] : [n])));
}

export function lossesIn(batches: readonly Batch[]): (LossRecord & WireRecord)[] {
  return batches.flatMap(({ records }) => records.flatMap((record) => (record.type === 'loss' ? [record] : [])));
}

export function summariesIn(batches: readonly Batch[]): (SummaryRecord & WireRecord)[] {
  return batches.flatMap(({ records }) => records.flatMap((record) => (record.type === 'summary' ? [record] : [])));
}

export function bytesOnDisk(folder: string): number {
  return ['', '-wal', '-shm']
    .map((suffix) => statSync(join(folder, `telemetry.db${suffix}`), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

/** Ids of the rows in the file of an outbox that is closed. */
export function idsIn(folder: string): number[] {
  const store = openStore(join(folder, 'telemetry.db'), { migrations: MIGRATIONS });
  const ids = store.prepare<[], number>('SELECT id FROM record ORDER BY id', 'value').all();
  store.close();
  return ids;
}

export function pidBeside(folder: string): number {
  return Number(readFileSync(join(folder, 'telemetry.db.pid'), 'utf8'));
}
