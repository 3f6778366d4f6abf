import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from '../support/consumer.ts';
import { type GatewayProcess, type StoppedRun, writeConfig } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { type Answers, answersOf, expectAnswers, gapBetween, replay } from './support/answers.ts';
import { bundleWith, timed } from './support/bundles.ts';
import { committedIn } from './support/database.ts';
import { jsonLines, type Plant, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const ASSETS = 5;
const ROUNDS = 300;
const NO_GAP = { missing: 0, twice: 0 };
/** Predictions that the consumer has when the gateway is stopped. */
const MIDDLE = 350;
/** Round from which on a sensor gives nothing. */
const DEAD_FROM = 70;
const DEVICE = 'restarted';

const pipelines = { bench: { source: 'plant', model: BENCH_MODEL } };

describe.skipIf(!hasMosquitto)('a gateway that stops in the middle (skipped without mosquitto)', () => {
  let scene: Scene;
  let broker: Mosquitto;
  let consumer: Consumer;

  beforeEach(async () => {
    scene = new Scene();
    broker = await scene.broker();
    consumer = await scene.consumer(broker);
  });

  afterEach(() => scene.close());

  async function configure(source: object, more: object = {}): Promise<string> {
    return writeConfig(await scene.folder(), {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: source },
      pipelines,
      uplink: { url: broker.url, linger: '20ms' },
      ...more,
    });
  }

  /** Plays recorded readings at fifty times their pace. */
  async function recorded(more: object = {}): Promise<string> {
    return configure({ type: 'file', path: await inputFile(), speed: 50 }, more);
  }

  async function inputFile(): Promise<string> {
    const input = join(await scene.folder(), 'readings.jsonl');
    // A sensor dies: from then on windows are decided at once, and no longer by the engine.
    const dead = readings(ASSETS, ROUNDS - DEAD_FROM, DEAD_FROM).map((one) => ({
      ...one,
      values: { ...one.values, v3: null },
    }));
    await writeFile(input, jsonLines([...readings(ASSETS, DEAD_FROM), ...dead]));
    return input;
  }

  /** What replay makes of them. */
  async function answersTo(file: string): Promise<Answers> {
    return (await replay(file, await inputFile())).answers;
  }

  const predictions = (boot?: string) => consumer.records(DEVICE, 'prediction', boot);

  function middle(): Promise<void> {
    return consumer.until(`${MIDDLE} predictions`, () => consumer.count(DEVICE, 'prediction') >= MIDDLE);
  }

  /** Waits until the second boot has come to the end of the input, and tells per asset what is missing between the two. */
  async function gapsBetween(before: GatewayProcess, after: GatewayProcess, expected: Answers) {
    const ends = (answers: Answers) => JSON.stringify(Object.values(answers).map((all) => all.at(-1)?.to));
    await consumer.until('the last windows', () => ends(answersOf(predictions(after.boot))) === ends(expected));
    await after.until('nothing waits', ({ outbox, seq }) => {
      return outbox.pending === 0 && consumer.book(DEVICE, after.boot)?.received === seq;
    });
    const [first, second] = [before, after].map(({ boot }) => answersOf(predictions(boot)));
    return Object.entries(expected).map(([asset, all]) => gapBetween(all, first?.[asset] ?? [], second?.[asset] ?? []));
  }

  function startOf(boot: string): Record<string, unknown> {
    const [start] = consumer.records(DEVICE, 'event', boot).filter(({ event }) => event === 'start');
    return start?.detail ?? {};
  }

  function expectInOrder(run: StoppedRun, boot: string): void {
    expect([run.status, run.stopped]).toEqual([0, { event: 'stopped', pending: expect.any(Number) }]);
    expect(run.tookMs).toBeLessThan(5_000);
    const goodbye = consumer.statuses.find((status) => !status.online && status.boot === boot);
    expect(goodbye).toMatchObject({ reason: 'stopped' });
  }

  it('by SIGTERM, goes on in a file where it was, as if it had never stopped', async () => {
    const file = await recorded();
    const before = await scene.gateway(file);
    await middle();
    const run = await before.terminate();
    expectInOrder(run, before.boot);
    const expected = await answersTo(file);
    expect(predictions().length).toBeLessThan(Object.values(expected).flat().length);
    const { lastSeq } = await committedIn(join(dirname(file), 'data'));

    const after = await scene.gateway(file, { 'sources.plant.speed': 'max' });
    const gaps = await gapsBetween(before, after, expected);
    expect(gaps).toEqual(gaps.map(() => NO_GAP));
    expect(startOf(after.boot)).toMatchObject({
      previousBoot: before.boot,
      previousLastSeq: lastSeq,
      endedInOrder: true,
    });
    for (const { boot } of [before, after]) expect(consumer.book(DEVICE, boot)).toMatchObject({ missing: [], lost: 0 });
    expect(consumer.book(DEVICE, before.boot)?.highest).toBe(lastSeq);
    const summarised = consumer.records(DEVICE, 'summary', before.boot).reduce((sum, one) => sum + one.predictions, 0);
    expect(summarised).toBe(predictions(before.boot).length);
  }, 180_000);

  it('by kill -9, has everything that was committed, and goes on in a file as if it had never stopped', async () => {
    const file = await recorded();
    const before = await scene.gateway(file);
    await middle();
    await before.kill();
    const expected = await answersTo(file);
    const committed = await committedIn(join(dirname(file), 'data'));
    expect(committed).toMatchObject({ boot: before.boot, rows: committed.lastSeq });

    const after = await scene.gateway(file, { 'sources.plant.speed': 'max' });
    const gaps = await gapsBetween(before, after, expected);
    expect(startOf(after.boot)).toMatchObject({
      previousBoot: before.boot,
      previousLastSeq: committed.lastSeq,
      endedInOrder: false,
    });
    expect(consumer.book(DEVICE, before.boot)).toMatchObject({ received: committed.lastSeq, missing: [], lost: 0 });
    expect(consumer.book(DEVICE, after.boot)).toMatchObject({ missing: [], lost: 0 });
    // It goes on at its checkpoint, and what was committed after that is not told again.
    expect(gaps).toEqual(gaps.map(() => NO_GAP));
  }, 180_000);

  it('by kill -9 again and again, answers each time window once, with what it would have answered', async () => {
    const folder = await scene.folder();
    const model = await bundleWith(folder, 'timed', timed('10s'));
    const file = await recorded({ pipelines: { timed: { source: 'plant', model } } });
    const expected = await answersTo(file);
    const wanted = Object.values(expected).flat().length;
    // The first end is before any checkpoint, the second soon after a start that went on, the third behind a checkpoint.
    for (const [speed, predictions, uptime] of [
      [50, 10 * ASSETS, 0],
      [50, 11 * ASSETS, 0],
      [10, 12 * ASSETS, 7_000],
    ]) {
      const gateway = await scene.gateway(file, { 'sources.plant.speed': speed ?? 1 });
      await consumer.until('predictions', () => consumer.count(DEVICE, 'prediction') >= (predictions ?? 0));
      await gateway.until('a checkpoint', ({ uptimeMs }) => uptimeMs >= (uptime ?? 0));
      await gateway.kill();
    }
    expect(consumer.count(DEVICE, 'prediction')).toBeLessThan(wanted);
    const after = await scene.gateway(file, { 'sources.plant.speed': 'max' });
    await consumer.until(`${wanted} predictions`, () => consumer.count(DEVICE, 'prediction') >= wanted);
    await after.until('the end', ({ sources, outbox }) => sources[0]?.state === 'ended' && outbox.pending === 0);
    expectAnswers(answersOf(predictions()), expected);
  }, 180_000);

  function send(plant: Plant, rounds: number, from: number): Promise<void> {
    return plant.publish('plant/readings', readings(ASSETS, rounds, from), [1, 7]);
  }

  it.each([
    ['SIGTERM', true],
    ['kill -9', false],
  ])(
    'by %s, is sent by the broker what came while it was away',
    async (_, inOrder) => {
      const input = join(await scene.folder(), 'readings.jsonl');
      await writeFile(input, jsonLines(readings(ASSETS, 3 * ROUNDS)));
      const plant = await scene.plant(broker);
      const file = await configure({ type: 'mqtt', url: broker.url, topic: 'plant/readings' });
      const recordedFile = await configure({ type: 'file', path: input });
      const { answers: expected } = await replay(recordedFile, input);
      const before = await scene.gateway(file);
      await send(plant, ROUNDS, 0);
      await middle();
      const during = send(plant, ROUNDS, ROUNDS);
      if (inOrder) expectInOrder(await before.terminate(), before.boot);
      else await before.kill();
      const committed = await committedIn(join(dirname(file), 'data'));
      await during;

      const after = await scene.gateway(file);
      await send(plant, ROUNDS, 2 * ROUNDS);
      const gaps = await gapsBetween(before, after, expected);
      expect(startOf(after.boot)).toMatchObject({ previousBoot: before.boot, endedInOrder: inOrder });
      expect(consumer.book(DEVICE, before.boot)).toMatchObject({ received: committed.lastSeq, missing: [], lost: 0 });
      expect(consumer.book(DEVICE, after.boot)).toMatchObject({ missing: [], lost: 0 });
      for (const { missing, twice } of gaps) {
        // A reading that was not acknowledged comes again.
        expect(twice).toBe(0);
        if (inOrder) expect(missing).toBe(0);
      }
    },
    180_000,
  );

  it('by kill -9, loses no more of what it had answered than the loss window', async () => {
    const lossWindow = 200;
    const file = await recorded({ outbox: { path: 'data', lossWindow: `${lossWindow}ms` } });
    const gateway = await scene.gateway(file);
    await middle();
    const told = await gateway.status();
    // Ten times the window: a busy disk or machine must not decide this test.
    await gateway.until('the loss window to be over', ({ uptimeMs }) => uptimeMs > told.uptimeMs + 10 * lossWindow);
    await gateway.kill();
    const { lastSeq } = await committedIn(join(dirname(file), 'data'));
    const [answered] = told.pipelines;
    // The start event is a record, too.
    expect(lastSeq).toBeGreaterThanOrEqual((answered?.predictions ?? 0) + 1);
    expect(lastSeq).toBeGreaterThanOrEqual(told.seq);
  }, 120_000);
});
