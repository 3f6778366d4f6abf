import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EdgewrightError, LANES, type Lane } from '../../src/common/core/index.ts';
import { full, io, type Store } from '../../src/common/store/index.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import {
  type Batch,
  lossesIn,
  NOW,
  openFlaky,
  optionsFor,
  prediction,
  summariesIn,
  temporaryFolder,
  unpack,
} from './support/outbox.ts';

const KEEP_MS = 5000;
const RETAIN_MS = 10_000;
const MAX = 1 << 20;

const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 8, arbitrary: fc.integer({ min: 4000, max: 12_000 }) },
  { weight: 1, arbitrary: fc.constant(70_000) },
);
const lane = fc.constantFrom<Lane>(...LANES);
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append'),
      count: fc.integer({ min: 1, max: 30 }),
      size,
      urgent: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('commit') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('claim'),
      lane,
      maxRecords: fc.integer({ min: 1, max: 40 }),
      maxBytes: fc.integer({ min: 500, max: 40_000 }),
      gzip: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('confirm', 'release', 'reject'), which: fc.nat(7) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('receipt'), which: fc.nat(7), from: fc.nat(30), span: fc.nat(40) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('live') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('resend'), which: fc.nat(7), from: fc.nat(30), span: fc.nat(40) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('maintain'), ms: fc.integer({ min: 0, max: KEEP_MS }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), inOrder: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      kind: fc.constantFrom(full, io),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** An outbox whose transactions can be made to fail at their very end, and what a witness has seen of it. */
class Witness {
  readonly path = temporaryFolder();
  readonly failures: EdgewrightError[] = [];
  readonly batches: Batch[] = [];
  readonly lastSeqs = new Map<string, number>();
  readonly open: { readonly id: number; readonly batch: Batch }[] = [];
  readonly identities = new Map<string, number>();
  now = NOW;
  appended = 0;
  uncommitted = 0;
  store: Store;
  core: OutboxCore;

  constructor() {
    [this.store, this.core] = this.start();
  }

  start(): [Store, OutboxCore] {
    return openFlaky(
      optionsFor(this.path, { max: MAX, keepAcked: KEEP_MS, retain: RETAIN_MS }),
      this.failures,
      this.now,
    );
  }

  run(step: Operation): void {
    switch (step.do) {
      case 'append': {
        if (!('size' in step)) return;
        const { count, urgent } = step;
        const some = Array.from({ length: count }, (_, index) => {
          return { ...prediction(this.appended + index, { pad: step.size }), urgent };
        });
        this.core.append(some);
        this.appended += count;
        this.uncommitted += count;
        return;
      }
      case 'commit':
        this.commit();
        return;
      case 'claim': {
        if (!('lane' in step)) return;
        const claimed = this.core.claim(step.lane, step);
        if (claimed === undefined) return;
        const batch = unpack(claimed);
        expect(claimed.payload.length <= step.maxBytes || claimed.records === 1).toBe(true);
        this.saw(batch);
        this.open.push({ id: claimed.id, batch });
        return;
      }
      case 'confirm':
      case 'release':
      case 'reject': {
        const [taken] = this.open.splice('which' in step ? step.which : 0, 1);
        if (taken !== undefined) this.core[step.do](taken.id);
        return;
      }
      case 'receipt':
        if ('span' in step) this.receipt(step.which, step.from, step.span);
        return;
      case 'live':
        this.core.beginLive();
        return;
      case 'resend':
        if ('span' in step) this.resend(step.which, step.from, step.span);
        return;
      case 'maintain':
        this.now += 'ms' in step ? step.ms : 0;
        this.#tolerant(() => this.core.maintain(this.now));
        return;
      case 'restart':
        this.restart('inOrder' in step && step.inOrder);
        return;
      case 'fail':
        if ('kind' in step)
          for (let i = 0; i < step.times; i += 1) this.failures.push(step.kind('telemetry.db', 'made to fail'));
    }
  }

  /**
   * Confirms by receipt something that was sent at some time, by this process or an earlier one: a part, all, or more.
   */
  receipt(which: number, from: number, span: number): void {
    const batch = this.batches.at(-1 - which);
    if (batch === undefined) return;
    const seqs = batch.records.map(({ seq }) => seq);
    const some = seqs.slice(from % seqs.length, (from % seqs.length) + span);
    this.core.noteReceipt({ boot: batch.boot, ranges: some.map((seq) => [seq, seq]) });
  }

  /** Asks for a range again: each of its seqs is sent again, waits anyway, or is gone. */
  resend(which: number, from: number, span: number): void {
    const boot = this.batches.at(-1 - which)?.boot ?? this.core.opened.boot;
    const last = boot === this.core.opened.boot ? this.core.stats(this.now).seq : (this.lastSeqs.get(boot) ?? 0);
    const to = Math.min(last, from + span);
    if (from < 1 || to < from) return;
    const { sending, waiting, gone } = this.core.resend({ boot, from, to });
    expect(sending + waiting + gone).toBe(to - from + 1);
  }

