import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import type { RejectReason, Source, SourceDeps } from '../../src/scoring/sources/index.ts';
import { eventually, KeepingSink } from './support.ts';

/** What a kind of source needs for the contract: an input of its own with a known number of readings. */
export interface ContractInput {
  /** A new source over the same input. */
  create(deps?: Partial<SourceDeps>): Source;
  /** Sends the input to a source that has started; absent where the input is simply there. */
  feed?(): Promise<void>;
  /** Readings in the input. */
  readonly count: number;
  /** What in the input is refused, in any order. */
  readonly refused: readonly RejectReason[];
  readonly ends: boolean;
  readonly resumes: boolean;
  /** Readings that come with one credit: those of one message or one instant. */
  readonly grain: number;
}

const key = ({ asset, t, values }: Reading) => JSON.stringify([asset, t, values]);

async function run(input: ContractInput, sink: KeepingSink, deps?: Partial<SourceDeps>): Promise<Source> {
  const source = input.create(deps);
  await source.start(sink);
  await input.feed?.();
  return source;
}

async function whole(input: ContractInput): Promise<KeepingSink> {
  const sink = new KeepingSink();
  const source = await run(input, sink);
  await eventually(`${input.count} readings`, () => sink.readings.length >= input.count);
  await eventually('what is refused', () => sink.rejected.length >= input.refused.length);
  if (input.ends) await eventually('the end', () => sink.ends > 0);
  await source.stop();
  return sink;
}

/** The contract of every source; `open` makes a fresh input inside a test. */
export function sourceContract(name: string, open: () => Promise<ContractInput>): void {
  describe(`contract of sources: ${name}`, () => {
    it('gives every reading once and counts what is malformed by reason, without stopping at it', async () => {
      const input = await open();
      const sink = await whole(input);
      expect(sink.readings).toHaveLength(input.count);
      expect(sink.reasons.toSorted()).toEqual(input.refused.toSorted());
    });

    it('keeps the order of each asset', async () => {
      const { readings } = await whole(await open());
      const latest = new Map<string, number>();
      for (const { asset, t } of readings) {
        expect(t).toBeGreaterThan(latest.get(asset) ?? Number.NEGATIVE_INFINITY);
        latest.set(asset, t);
      }
      expect(latest.size).toBeGreaterThan(0);
    });

    it('starts once, however often it is told to', async () => {
      const input = await open();
      const sink = new KeepingSink();
      const source = input.create();
      await Promise.all([source.start(sink), source.start(sink)]);
      await source.start(sink);
      await input.feed?.();
      await eventually(`${input.count} readings`, () => sink.readings.length >= input.count);
      await source.stop();
      expect(sink.readings).toHaveLength(input.count);
    });

    it('stops twice, and stays stopped', async () => {
      const input = await open();
      const sink = new KeepingSink();
      const source = await run(input, sink.allow(1));
      await Promise.all([source.stop(), source.stop()]);
      await source.stop();
      const { calls } = sink;
      await source.start(sink);
      sink.allow(Number.POSITIVE_INFINITY);
      await new Promise((resolve) => setImmediate(resolve));
      expect(sink.calls).toBe(calls);
    });

    it('does not start after a stop that came first', async () => {
      const input = await open();
      const sink = new KeepingSink();
      const source = input.create();
      await source.stop();
      await source.start(sink);
      await new Promise((resolve) => setImmediate(resolve));
      expect(sink.calls).toBe(0);
    });

    it('pushes nothing without credit, and goes on where it waited', async () => {
      const input = await open();
      const expected = await whole(await open());
      const sink = new KeepingSink();
      const source = await run(input, sink.allow(1));
      for (let allowed = 1; allowed < input.count; allowed += input.grain) {
        sink.allow(allowed);
        await eventually('the source to wait', () => sink.readings.length >= allowed && sink.isWaitedFor);
        expect(sink.readings.length).toBeLessThan(allowed + input.grain);
      }
      sink.allow(Number.POSITIVE_INFINITY);
      await eventually(`${input.count} readings`, () => sink.readings.length >= input.count);
      await source.stop();
      expect(sink.readings.map(key)).toEqual(expected.readings.map(key));
    });

    it('lets go of the sink while it waits for credit', async () => {
      const input = await open();
      const sink = new KeepingSink();
      const source = await run(input, sink.allow(0));
      await eventually('the source to wait', () => sink.isWaitedFor);
      await source.stop();
      sink.allow(Number.POSITIVE_INFINITY);
      await new Promise((resolve) => setImmediate(resolve));
      expect(sink.readings).toHaveLength(0);
      expect(sink.ends).toBe(0);
    });

    it('says once that it ends, and only when it does', async () => {
      const input = await open();
      expect((await whole(input)).ends).toBe(input.ends ? 1 : 0);
    });

    it('goes on exactly after any position', async () => {
      const input = await open();
      if (!input.resumes) return;
      const all = await whole(input);
      for (let taken = 1; taken <= input.count; taken += Math.ceil(input.count / 16)) {
        const sink = new KeepingSink();
        const resumeFrom = all.positions[taken - 1] ?? '';
        const source = await run(input, sink, { resumeFrom });
        await eventually('the end', () => sink.ends > 0);
        await source.stop();
        expect(sink.readings.map(key)).toEqual(all.readings.slice(taken).map(key));
        expect(sink.positions).toEqual(all.positions.slice(taken));
        expect(sink.reasons).not.toContain('position-lost');
      }
    });
  });
}
