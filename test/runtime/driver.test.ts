import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PredictionRecord, Reading } from '../../src/common/core/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { Driver, type Scored } from '../../src/device/runtime/driver.ts';
import { findInstallation, loadFor } from '../../src/device/runtime/index.ts';
import {
  createInference,
  type Inference,
  inferenceOptions,
  inferenceSchema,
} from '../../src/scoring/inference/index.ts';
import { Pipeline, pipelineSchema, type RecordEffect, readModel } from '../../src/scoring/pipeline/index.ts';
import { openBundle } from '../../src/scoring/registry/index.ts';

const clock = { now: Date.now, monotonic: () => performance.now(), trusted: () => true };
const SECONDS = 20;
const T0 = Date.UTC(2026, 0, 1);

let inference: Inference;
/** The shipped bundle as another version: the same answers under another digest. */
let newer: string;
const folder = mkdtempSync(join(tmpdir(), 'edgewright-driver-'));

beforeAll(() => {
  const options = inferenceOptions(inferenceSchema.parse({ engine: 'wasm', warmup: '0s', batch: { size: 8 } }));
  inference = createInference({ ...options, ...findInstallation().inference, logger: silentLogger, clock });
  newer = join(folder, 'rig-anomaly');
  cpSync('models/rig-anomaly', newer, { recursive: true });
  const file = join(newer, 'manifest.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: '99.0.0' }));
});
afterAll(async () => {
  await inference.close();
  rmSync(folder, { recursive: true });
});

async function scored(bundle: string, driver: Driver): Promise<Scored> {
  const model = readModel(await openBundle(bundle));
  const config = pipelineSchema.parse({
    ...{ source: 'rig', model: bundle, summaries: { every: '15s' } },
    alarms: { always: { when: 'true', raise: { k: 1, n: 1 } } },
  });
  const pipeline = new Pipeline({ name: 'wear', config, assets: {}, model });
  return {
    pipeline,
    sources: ['rig'],
    model: await loadFor(pipeline, model, inference, driver.answersFor(pipeline)),
  };
}

/** Twenty readings a second of two pumps. */
function readings(): Reading[] {
  return Array.from({ length: SECONDS * 40 }, (_, n) => {
    const wave = Math.sin(n / 7);
    return {
      asset: `pump-${n % 2}`,
      t: T0 + Math.floor(n / 2) * 50,
      values: { speed: 1480 + wave, pressure: 4 + wave / 10, flow: 12, temperature: 40 + n / 100, vibration: 1.2 },
    };
  });
}

/** Readings, some seconds of them, that come between the load of a model and its turn. */
const AHEAD = 160;

/** What is emitted where the model is replaced before the readings of these numbers. */
async function emitted(swaps: readonly number[]): Promise<RecordEffect['record'][]> {
  const records: RecordEffect['record'][] = [];
  const driver = new Driver({ record: ({ record }) => records.push(record) }, clock.monotonic);
  driver.add(await scored('models/rig-anomaly', driver));
  const replaced: Promise<Scored>[] = [];
  const nexts: Scored[] = [];
  for (const [n, reading] of readings().entries()) {
    if (swaps.includes(n + AHEAD)) {
      await Promise.all(replaced);
      nexts.push(await scored(nexts.length % 2 === 0 ? newer : 'models/rig-anomaly', driver));
    }
    const next = swaps.includes(n) ? nexts.at(-1) : undefined;
    // Windows wait for the old model, so that readings wait for the next one.
    if (next) expect(driver.waiting).toBeGreaterThan(0);
    if (next) replaced.push(driver.replace('wear', next));
    driver.push('rig', reading, n + 1);
  }
  await Promise.all(replaced);
  driver.flush(SECONDS * 40 + 1);
  await driver.whenIdle();
  driver.closeSummaries();
  return records;
}

const predictions = (records: readonly RecordEffect['record'][]) =>
  records.filter((record): record is PredictionRecord => record.type === 'prediction');
const answer = ({ asset, from, to, output, decision, quality }: PredictionRecord) => ({
  ...{ asset, from, to, output, decision, quality },
});

describe('a model that is replaced between two readings', () => {
  it.each([[[401]], [[170, 340, 600]]])(
    'before %j: each window is answered once, as it would have been, and in its order',
    async (swaps) => {
      const [whole, swapped] = [await emitted([]), await emitted(swaps)];
      const answered = predictions(whole).filter(({ output }) => output !== null);
      expect(answered.length).toBeGreaterThan(SECONDS);
      for (const asset of ['pump-0', 'pump-1']) {
        const of = (records: RecordEffect['record'][]) =>
          predictions(records)
            .filter((record) => record.asset === asset)
            .map(answer);
        expect(of(swapped)).toEqual(of(whole));
      }
    },
  );

  it('is named by its records from then on, the old one by those before: also in summaries, none of which spans both', async () => {
    const swapped = await emitted([401]);
    const versions = predictions(swapped).map(({ model }) => model.version);
    const change = versions.indexOf('99.0.0');
    expect(change).toBeGreaterThan(0);
    expect(new Set(versions.slice(change))).toEqual(new Set(['99.0.0']));
    expect(versions.slice(0, change)).not.toContain('99.0.0');
    const counted = swapped.flatMap((record) => (record.type === 'summary' ? [record] : []));
    const byVersion = (version: string) =>
      counted.filter(({ model }) => model.version === version).reduce((sum, { predictions: n }) => sum + n, 0);
    expect(byVersion('99.0.0')).toBe(versions.length - change);
    expect(counted.reduce((sum, { predictions: n }) => sum + n, 0)).toBe(versions.length);
    for (const asset of ['pump-0', 'pump-1']) {
      const periods = counted.filter((record) => record.asset === asset).map(({ from, to }) => [from, to]);
      expect(periods.slice(1).map(([from]) => from)).toEqual(periods.slice(0, -1).map(([, to]) => to));
    }
  });

  it('goes on with the alarms of the old one, whose rule and targets are the same', async () => {
    const swapped = await emitted([401]);
    for (const asset of ['pump-0', 'pump-1']) {
      const alarms = swapped.flatMap((record) => (record.type === 'alarm' && record.asset === asset ? [record] : []));
      expect(alarms.map(({ state }) => state)).toEqual(['raised']);
    }
  });

  it('is refused where another replacement of the same pipeline is under way, or there is no such pipeline', async () => {
    const driver = new Driver({ record: () => {} }, clock.monotonic);
    const first = await scored('models/rig-anomaly', driver);
    driver.add(first);
    const next = await scored(newer, driver);
    for (const reading of readings()) driver.push('rig', reading, 1);
    expect(driver.waiting).toBeGreaterThan(0);
    const replaced = driver.replace('wear', next);
    await expect(driver.replace('wear', next)).rejects.toThrow('is being replaced already');
    await expect(driver.replace('tear', next)).rejects.toThrow('no pipeline tear');
    expect(await replaced).toBe(first);
    expect(driver.scored).toEqual([next]);
  });
});

describe('a pipeline that throws at a reading', () => {
  it('takes nothing from the other pipelines, and what it had decided by then is not lost', async () => {
    const records: RecordEffect['record'][] = [];
    const driver = new Driver({ record: ({ record }) => records.push(record) }, clock.monotonic);
    const [bad, good] = [await scored('models/rig-anomaly', driver), await scored('models/rig-anomaly', driver)];
    driver.add(bad);
    driver.add(good);
    const all = readings();
    const push = bad.pipeline.push.bind(bad.pipeline);
    vi.spyOn(bad.pipeline, 'push').mockImplementation((reading, now, readingNumber) => {
      const effects = push(reading, now, readingNumber);
      if (effects.some(({ kind }) => kind === 'infer')) throw new RangeError('a gate threw');
      return effects;
    });
    const failures: unknown[] = [];
    for (const [n, reading] of all.entries()) driver.push('rig', reading, n + 1, (error) => failures.push(error));
    await driver.whenIdle();
    expect(failures.length).toBeGreaterThan(0);
    expect(bad.pipeline.counts.windows).toBe(good.pipeline.counts.windows);
    expect(predictions(records)).toHaveLength(2 * good.pipeline.counts.windows);
  });
});