  commit(): void {
    this.#tolerant(() => {
      for (let more = true; more; ) {
        const result = this.core.commit(this.now);
        this.uncommitted -= result.entries;
        more = result.more;
      }
    });
  }

  restart(inOrder: boolean): void {
    this.failures.length = 0;
    this.lastSeqs.set(this.core.opened.boot, this.core.stats(this.now).seq);
    if (inOrder) {
      this.commit();
      this.core.close(this.now);
    } else this.core.abandon();
    this.open.length = 0;
    this.appended -= this.uncommitted;
    this.uncommitted = 0;
    [this.store, this.core] = this.start();
    const { previous } = this.core.opened;
    expect(previous?.endedInOrder).toBe(inOrder);
    this.lastSeqs.set(previous?.boot ?? '', previous?.lastSeq ?? 0);
  }

  saw(batch: Batch): void {
    this.batches.push(batch);
    expect(batch.records.map(({ seq }) => seq)).toEqual(batch.records.map(({ seq }) => seq).sort((a, b) => a - b));
    expect([batch.first, batch.last]).toEqual([batch.records[0]?.seq, batch.records.at(-1)?.seq]);
    for (const { seq, n } of batch.records) {
      if (n === undefined) continue;
      const identity = `${batch.boot}:${seq}`;
      expect(this.identities.get(identity) ?? n).toBe(n);
      this.identities.set(identity, n);
    }
  }

  /** Checks that the ledger in memory adds up, is the file's, and counts the rows that are there. */
  check(): void {
    const { ledger, pending } = this.core.stats(this.now);
    for (const row of ledger) {
      const sum = row.acked + row.pending + row.dead + row.folded + row.dropped + row.unreadable;
      expect({ ...row, sum }).toEqual({ ...row, sum: row.committed });
    }
    const waiting = this.store
      .prepare<[], number>(
        `SELECT (SELECT count(*) FROM urgent) + (SELECT count(*) FROM record WHERE flags & 1 = 0
           AND NOT EXISTS (SELECT 1 FROM settled WHERE id BETWEEN first AND last))`,
        'value',
      )
      .get();
    expect(pending).toBe(waiting);
    const written = this.store.prepare<[], number>('SELECT sum(committed) FROM ledger', 'value').get();
    expect(ledger.reduce((sum, { committed }) => sum + committed, 0)).toBe(written);
    const predictions = ledger.find(({ type }) => type === 'prediction')?.committed ?? 0;
    expect(predictions).toBe(this.appended - this.uncommitted);
    expect(this.store.bytes()).toBeLessThanOrEqual(MAX);
  }

  /** Checks that every seq of every boot was seen, or that a loss record answers for it. */
  finish(): void {
    this.failures.length = 0;
    for (const { id } of this.open) this.core.release(id);
    this.drain();
    this.restart(true);
    this.drain();
    this.lastSeqs.set(this.core.opened.boot, this.core.stats(this.now).seq);
    const losses = lossesIn(this.batches);
    for (const [boot, last] of this.lastSeqs) {
      const seen = new Set(
        this.batches.flatMap((batch) => (batch.boot === boot ? batch.records.map(({ seq }) => seq) : [])),
      );
      for (let seq = 1; seq <= last; seq += 1) {
        const told = losses.some((loss) => loss.boot === boot && loss.first <= seq && seq <= loss.last);
        expect({ boot, seq, known: seen.has(seq) || told }).toEqual({ boot, seq, known: true });
      }
    }
    expect(new Set(this.identities.values()).size).toBe(this.identities.size);
    this.checkSummaries();
    this.core.close(this.now);
  }

  /** Checks that what was folded is in the summaries that came, once, unless a summary itself was dropped. */
  checkSummaries(): void {
    const ledger = this.core.stats(this.now).ledger;
    const dropped = ledger.find(({ type }) => type === 'summary')?.dropped ?? 0;
    const folded = ledger.find(({ type }) => type === 'prediction')?.folded ?? 0;
    const records = new Map<string, number>();
    for (const batch of this.batches) {
      for (const { seq, folded } of summariesIn([batch])) records.set(`${batch.boot}:${seq}`, folded?.records ?? 0);
    }
    const told = Array.from(records.values()).reduce((sum, count) => sum + count, 0);
    // A summary that was on its way when it became coarser may have come twice.
    if (dropped === 0) expect(told).toBeGreaterThanOrEqual(folded);
  }

  drain(): void {
    this.commit();
    const limits = { maxBytes: 1 << 20, maxRecords: 500, gzip: false };
    for (const which of LANES) {
      for (let claimed = this.core.claim(which, limits); claimed; claimed = this.core.claim(which, limits)) {
        this.saw(unpack(claimed));
        this.core.confirm(claimed.id);
      }
    }
    this.commit();
    this.check();
    expect(this.core.stats(this.now).pending).toBe(0);
  }

  /** Runs work that may fail with an injected failure, and with nothing else. */
  #tolerant(work: () => void): void {
    try {
      work();
    } catch (error) {
      expect(error).toMatchObject({ subject: 'telemetry.db' });
    }
  }
}

describe('the outbox', () => {
  it('keeps its ledger right over any sequence of appends, claims, answers, failures and restarts', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 20, maxLength: 120 }), (steps) => {
        const witness = new Witness();
        for (const step of steps) {
          witness.run(step);
          witness.check();
        }
        witness.finish();
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
