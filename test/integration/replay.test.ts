import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlarmRecord, PredictionRecord, Reading } from '../../src/common/core/index.ts';
import { edgewright, writeConfig } from '../support/gateway.ts';
import { type Replayed, replay } from './support/answers.ts';
import { bundleWith, timed } from './support/bundles.ts';
import { jsonLines, PERIOD_MS, reading, readings } from './support/plant.ts';
import { BENCH_MODEL, Scene } from './support/scene.ts';

const ASSETS = 4;
/** Windows of 30 s are aligned to the epoch: two whole ones, and one that has begun. */
const ROUNDS = 75;
const SILENT = 'machine-9';

describe('edgewright replay', () => {
  const scene = new Scene();
  const all = [...readings(ASSETS, ROUNDS), { ...reading(0, 0), asset: SILENT }];
  let folder: string;
  let config: string;
  let input: string;
  let result: Replayed;

  /** Two pipelines over the same readings, named so that neither comes first by accident. */
  async function configure(name: string, sources: object, more: object = {}): Promise<string> {
    const pipelines = {
      beta: { source: Object.keys(sources), model: BENCH_MODEL, alarms: { low: { when: 'output.value < 0.0' } } },
      alpha: { source: Object.keys(sources), model: join(folder, 'timed'), summaries: { every: '30s' } },
    };
    return writeConfig(folder, { site: 's', device: 'd', sources, pipelines, ...more }, name);
  }

  beforeAll(async () => {
    folder = await scene.folder();
    await bundleWith(folder, 'timed', timed());
    input = join(folder, 'all.jsonl');
    await writeFile(input, jsonLines(all));
    config = await configure('one.yaml', { plant: { type: 'file', path: 'elsewhere.jsonl' } });
    result = await replay(config, input);
  }, 120_000);

  afterAll(() => scene.close());

  /** Index of the reading that closes a window; beyond all of them where only the end of the input does. */
  function closing({ pipeline, asset, to }: PredictionRecord, of: readonly Reading[]): number {
    const passes = (one: Reading) => one.asset === asset && one.t >= to;
    const index = of.findIndex(passes);
    if (index < 0 && pipeline === 'beta') throw new Error('a count window that no reading filled');
    return index < 0 ? of.length : index;
  }

  it('writes predictions as windows close, then by pipeline, then by asset', () => {
    const keys = result.records.map((one) => [closing(one, all), one.pipeline, one.asset] as const);
    const sorted = [...keys].sort(([a, p, x], [b, q, y]) => a - b || p.localeCompare(q) || x.localeCompare(y));
    expect(keys).toEqual(sorted);
    expect(new Set(keys.map(([, pipeline]) => pipeline))).toEqual(new Set(['alpha', 'beta']));
  });

  it('closes time windows that have begun at the end of the input, and no count window that is not full', () => {
    const ofPipeline = (name: string) => result.records.filter(({ pipeline }) => pipeline === name);
    expect(ofPipeline('beta')).toHaveLength(ASSETS * (ROUNDS - 29));
    const partial = ofPipeline('alpha').filter((one) => closing(one, all) === all.length);
    expect(partial.map(({ asset }) => asset)).toEqual([
      ...Array.from({ length: ASSETS }, (_, i) => `machine-${i}`),
      SILENT,
    ]);
    for (const { from, to, quality } of partial) {
      expect(to - from).toBe(30 * PERIOD_MS);
      expect(quality.code).not.toBe('Good');
      expect(quality.reasons[0]).toMatch(/missing \d+ of 30/);
    }
    const whole = ofPipeline('alpha').filter((one) => closing(one, all) < all.length);
    expect(whole).toHaveLength(ASSETS * 2);
    expect(whole.every(({ quality }) => quality.code === 'Good')).toBe(true);
  });

  it('writes predictions alone, without what differs from run to run', () => {
    expect(new Set(result.records.map(({ type }) => type))).toEqual(new Set(['prediction']));
    const keys = new Set(result.records.flatMap((record) => Object.keys(record)));
    const stable = ['type', 't', 'pipeline', 'asset', 'from', 'to', 'model', 'output', 'decision', 'quality'];
    expect([...keys].sort()).toEqual(stable.sort());
    expect(result.summary).toMatchObject({ readings: all.length, rejected: {} });
  });

  it('writes alarms, too, where it is asked to, each after the prediction that it rests on', async () => {
    const { records } = await replay(config, input, {}, ['--alarms']);
    expect(records.filter(({ type }) => type === 'prediction')).toEqual(result.records);
    const alarms = records.flatMap((one, index) => ((one.type as string) === 'alarm' ? [index] : []));
    expect(alarms.length).toBeGreaterThan(0);
    for (const index of alarms) {
      const alarm = records[index] as unknown as AlarmRecord;
      const { asset, from, to, output } = records[index - 1] ?? {};
      expect({ asset: alarm.asset, ...alarm.prediction }).toEqual({ asset, from, to, output });
      expect(Object.keys(alarm)).not.toEqual(expect.arrayContaining(['seq']));
    }
  });

  it('reads a folder, packed or not, in name order', async () => {
    const parts = join(folder, 'parts');
    await mkdir(parts);
    await writeFile(join(parts, '1.jsonl.gz'), gzipSync(jsonLines(all.slice(0, 100))));
    await writeFile(join(parts, '2.jsonl'), jsonLines(all.slice(100)));
    expect((await replay(config, parts)).stdout === result.stdout).toBe(true);
  });

  it('merges several inputs of one source by event time, ties in the order given', async () => {
    // Each file has all assets of every third instant, so that one after the other gives other windows.
    const paths = await Promise.all(
      [2, 0, 1].map(async (part) => {
        const path = join(folder, `third-${part}.jsonl`);
        await writeFile(path, jsonLines(all.filter(({ t }) => (t / PERIOD_MS) % 3 === part)));
        return path;
      }),
    );
    const [first = '', ...others] = paths;
    const merged = await replay(
      config,
      first,
      {},
      others.flatMap((path) => ['--input', path]),
    );
    expect(merged.answers).toEqual(result.answers);
    const again = await replay(config, first, {}, ['--input', ...others]);
    expect(again.stdout === merged.stdout).toBe(true);
  });

  it('says of what it refuses what it is, where it stands and what to do', async () => {
    const seconds = join(folder, 'seconds.jsonl');
    await writeFile(seconds, jsonLines(all.slice(0, 3).map((one) => ({ ...one, t: 1_767_225_600 }))));
    const { status, stdout, stderr } = await edgewright(['replay', config, '--input', seconds]);
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toContain('refused: bad-time');
    expect(stderr).toContain('seconds.jsonl row 1: 1767225600 looks like seconds since 1970: declare time.unit: s');
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ rejected: { 'bad-time': 3 } });
  });

  it('ends when its reader goes away, as head does', async () => {
    // More than a pipe holds.
    const long = join(folder, 'long.jsonl');
    await writeFile(long, jsonLines(readings(ASSETS, 300)));
    const command = `"${process.execPath}" dist/main.js replay "${config}" --input "${long}" | head -n 1`;
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 });
    const [status] = await once(child, 'close');
    expect(status).toBe(0);
  });

  describe('with several sources', () => {
    it('reads for all pipelines the input that is named, and opens nothing else', async () => {
      const sources = {
        first: { type: 'file', path: 'nowhere.jsonl' },
        second: { type: 'file', path: 'nowhere-either.jsonl' },
      };
      const connections: unknown[] = [];
      const server = createServer((socket) => connections.push(socket.destroy())).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      const live = { live: { type: 'mqtt', url, topic: 't/{asset}' }, rig: { type: 'simulator' } };
      const file = await configure('several.yaml', { ...sources, ...live }, { uplink: { url } });
      const named = await replay(file, `second=${input}`);
      server.close();
      expect(named.answers).toEqual(result.answers);
      expect(connections).toEqual([]);
      expect(await readdir(folder)).not.toContain('data');
    });

    it('reads two inputs one after the other', async () => {
      const [one, two] = ['one', 'two'].map((name) => join(folder, `${name}.jsonl`)) as [string, string];
      await writeFile(one, jsonLines(all.slice(0, 130)));
      await writeFile(two, jsonLines(all.slice(130)));
      const file = join(folder, 'several.yaml');
      const both = await replay(file, `first=${one}`, {}, ['--input', `second=${two}`]);
      expect(both.stdout === result.stdout).toBe(true);
    });

    it('gives each pipeline what its own source gives, as run does, and all to one whose source is live', async () => {
      const file = await writeConfig(
        folder,
        {
          ...{ site: 's', device: 'd' },
          sources: {
            first: { type: 'file', path: 'nowhere.jsonl' },
            second: { type: 'file', path: 'nowhere.jsonl' },
            live: { type: 'simulator' },
          },
          pipelines: {
            ...{ a: { source: 'first', model: BENCH_MODEL }, b: { source: 'second', model: BENCH_MODEL } },
            c: { source: 'live', model: BENCH_MODEL },
          },
        },
        'own.yaml',
      );
      const other = join(folder, 'other.jsonl');
      await writeFile(other, jsonLines(readings(1, 40).map((one) => ({ ...one, asset: 'elsewhere' }))));
      const { records } = await replay(file, `first=${input}`, {}, ['--input', `second=${other}`]);
      const assetsOf = (name: string) =>
        new Set(records.flatMap(({ pipeline, asset }) => (pipeline === name ? [asset] : [])));
      const here = Array.from({ length: ASSETS }, (_, index) => reading(index, 0).asset);
      expect([...assetsOf('a')].sort()).toEqual(here);
      expect([...assetsOf('b')]).toEqual(['elsewhere']);
      expect([...assetsOf('c')].sort()).toEqual(['elsewhere', ...here]);
    });

    it('takes an input without a name for the only one that run does not read', async () => {
      const file = await configure('recorded.yaml', {
        watched: { type: 'file', path: 'nowhere.jsonl', use: 'run' },
        recorded: { type: 'file', path: 'nowhere.jsonl', use: 'replay' },
      });
      expect((await replay(file, input)).stdout === result.stdout).toBe(true);
    });
  });

  it.each([
    ['a path that is not there', 'one.yaml', ['--input', '/no/such/file.jsonl'], '/no/such/file.jsonl'],
    ['a name that is none of a source', 'several.yaml', ['--input', 'third=all.jsonl'], 'third=all.jsonl'],
    ['a path that may be of either source', 'several.yaml', ['--input', 'all.jsonl'], 'first, second'],
    ['a recording that is given twice', 'one.yaml', ['--input', 'package.json', './package.json'], 'twice'],
    ['no input', 'one.yaml', [], '--input'],
    ['no configuration', 'missing.yaml', ['--input', 'all.jsonl'], 'missing.yaml'],
  ])('refuses %s as wrong usage', async (_, file, args, named) => {
    const { status, stdout, stderr } = await edgewright(['replay', join(folder, file), ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(named);
  });
});

