import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../support/gateway.ts';
import { type Replayed, replay } from './support/answers.ts';
import { PERIOD_MS, reading } from './support/plant.ts';
import { BENCH_MODEL, Scene } from './support/scene.ts';

/** Rows: 30 make a window, and 15 more. */
const ROUNDS = 45;

/** What each sensor says by itself, each a few ms after the one before. */
const singles = Array.from({ length: ROUNDS }, (_, round) => {
  const { asset, t, values } = reading(0, round);
  return Object.entries(values).map(([tag, value], index) => ({ asset, t: t + 3 * index, tag, value }));
});

const lines = (all: readonly object[]) => `${all.map((one) => JSON.stringify(one)).join('\n')}\n`;

describe('edgewright replay of readings of single tags', () => {
  const scene = new Scene();
  let folder: string;

  async function replayed(name: string, changes: object, all: readonly object[]): Promise<Replayed> {
    const source = {
      type: 'file',
      path: 'elsewhere.jsonl',
      paths: { asset: 'asset', t: 't', tag: 'tag', value: 'value' },
    };
    const pipelines = { bench: { source: 'plant', model: BENCH_MODEL, ...changes } };
    const config = await writeConfig(
      folder,
      { site: 's', device: 'd', sources: { plant: source }, pipelines },
      `${name}.yaml`,
    );
    const input = join(folder, `${name}.jsonl`);
    await writeFile(input, lines(all));
    return replay(config, input);
  }

  const told = ({ records }: Replayed) => records.map(({ decision, quality }) => `${decision} ${quality.code}`);

  beforeAll(async () => {
    folder = await scene.folder();
  });

  afterAll(() => scene.close());

  it('gives no answer where nothing joins them', async () => {
    const result = await replayed('loose', {}, singles.flat());
    expect(result.records.length).toBeGreaterThan(100);
    expect(new Set(told(result)).size).toBe(1);
    expect(told(result)[0]).toMatch(/^abstain Bad/);
  });

  it('answers each row where they are joined, and the same bytes each time', async () => {
    const result = await replayed('joined', { join: '500ms' }, singles.flat());
    expect(told(result)).toEqual(Array(ROUNDS - 29).fill('answer Good'));
    const spread = 3 * ((singles[0]?.length ?? 0) - 1);
    expect(result.records.map(({ from, to }) => to - from)).toEqual(Array(ROUNDS - 29).fill(29 * PERIOD_MS));
    expect(result.records[0]?.from).toBe(reading(0, 0).t + spread);
    const again = await replayed('again', { join: '500ms' }, singles.flat());
    expect(again.records.map(({ output }) => output)).toEqual(result.records.map(({ output }) => output));
  });

  it('answers with a sensor that reports on change, marked, and abstains when it is silent for longer', async () => {
    const slow = singles.map((round, index) => round.filter(({ tag }) => tag !== 'v13' || index % 40 === 0));
    const hold = { v13: `${20 * PERIOD_MS}ms` };
    const result = await replayed('held', { join: '500ms', hold }, slow.flat());
    const codes = told(result);
    expect(codes.slice(0, 1)).toEqual(['abstain BadNoCommunication']);
    const long = await replayed('long', { join: '500ms', hold: { v13: '1h' } }, slow.flat());
    expect(told(long)).toEqual(Array(ROUNDS - 29).fill('answer UncertainLastUsableValue'));
    expect(long.records[0]?.quality.reasons).toEqual(['v13: UncertainLastUsableValue x29']);
  });
});
