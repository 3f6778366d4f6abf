import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../support/gateway.ts';
import { replay } from './support/answers.ts';
import { Scene } from './support/scene.ts';

const MODEL = resolve('models/examples/zipmap');

/** Predictions of one row each, from a recording in which numbers have a decimal comma. */
describe('a number that is written in another form than declared, through replay', () => {
  const scene = new Scene();
  let folder: string;

  beforeAll(async () => {
    folder = await scene.folder();
  });

  afterAll(() => scene.close());

  async function qualities(name: string, content: string, source: object, tags = {}): Promise<string[]> {
    const input = join(folder, name);
    await writeFile(input, content);
    const config = await writeConfig(
      folder,
      {
        ...{ site: 's', device: 'd', sources: { log: { type: 'file', path: input, decimal: ',', ...source } } },
        pipelines: { wear: { source: 'log', model: MODEL, tags } },
      },
      `${name}.yaml`,
    );
    const { records } = await replay(config, input);
    return records.map(({ decision, quality }) => `${decision} ${quality.code}`);
  }

  const BAD = 'abstain BadDecodingError';
  const GOOD = 'answer Good';

  it('is a bad sample in a table, never a number a thousand times as small', async () => {
    const rows = ['1,5;3', '1.001;3', '1.001,5;3', '"2,5";3', '1 001;3'];
    const table = `t;vibration;play\n${rows.map((row, n) => `${n * 1_000};${row}`).join('\n')}\n`;
    const source = { separator: ';', time: { column: 't' }, asset: 'a' };
    expect(await qualities('table.csv', table, source)).toEqual([GOOD, BAD, BAD, GOOD, BAD]);
  });

  it('is one in JSON and in messages of a ready shape, where numbers are text', async () => {
    const values = ['"1,5"', '"1.001"', '2.5'];
    const lines = values.map((value, n) => `{"asset":"a","t":${n},"values":{"vibration":${value},"play":3}}`);
    expect(await qualities('plain.jsonl', lines.join('\n'), {})).toEqual([GOOD, BAD, GOOD]);
    const points = values.map(
      (value, n) => `{"name":"m","tags":{"host":"a"},"fields":{"vibration":${value},"play":3},"timestamp":${n}}`,
    );
    const tags = { vibration: 'm.vibration', play: 'm.play' };
    expect(await qualities('points.jsonl', points.join('\n'), { shape: 'telegraf' }, tags)).toEqual([GOOD, BAD, GOOD]);
  });
});
