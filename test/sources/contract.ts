import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import {
  brokerOf,
  connectsToBroker,
  isUpTo,
  opensIn,
  type RejectReason,
  recordingOf,
  type Source,
  type SourceDeps,
  sourceSchema,
} from '../../src/scoring/sources/index.ts';
import { eventually, KeepingSink } from './support.ts';

/** What a kind of source needs for the contract: an input of its own with a known number of readings. */
export interface ContractInput {
  /** A new source over the same input. */
  create(deps?: Partial<SourceDeps>): Source;
  /**
   * Sends the input to a source that has started, and does not wait until the source takes it: it may have no credit, or be
   * stopped. Absent where the input is simply there.
   */
  feed?(): Promise<void>;
  /** Readings in the input. */
  readonly count: number;
  /** What in the input is refused, in any order. */
  readonly refused: readonly RejectReason[];
  readonly ends: boolean;
  /** Readings that come with one credit: those of one message or one instant. */
  readonly grain: number;
}

/** What a kind of source gives to be held against the contract: `contract/TYPE.ts` exports it as `suite`. */
export interface ContractSuite {
  /** The least configuration that its schema takes. */
  readonly least: { readonly type: string; readonly [key: string]: unknown };
  /** Whether it names the place of each reading and goes on behind it. */
  readonly resumes: boolean;
  /** Fresh inputs, made inside a test, by what they are. */
  readonly inputs: Readonly<Record<string, () => Promise<ContractInput>>>;
  /** Why it cannot be tried on this machine. */
  readonly skipped?: string | undefined;
  close?(): Promise<void>;
}

/** What the source of a type gives. Throws where nobody wrote it. */
export async function suiteOf(type: string): Promise<ContractSuite> {
  const file = new URL(`./contract/${type}.ts`, import.meta.url);
  if (!existsSync(file)) throw new Error(`the source ${type} has no suite: write test/sources/contract/${type}.ts`);
  const { suite } = (await import(file.href)) as { readonly suite: ContractSuite };
  return suite;
}

const key = ({ asset, t, values }: Reading) => JSON.stringify([asset, t, values]);

/** ms after which a feed is taken to wait for the source. */
const FEED_MS = 10_000;

async function feed(input: ContractInput): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(
      'feed() waits for the source, which may have no credit: send without waiting for its answers',
    );
    timer = setTimeout(() => reject(error), FEED_MS);
  });
  await Promise.race([input.feed?.(), late]);
  clearTimeout(timer);
}

async function run(input: ContractInput, sink: KeepingSink, deps?: Partial<SourceDeps>): Promise<Source> {
  const source = input.create(deps);
  await source.start(sink);
  await feed(input);
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

/** The contract of every source. */
export function sourceContract(type: string, suite: ContractSuite): void {
  const { skipped, inputs, close = async () => {} } = suite;
  describe.skipIf(skipped !== undefined)(`contract of sources: ${type}${skipped ? ` (${skipped})` : ''}`, () => {
    afterAll(close);
    describe.each(Object.entries(inputs))('%s', (_, open) => inputContract(open, suite));
  });
  describe(`traits of the source ${type}`, () => traitContract(type, suite));
}

function traitContract(type: string, { least }: ContractSuite): void {
  const config = sourceSchema.parse(least);

  it('open it in a command, and in `replay` where it reads a recording', () => {
    const commands = (['run', 'replay'] as const).filter((command) => opensIn(config, command));
    expect(commands).not.toHaveLength(0);
    expect(commands.includes('replay')).toBe(recordingOf(config) !== undefined);
  });

  it('take another recording in the place of its own', () => {
    const recording = recordingOf(config);
    const other = recording?.at('/elsewhere') ?? config;
    expect(recordingOf(other)?.path).toBe(recording && '/elsewhere');
  });

  it('say of the type what they say of its configuration', () => {
    expect(least.type).toBe(type);
    expect(connectsToBroker(type)).toBe(brokerOf(config) !== undefined);
  });

  it('take no text for a place that the source did not name', () => {
    expect(isUpTo(config, 'no position', 'no position')).toBe(false);
  });
}

function inputContract(open: () => Promise<ContractInput>, { least, resumes }: ContractSuite): void {
  it('gives every reading once and counts what is malformed by reason, without stopping at it', async () => {
    const input = await open();
    const sink = await whole(input);
    expect(sink.readings).toHaveLength(input.count);
    expect(sink.reasons.toSorted()).toEqual(input.refused.toSorted());
  });

  it('loses the one reading that a pipeline throws at, counts it with its place, and goes on', async () => {
    const input = await open();
    const all = (await whole(await open())).readings;
    const victim = key(all[Math.floor(all.length / 2)] as Reading);
    const sink = new KeepingSink();
    sink.refuses = (reading) => key(reading) === victim;
    const source = await run(input, sink);
    await eventually('the others', () => sink.readings.length >= all.length - 1);
    if (input.ends) await eventually('the end', () => sink.ends > 0);
    await source.stop();
    expect(sink.readings.map(key)).toEqual(all.map(key).filter((one) => one !== victim));
    const failed = sink.rejected.filter(({ reason }) => reason === 'failed');
    expect(failed).toEqual([{ reason: 'failed', detail: expect.stringMatching(/^.+: a pipeline threw$/) }]);
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
    await feed(input);
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

  it('names the place of each reading in order, if it resumes', async () => {
    const { positions } = await whole(await open());
    const config = sourceSchema.parse(least);
    const places = positions.filter((position) => position !== undefined);
    expect(places).toHaveLength(resumes ? positions.length : 0);
    for (const [i, place] of places.entries()) {
      const next = places[i + 1] ?? place;
      expect(isUpTo(config, place, next)).toBe(true);
      expect(isUpTo(config, next, place)).toBe(next === place);
    }
  });

  if (!resumes) return;
  it('goes on exactly after any position', async () => {
    const input = await open();
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
}
