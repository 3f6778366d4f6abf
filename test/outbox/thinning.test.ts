import { describe, expect, it } from 'vitest';
import type { Entry, OutboxCore, OutboxOptions } from '../../src/storage/outbox/index.ts';
import { PredictionFold, readPrediction } from '../../src/storage/outbox/journal/losses/prediction-fold.ts';
import {
  type Batch,
  bytesOnDisk,
  commitAll,
  drain,
  entry,
  lossesIn,
  NO_LIMITS,
  NOW,
  numbers,
  openCore,
  prediction,
  summariesIn,
  temporaryFolder,
} from './support/outbox.ts';

const MIB = 1 << 20;
const ALL = { ...NO_LIMITS, maxBytes: 16 * MIB, maxRecords: 10_000 };

/** Commits predictions [from, to) in groups; the file is under its cap and the ledger adds up at every one. */
function flood(core: OutboxCore, path: string, from: number, to: number, pipelines = ['pump']): number[] {
  const levels: number[] = [];
  for (let n = from; n < to; n += 1) {
    core.append([prediction(n, { pipeline: pipelines[n % pipelines.length] ?? 'pump', pad: 300 })]);
    if (n % 100 !== 99) continue;
    while (core.commit(NOW + n * 10).more) expectSound(core, path);
    expectSound(core, path);
    levels.push(core.stats(NOW + n * 10).level);
  }
  return levels;
}

/** A summary that stands for one prediction. */
function summary(n: number): Entry {
  const made = prediction(n);
  const read = readPrediction(made.body);
  if (read === undefined) throw new Error('no prediction');
  const fold = new PredictionFold(read.pipeline, read.asset, read.model);
  fold.add(read);
  return { ...made, type: 'summary', body: JSON.stringify(fold.toRecord()) };
}

function expectSound(core: OutboxCore, path: string): void {
  const { bytes, cap, ledger } = core.stats(NOW);
  expect(bytesOnDisk(path)).toBe(bytes);
  expect(bytes).toBeLessThanOrEqual(cap);
  for (const { committed, acked, pending, dead, folded, dropped, unreadable } of ledger) {
    expect(acked + pending + dead + folded + dropped + unreadable).toBe(committed);
  }
}

function open(changes: Partial<OutboxOptions> = {}): { core: OutboxCore; path: string } {
  const path = changes.path ?? temporaryFolder();
  return { core: openCore({ path, max: 2 * MIB, ...changes }), path };
}

function everything(core: OutboxCore): Batch[] {
  return [...drain(core, 'urgent', ALL), ...drain(core, 'backlog', ALL)];
}

function rowOf(core: OutboxCore, type: string, pipeline = 'pump') {
  const row = core.stats(NOW).ledger.find((one) => one.type === type && one.pipeline === pipeline);
  if (row === undefined) throw new Error(`no ${type} of ${pipeline}`);
  return row;
}

