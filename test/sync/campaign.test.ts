import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Lane } from '../../src/common/core/index.ts';
import { Drain } from '../../src/device/sync/drain.ts';
import type { DrainAction, DrainEvent, InFlight } from '../../src/device/sync/drain-events.ts';
import { CONNECTED, OPTIONS } from './bench.ts';

interface Stored {
  readonly seq: number;
  readonly lane: Lane;
  readonly bytes: number;
}

interface Batch extends InFlight {
  readonly stored: readonly Stored[];
}

/** Bytes of a message that the broker of this campaign takes. */
const BROKER_LIMIT = 3_000;

/** What may go wrong, one at a time: a number is the reason of the next acknowledgement. */
type Trouble = 'close' | 'outbox' | 'unsent' | 'late' | number;

/** An outbox and a broker around a drain; every rule of theirs is checked at every step. */
class Campaign {
  readonly drain = new Drain({ ...OPTIONS, batch: { maxBytes: 10_000, maxRecords: 20 } });
  readonly pending: Stored[] = [];
  readonly confirmed: number[] = [];
  readonly rejected: Stored[] = [];
  readonly batches = new Map<number, Batch>();
  readonly published = new Set<number>();
  readonly acked = new Set<number>();
  claim: Extract<DrainAction, { type: 'claim' }> | undefined;
  connected = false;
  now = 0;
  #seq = 0;
  #id = 0;

  feed(event: DrainEvent): void {
    for (const action of this.drain.handle(event, this.now)) this.#do(action);
    expect(this.published.size).toBeLessThanOrEqual(OPTIONS.window);
  }

  append(count: number, lane: Lane, bytes: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#seq += 1;
      this.pending.push({ seq: this.#seq, lane, bytes });
    }
    this.feed({ type: 'committed', records: count, urgent: lane === 'urgent' ? count : 0 });
  }

  connect(): void {
    if (this.connected) return;
    this.connected = true;
    this.feed(CONNECTED);
  }

  close(): void {
    if (!this.connected) return;
    this.connected = false;
    this.feed({ type: 'closed', tooLarge: false });
    expect(this.published.size).toBe(0);
  }

  /** The outbox answers the claim that is under way. */
  answer(fails = false): void {
    const { claim } = this;
    if (claim === undefined) return;
    this.claim = undefined;
    const { lane, limits } = claim;
    if (fails) {
      this.feed({ type: 'claim-failed', lane });
      return;
    }
    const stored: Stored[] = [];
    let bytes = 0;
    for (const record of this.pending.filter((one) => one.lane === lane).slice(0, limits.maxRecords)) {
      if (stored.length > 0 && bytes + record.bytes > limits.maxBytes) break;
      stored.push(record);
      bytes += record.bytes;
    }
    this.#id += 1;
    const batch = stored.length > 0 ? { id: this.#id, lane, records: stored.length, bytes, stored } : undefined;
    for (const record of stored) this.pending.splice(this.pending.indexOf(record), 1);
    if (batch !== undefined) this.batches.set(batch.id, batch);
    this.feed({ type: 'claimed', lane, batch });
  }

  /** The broker answers the oldest message. */
  acknowledge(trouble?: Trouble): void {
    const [id] = this.published;
    const batch = id === undefined ? undefined : this.batches.get(id);
    if (batch === undefined) return;
    this.published.delete(batch.id);
    if (trouble === 'unsent') {
      this.feed({ type: 'unsent', id: batch.id });
      return;
    }
    const reasonCode = typeof trouble === 'number' ? trouble : batch.bytes > BROKER_LIMIT ? 149 : 0;
    if (reasonCode === 0) this.acked.add(batch.id);
    this.feed({ type: 'acked', id: batch.id, reasonCode });
  }

  #do(action: DrainAction): void {
    if (action.type === 'claim') {
      expect(this.claim).toBeUndefined();
      this.claim = action;
      return;
    }
    const batch = this.batches.get(action.id);
    if (batch === undefined) throw new Error(`${action.type} of a batch that is not claimed`);
    if (action.type === 'publish') {
      expect(this.connected).toBe(true);
      this.published.add(batch.id);
      return;
    }
    this.published.delete(batch.id);
    this.batches.delete(batch.id);
    if (action.type === 'confirm') {
      expect(this.acked.has(batch.id)).toBe(true);
      this.confirmed.push(...batch.stored.map(({ seq }) => seq));
    } else if (action.type === 'release') {
      this.pending.push(...batch.stored);
      this.pending.sort((a, b) => a.seq - b.seq);
    } else {
      expect(batch.records).toBe(1);
      this.rejected.push(...batch.stored);
    }
  }

  step(trouble?: Trouble): void {
    if (trouble === 'close') this.close();
    else if (trouble !== 'late') {
      this.answer(trouble === 'outbox');
      this.acknowledge(trouble);
    }
    this.now += 100;
    this.feed({ type: 'tick' });
  }

  get total(): number {
    return this.#seq;
  }
}

const trouble = fc.constantFrom<(Trouble | undefined)[]>(
  undefined,
  'close',
  'outbox',
  'unsent',
  'late',
  0x10,
  151,
  149,
);
const step = fc.record({
  trouble,
  append: fc.record({ count: fc.nat(30), urgent: fc.boolean(), bytes: fc.constantFrom(10, 400, 2_900, 5_000) }),
  connect: fc.boolean(),
});

it('whatever happens, every record is confirmed once by an acknowledgement, or too large by itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const campaign = new Campaign();
      for (const { append, connect, trouble: what } of steps) {
        if (append.count > 0) campaign.append(append.count, append.urgent ? 'urgent' : 'live', append.bytes);
        if (connect) campaign.connect();
        campaign.step(what);
      }
      // Then all is well, for long enough.
      for (let i = 0; i < 5_000 && campaign.confirmed.length + campaign.rejected.length < campaign.total; i += 1) {
        campaign.connect();
        campaign.step();
      }
      const done = [...campaign.confirmed, ...campaign.rejected.map(({ seq }) => seq)].sort((a, b) => a - b);
      expect(done).toEqual(Array.from({ length: campaign.total }, (_, i) => i + 1));
      // A broker that said 149 to a record by mistake has condemned it; else only the large ones are gone.
      if (!steps.some((one) => one.trouble === 149)) {
        expect(campaign.rejected.every(({ bytes }) => bytes > BROKER_LIMIT)).toBe(true);
      }
      for (let i = 0; i < 400 && !campaign.drain.idle; i += 1) campaign.step();
      expect([campaign.drain.idle, campaign.drain.inFlight, campaign.batches.size]).toEqual([true, 0, 0]);
    }),
    { numRuns: 300 },
  );
});