describe('edgewright run', () => {
  const scene = new Scene();
  afterAll(() => scene.close());

  it('reads files as replay does, stays at their end, and does not open what is for replay', async () => {
    const folder = await scene.folder();
    await bundleWith(folder, 'timed', timed());
    const [first, second] = [all(0, 1), all(2, 3)];
    await writeFile(join(folder, 'a.jsonl'), jsonLines(first));
    await writeFile(join(folder, 'b.jsonl'), jsonLines(second));
    const file = (path: string, use: string) => ({ type: 'file', path, use, speed: 'max' });
    const config = await writeConfig(folder, {
      ...{ site: 's', device: 'd' },
      sources: { live: file('a.jsonl', 'run'), both: file('b.jsonl', 'both'), past: file('b.jsonl', 'replay') },
      pipelines: {
        counted: { source: ['live', 'past'], model: BENCH_MODEL },
        timed: { source: ['live', 'both', 'past'], model: 'timed' },
      },
    });
    const input = (name: string, path: string) => `${name}=${join(folder, path)}`;
    const { records } = await replay(config, input('live', 'a.jsonl'), {}, ['--input', input('both', 'b.jsonl')]);
    const gateway = await scene.gateway(config);
    const status = await gateway.until('the end of the files', ({ sources, pipelines }) => {
      return sources.every(({ state }) => state === 'ended') && pipelines.every(({ waiting }) => waiting === 0);
    });
    expect(status.sources.map(({ name, readings: count }) => [name, count])).toEqual([
      ['live', first.length],
      ['both', second.length],
    ]);
    // Replay gives every input to every pipeline; here the second file is not one of the first pipeline's.
    const [counted, time] = status.pipelines;
    expect(counted?.predictions).toBe(2 * (ROUNDS - 29));
    expect(time?.predictions).toBe(records.filter(({ pipeline }) => pipeline === 'timed').length);
    const run = await gateway.terminate();
    expect([run.status, run.stopped?.event]).toEqual([0, 'stopped']);
    // The chain's beginning, the start, its configuration, predictions, a summary of each asset and pipeline, the stop.
    const predictions = (counted?.predictions ?? 0) + (time?.predictions ?? 0);
    expect(run.stopped?.pending).toBe(predictions + 10);
  }, 60_000);

  it('stops in order also when nobody reads what it says any more', async () => {
    const gateway = await scene.gateway({
      ...{ site: 's', device: 'd' },
      sources: { rig: { type: 'simulator' } },
      pipelines: { p: { source: 'rig', model: BENCH_MODEL } },
    });
    gateway.deafen();
    expect((await gateway.terminate()).status).toBe(0);
  }, 60_000);

  function all(...assets: readonly number[]): Reading[] {
    return assets.flatMap((asset) => Array.from({ length: ROUNDS }, (_, round) => reading(asset, round)));
  }
});