describe('an outbox without room', () => {
  it('thins predictions, oldest first and evenly over the assets, and drops nothing', () => {
    const { core, path } = open();
    const levels = flood(core, path, 0, 3500);
    expect([levels[0], levels.at(-1)]).toEqual([0, 1]);
    expect(rowOf(core, 'prediction')).toMatchObject({ dropped: 0 });
    const batches = everything(core);
    const kept = numbers(batches);
    const of = (asset: number, from: number, to: number) =>
      kept.filter((n) => n % 3 === asset && n >= from && n < to).length;
    const early = [0, 1, 2].map((asset) => of(asset, 0, 900));
    // Level 1 folds every second one of each: about 150 of 300.
    for (const count of early) expect(Math.abs(count - 150)).toBeLessThanOrEqual(1);
    expect([0, 1, 2].map((asset) => of(asset, 3200, 3500))).toEqual([100, 100, 100]);
    core.close(NOW);
  });

  it('says of every prediction what became of it: received, or in the range of a loss record and in a summary', () => {
    const { core, path } = open();
    flood(core, path, 0, 20_000);
    const { folded, dropped } = rowOf(core, 'prediction');
    expect([folded > 0, dropped]).toEqual([true, 0]);
    const batches = everything(core);
    const losses = lossesIn(batches);
    expect(losses.map(({ cause }) => cause)).toEqual(['thinned']);
    expect(losses[0]?.counts).toContainEqual({ pipeline: 'pump', type: 'prediction', folded });
    const summaries = summariesIn(batches);
    expect(summaries.reduce((sum, summary) => sum + (summary.folded?.records ?? 0), 0)).toBe(folded);
    const { first = 0, last = 0 } = losses[0]?.summaries ?? {};
    for (const { seq } of summaries) expect(seq >= first && seq <= last).toBe(true);
    const received = new Set(batches.flatMap(({ records }) => records.map(({ seq }) => seq)));
    const { first: from = 0, last: to = 0 } = losses[0] ?? {};
    for (let seq = 1; seq <= core.stats(NOW).seq; seq += 1) {
      if (!received.has(seq)) expect(seq >= from && seq <= to).toBe(true);
    }
    core.close(NOW);
  });

  it('climbs while the flood lasts, before anything is dropped, and keeps alarms and events', () => {
    const { core, path } = open({ max: MIB });
    core.append([entry(-1, { type: 'alarm', urgent: true })]);
    const levels = flood(core, path, 0, 30_000);
    expect(levels.toSorted((a, b) => a - b)).toEqual(levels);
    expect(levels.at(-1)).toBeGreaterThanOrEqual(4);
    for (const type of ['prediction', 'summary']) expect(rowOf(core, type).dropped).toBe(0);
    expect(rowOf(core, 'alarm').pending).toBe(1);
    core.close(NOW);
  });

  it('makes summaries coarser where there are only those left, and drops none: what they count stays the same', () => {
    const { core, path } = open({ max: MIB });
    const total = 4000;
    for (let n = 0; n < total; n += 1) {
      core.append([summary(n)]);
      if (n % 50 !== 49) continue;
      while (core.commit(NOW + n).more);
      expectSound(core, path);
    }
    expect(core.stats(NOW)).toMatchObject({ level: 5, next: 'summaries' });
    const row = rowOf(core, 'summary');
    expect([row.folded > 0, row.dropped]).toEqual([true, 0]);
    const batches = everything(core);
    const summaries = summariesIn(batches);
    expect(summaries).toHaveLength(row.pending);
    expect(summaries.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(total);
    expect(summaries.reduce((sum, { outputs }) => sum + (outputs['value']?.n ?? 0), 0)).toBe(total);
    expect(new Set(summaries.map(({ asset }) => asset))).toEqual(new Set(['p-0', 'p-1', 'p-2']));
    core.close(NOW);
  });

  it('takes first the pipelines of the lowest priority', () => {
    const { core, path } = open({ priorities: { chatty: -1, vital: 5 } });
    const folded = (pipeline: string) => rowOf(core, 'prediction', pipeline).folded;
    let n = 0;
    do {
      flood(core, path, n, n + 100, ['vital', 'chatty']);
      n += 100;
    } while (folded('chatty') === 0);
    expect(folded('vital')).toBe(0);
    flood(core, path, n, 8000, ['vital', 'chatty']);
    expect(folded('chatty')).toBeGreaterThan(folded('vital'));
    core.close(NOW);
  });

  it('takes shadow predictions before those of any pipeline, and what stands for them says that they are', () => {
    const { core } = open({ priorities: { chatty: -1 } });
    const shadow = (n: number): Entry => {
      const { body, ...entry } = prediction(n, { pad: 300 });
      return { ...entry, type: 'shadow', body: JSON.stringify({ ...JSON.parse(body), type: 'shadow', beside: 'cd' }) };
    };
    for (let n = 0; n < 4000; n += 1) {
      core.append([n % 2 === 0 ? shadow(n) : prediction(n, { pipeline: 'chatty', pad: 300 })]);
      if (n % 100 === 99) while (core.commit(NOW + n * 10).more);
    }
    // Nearly all shadows are gone before a prediction goes.
    expect(rowOf(core, 'shadow').folded).toBeGreaterThan(1900);
    expect(rowOf(core, 'prediction', 'chatty').folded).toBeLessThan(100);
    const stand = summariesIn(everything(core)).map(({ beside }) => beside);
    expect(new Set(stand)).toEqual(new Set(['cd', undefined]));
    core.close(NOW);
  });

  it('takes confirmed rows before it thins any', () => {
    const { core, path } = open();
    flood(core, path, 0, 1500);
    drain(core, 'backlog', ALL);
    expect(flood(core, path, 1500, 3000)).toEqual(Array(15).fill(0));
    expect(rowOf(core, 'prediction').folded).toBe(0);
    core.close(NOW);
  });

  it('leaves alone what is on its way to the broker', () => {
    const { core, path } = open();
    flood(core, path, 0, 300);
    const claimed = core.claim('backlog', { ...ALL, maxRecords: 300 });
    flood(core, path, 300, 12_000);
    if (claimed !== undefined) core.confirm(claimed.id);
    commitAll(core);
    expect(rowOf(core, 'prediction').acked).toBe(claimed?.records);
    core.close(NOW);
  });

  it('goes back to level 0 when the queue has drained, and thins nothing any more', () => {
    const { core, path } = open();
    flood(core, path, 0, 8000);
    expect(core.stats(NOW).level).toBeGreaterThan(0);
    const levels: number[] = [];
    for (let claimed = core.claim('backlog', NO_LIMITS); claimed; claimed = core.claim('backlog', NO_LIMITS)) {
      core.confirm(claimed.id);
      commitAll(core);
      core.maintain(NOW);
      levels.push(core.stats(NOW).level);
    }
    expect(levels.toSorted((a, b) => b - a)).toEqual(levels);
    expect(levels.at(-1)).toBe(0);
    const { folded } = rowOf(core, 'prediction');
    flood(core, path, 8000, 9000);
    expect(rowOf(core, 'prediction').folded).toBe(folded);
    core.close(NOW);
  });

  it('goes on at its level after a restart', () => {
    const { core, path } = open();
    flood(core, path, 0, 8000);
    const { level } = core.stats(NOW);
    core.abandon();
    const { core: next } = open({ path });
    expect(level).toBeGreaterThan(0);
    expect(next.stats(NOW).level).toBe(level);
    flood(next, path, 8000, 12_000);
    expect(rowOf(next, 'prediction').dropped).toBe(0);
    next.close(NOW);
  });

  it('says what gives way next, and what it is that ends the room', () => {
    const { core, path } = open();
    flood(core, path, 0, 200);
    expect(core.stats(NOW + 1000)).toMatchObject({ next: 'predictions', limit: 'cap' });
    drain(core, 'backlog', ALL);
    commitAll(core);
    expect(core.stats(NOW + 1000)).toMatchObject({ next: 'confirmed' });
    core.close(NOW);
  });
});
