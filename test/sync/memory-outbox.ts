import { gzipSync } from 'node:zlib';
import type { ClaimedBatch, Lane, OutboxRecord } from '../../src/common/core/index.ts';
import {
  BATCH_END,
  type BatchIdentity,
  batchStart,
  encodeRecord,
  type Receipt,
  withIdentity,
} from '../../src/common/protocol/index.ts';
import type { ClaimLimits, OutboxPort, Settlement } from '../../src/device/sync/index.ts';

interface Row {
  readonly seq: number;
  lane: Lane;
  readonly text: string;
}

/** What the uplink needs of an outbox, in memory and by the rules. */
export class MemoryOutbox implements OutboxPort {
  readonly confirmed = new Set<number>();
  readonly dead = new Set<number>();
  readonly #identity: BatchIdentity;
  readonly #listeners = new Set<Parameters<OutboxPort['onCommitted']>[0]>();
  readonly #claimed = new Map<number, readonly Row[]>();
  readonly #receiving = new Set<(received: Settlement) => void>();
  #pending: Row[] = [];
  #batches = 0;
  #bulk: Lane = 'backlog';
  seq = 0;

  constructor(identity: BatchIdentity) {
    this.#identity = identity;
  }

  get pending(): number {
    return this.#pending.length;
  }

  get claimed(): number {
    return this.#claimed.size;
  }

  beginLive(): void {
    this.#bulk = 'live';
    for (const row of this.#pending) if (row.lane === 'live') row.lane = 'backlog';
  }

  commit(records: readonly OutboxRecord[]): void {
    let urgent = 0;
    for (const record of records) {
      this.seq += 1;
      const lane = record.type === 'alarm' || record.type === 'event' || record.type === 'loss' ? 'urgent' : this.#bulk;
      if (lane === 'urgent') urgent += 1;
      this.#pending.push({ seq: this.seq, lane, text: withIdentity(encodeRecord(record), this.seq, true) });
    }
    for (const listener of this.#listeners) listener({ records: records.length, urgent });
  }

  async claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined> {
    const offered = this.#pending.filter((row) => row.lane === lane).slice(0, limits.maxRecords);
    while (offered.length > 1 && this.#seal(offered, limits.gzip).byteLength > limits.maxBytes) {
      offered.length = Math.ceil(offered.length / 2);
    }
    if (offered.length === 0) return undefined;
    this.#batches += 1;
    const taken = new Set(offered);
    this.#pending = this.#pending.filter((row) => !taken.has(row));
    this.#claimed.set(this.#batches, offered);
    const contentType = limits.gzip ? 'application/gzip' : 'application/json';
    return { id: this.#batches, lane, records: offered.length, payload: this.#seal(offered, limits.gzip), contentType };
  }

  #seal(rows: readonly Row[], gzip: boolean): Uint8Array {
    const head = batchStart(this.#identity, rows[0]?.seq ?? 0, rows.at(-1)?.seq ?? 0);
    const text = head + rows.map((row) => row.text).join(',') + BATCH_END;
    return gzip ? gzipSync(text) : Buffer.from(text);
  }

  #take(id: number): readonly Row[] {
    const rows = this.#claimed.get(id);
    if (rows === undefined) throw new Error(`batch ${id} is not claimed`);
    this.#claimed.delete(id);
    return rows;
  }

  confirm(id: number): void {
    for (const { seq } of this.#take(id)) this.confirmed.add(seq);
  }

  release(id: number): void {
    const back = this.#take(id).filter(({ seq }) => !this.confirmed.has(seq));
    this.#pending = [...this.#pending, ...back].sort((a, b) => a.seq - b.seq);
  }

  reject(id: number): void {
    for (const { seq } of this.#take(id)) this.dead.add(seq);
  }

  async noteReceipt({ boot, ranges }: Receipt): Promise<Record<string, number>> {
    if (boot !== this.#identity.boot) return { 'unknown-boot': ranges.length };
    const had = ({ seq }: Row) => ranges.some(([from, to]) => from <= seq && seq <= to);
    const before = this.confirmed.size;
    const batches: number[] = [];
    for (const [id, rows] of this.#claimed) {
      for (const row of rows) if (had(row)) this.confirmed.add(row.seq);
      if (!rows.every(({ seq }) => this.confirmed.has(seq))) continue;
      this.#claimed.delete(id);
      batches.push(id);
    }
    for (const row of this.#pending) if (had(row)) this.confirmed.add(row.seq);
    this.#pending = this.#pending.filter(({ seq }) => !this.confirmed.has(seq));
    for (const listener of this.#receiving) listener({ records: this.confirmed.size - before, batches });
    return {};
  }

  async resend({
    from,
    to,
  }: {
    from: number;
    to: number;
  }): Promise<{ sending: number; waiting: number; gone: number }> {
    let sending = 0;
    for (let seq = from; seq <= to; seq += 1) if (this.confirmed.has(seq)) sending += 1;
    return { sending, waiting: 0, gone: to - from + 1 - sending };
  }

  onReceived(listener: (received: Settlement) => void): () => void {
    this.#receiving.add(listener);
    return () => this.#receiving.delete(listener);
  }

  /** Nothing comes back here but by a release, which the uplink itself asks for. */
  onOffered(): () => void {
    return () => {};
  }

  onCommitted(listener: Parameters<OutboxPort['onCommitted']>[0]): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
