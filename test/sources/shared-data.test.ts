import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { drain, hasSharedData, type KeepingSink, SHARED_DATA } from './support.ts';

const COLUMNS = [
  'unit',
  'cycle',
  'setting1',
  'setting2',
  'setting3',
  ...Array.from({ length: 21 }, (_, i) => `s${i + 1}`),
];

/** The rows of a text file as numbers, read in the plainest way. */
function numbers(path: string): number[][] {
  const bytes = readFileSync(`${SHARED_DATA}/${path}`);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
}

describe.skipIf(!hasSharedData)('public data (skipped without ../shared/data)', () => {
  const turbofan = {
    type: 'file',
    path: `${SHARED_DATA}/cmapss/train_FD001.txt.gz`,
    separator: 'whitespace',
    columns: COLUMNS,
    asset: 'engine-{unit}',
    time: { column: 'cycle', period: '1h' },
    speed: 'max',
  };
  const rig = {
    type: 'file',
    path: `${SHARED_DATA}/hydraulic`,
    format: 'wide',
    asset: 'rig',
    tags: ['TS1', 'TS2', 'TS3', 'TS4', 'VS1', 'CE', 'CP', 'SE', 'FS1', 'FS2'],
    time: { period: '60s' },
    speed: 'max',
  };
  let whole: Promise<KeepingSink> | undefined;
  const wholeRig = () => {
    whole ??= drain(rig);
    return whole;
  };

  it('turbofans: every row of FD001, number by number', async () => {
    const rows = numbers('cmapss/train_FD001.txt.gz');
    const { readings, reasons } = await drain(turbofan);
    expect(reasons).toEqual([]);
    expect(readings.map(({ asset, values }) => [asset, ...Object.values(values)])).toEqual(
      rows.map(([unit, , ...rest]) => [`engine-${unit}`, ...rest]),
    );
    const [first] = readings;
    expect(readings.map(({ t }) => (t - (first?.t ?? 0)) / 3600e3 + 1)).toEqual(rows.map(([, cycle]) => cycle));
  });

  it('hydraulic rig: every sample of every tag at its time, a million readings', async () => {
    const { readings, reasons } = await wholeRig();
    expect(reasons).toEqual([]);
    for (const [tag, samples] of [
      ['TS1', 60],
      ['FS1', 600],
    ] as const) {
      const expected = numbers(`hydraulic/${tag}.txt.gz`).flat();
      const seen = readings.filter(({ values }) => tag in values);
      expect(seen.map(({ values }) => values[tag])).toEqual(expected);
      const start = seen[0]?.t ?? 0;
      expect(seen.every(({ t }, i) => t === start + (i * 60e3) / samples)).toBe(true);
    }
    expect(readings).toHaveLength(1689 * 600);
  });

  it('hydraulic rig: goes on in the middle of a cycle', async () => {
    const all = await wholeRig();
    const taken = 600_123;
    const rest = await drain(rig, { resumeFrom: all.positions[taken - 1] ?? '' });
    expect(rest.readings).toHaveLength(all.readings.length - taken);
    expect(rest.readings[0]).toEqual(all.readings[taken]);
    expect(rest.readings.at(-1)).toEqual(all.readings.at(-1));
  });
});
