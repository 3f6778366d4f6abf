import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import { NOWHERE, PayloadDecoder } from '../../src/scoring/sources/payload/decoder.ts';
import { MAX_FOLLOWED } from '../../src/scoring/sources/time/passes.ts';
import { TimeReader } from '../../src/scoring/sources/time.ts';
import { drain, folderOf } from './support.ts';

const ZONE = 'Europe/Berlin';
const MINUTE = 60e3;
const HOUR = 60 * MINUTE;
/** 01:00 in Berlin, two hours before the clock goes back from 03:00 to 02:00. */
const START = Date.UTC(2025, 9, 25, 23);
const FOLD = Date.UTC(2025, 9, 26, 0);

/** What a clock in Berlin shows around then. */
function wall(t: number): string {
  const summer = t < Date.UTC(2025, 9, 26, 1);
  return new Date(t + (summer ? 2 : 1) * HOUR).toISOString().slice(0, 19).replace('T', ' ');
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const csvOf = (rows: readonly (readonly [string, number])[]) =>
  `when,asset\n${rows.map(([asset, t]) => `${wall(t)},${asset}`).join('\n')}\n`;
const config = (path: string) => ({
  type: 'file',
  path,
  columns: ['when', 'asset'],
  header: true,
  asset: '{asset}',
  tags: ['asset'],
  time: { column: 'when', zone: ZONE },
  speed: 'max',
});
const found = (readings: readonly Reading[]) => readings.map(({ asset, t }) => [asset, t]);

describe('a log in local time over the change to winter time', () => {
  it.each([
    ['a row a minute', every(MINUTE, START, START + 5 * HOUR)],
    ['a row a second', every(1e3, FOLD + 50 * MINUTE, FOLD + 70 * MINUTE)],
    ['a row in half an hour', every(30 * MINUTE, START, START + 5 * HOUR)],
    ['a row an hour', every(HOUR, START - 3 * HOUR, START + 5 * HOUR)],
    ['a row in 50 minutes', every(50 * MINUTE, START, START + 5 * HOUR)],
    [
      'a gap over the change',
      every(MINUTE, START, START + 5 * HOUR).filter((t) => t < FOLD + 40 * MINUTE || t > FOLD + 80 * MINUTE),
    ],
    ['each row twice', every(MINUTE, START, START + 4 * HOUR).flatMap((t) => [t, t])],
    ['a first pass alone', every(MINUTE, START, FOLD + 59 * MINUTE)],
  ])('loses nothing: %s', async (_, times) => {
    const rows = times.map((t) => ['m1', t] as const);
    const folder = await folderOf({ 'a.csv': csvOf(rows) });
    const sink = await drain(config(`${folder}/a.csv`));
    expect(sink.rejected).toEqual([]);
    expect(found(sink.readings)).toEqual(rows);
  });

  it('follows each asset by itself, interleaved or one after the other', async () => {
    const one = every(MINUTE, START, START + 4 * HOUR).map((t) => ['m1', t] as const);
    const two = every(7 * MINUTE, START + 30e3, START + 4 * HOUR).map((t) => ['m2', t] as const);
    const interleaved = [...one, ...two].sort(([, a], [, b]) => a - b);
    for (const rows of [interleaved, [...one, ...two]]) {
      const folder = await folderOf({ 'a.csv': csvOf(rows) });
      expect(found((await drain(config(`${folder}/a.csv`))).readings)).toEqual(rows);
    }
  });

  it('goes on in any place of either hour as if it had never stopped', async () => {
    const rows = every(10 * MINUTE, START, START + 4 * HOUR).flatMap((t) => [
      ['m1', t] as const,
      ['m2', t + MINUTE] as const,
    ]);
    const half = rows.findIndex(([, t]) => t > FOLD + 70 * MINUTE);
    const folder = await folderOf({
      '0.csv': csvOf(rows.slice(0, 3)),
      '1.csv': csvOf(rows.slice(3, half)),
      '2.csv': csvOf(rows.slice(half)),
    });
    const all = await drain(config(folder));
    expect(found(all.readings)).toEqual(rows);
    for (const [taken, resumeFrom] of all.positions.entries()) {
      const rest = await drain(config(folder), { resumeFrom: resumeFrom ?? '' });
      expect(found(rest.readings)).toEqual(rows.slice(taken + 1));
      expect(rest.rejected).toEqual([]);
    }
  });

  it('goes on in JSON Lines, too', async () => {
    const times = every(10 * MINUTE, START, START + 4 * HOUR);
    const lines = times.map((t) => `${JSON.stringify({ asset: 'm1', t: wall(t), values: { x: 1 } })}\n`);
    const folder = await folderOf({ 'a.jsonl': lines.slice(0, 9).join(''), 'b.jsonl': lines.slice(9).join('') });
    const source = { type: 'file', path: folder, time: { zone: ZONE }, speed: 'max' };
    const all = await drain(source);
    expect(all.readings.map(({ t }) => t)).toEqual(times);
    for (const [taken, resumeFrom] of all.positions.entries()) {
      const rest = await drain(source, { resumeFrom: resumeFrom ?? '' });
      expect(rest.readings.map(({ t }) => t)).toEqual(times.slice(taken + 1));
    }
  });

  it('begins anew, remembering nothing, in a file that is another one', async () => {
    const second = every(10 * MINUTE, FOLD + 60 * MINUTE, FOLD + 3 * HOUR).map((t) => ['m1', t] as const);
    const folder = await folderOf({ 'a.csv': csvOf([['m1', START], ['m1', FOLD + 30 * MINUTE], ...second]) });
    const { positions } = await drain(config(`${folder}/a.csv`));
    const rows = every(MINUTE, FOLD + 5 * MINUTE, FOLD + 2 * HOUR).map((t) => ['m1', t] as const);
    await writeFile(`${folder}/a.csv`, csvOf(rows));
    const rest = await drain(config(`${folder}/a.csv`), { resumeFrom: positions[4] ?? '' });
    expect(rest.reasons).toEqual(['position-lost']);
    expect(found(rest.readings)).toEqual(rows);
  });

  it('reads files of other years after it, and before it, as they are', async () => {
    const year = every(5 * MINUTE, START, START + 4 * HOUR);
    const folder = await folderOf({
      '1.csv': csvOf(year.map((t) => ['m1', t])),
      '2.csv': csvOf(year.map((t) => ['m1', t])),
    });
    const times = (await drain(config(folder))).readings.map(({ t }) => t);
    expect(times).toEqual([...year, ...year]);
  });

  it('refuses the hour that does not exist in spring, and tells the row', async () => {
    const folder = await folderOf({
      'a.csv': 'when,asset\n2025-03-30 01:59,m1\n2025-03-30 02:30,m1\n2025-03-30 03:00,m1\n',
    });
    const sink = await drain(config(`${folder}/a.csv`));
    expect(sink.readings.map(({ t }) => t)).toEqual([Date.UTC(2025, 2, 30, 0, 59), Date.UTC(2025, 2, 30, 1)]);
    expect(sink.rejected).toEqual([
      { reason: 'bad-time', detail: expect.stringMatching(/a\.csv row 2.*02:30.*does not exist/) },
    ]);
  });
});

describe('local time in live readings', () => {
  const decode = (decoder: PayloadDecoder, t: string, arrival: number | undefined, asset = 'm1') => {
    const times: number[] = [];
    const reasons: string[] = [];
    decoder.decode({ asset, t, values: { x: 1 } }, NOWHERE, arrival, {
      push: (reading) => void times.push(reading.t),
      reject: (reason, detail) => void reasons.push(`${reason} ${detail}`),
    });
    return times[0] ?? reasons[0];
  };
  const decoder = () => new PayloadDecoder({ time: { unit: 'ms', zone: ZONE } });

  it('is of the pass that is nearer to its arrival, in whatever order they come', () => {
    const live = decoder();
    for (const t of [
      FOLD + 10 * MINUTE,
      FOLD + 5 * MINUTE,
      FOLD + 65 * MINUTE,
      FOLD + 63 * MINUTE,
      FOLD + 64 * MINUTE,
    ]) {
      expect(decode(live, wall(t), t + 2e3)).toBe(t);
    }
  });

  it('is taken in its order where a broker held it back, or the clock of the gateway is wrong', () => {
    for (const arrival of [START + 9 * HOUR, 0]) {
      const late = decoder();
      for (const t of every(MINUTE, START, START + 5 * HOUR)) expect(decode(late, wall(t), arrival)).toBe(t);
    }
  });

  it('is refused where it does not exist, with what to do', () => {
    expect(decode(decoder(), '2025-03-30T02:30', START)).toMatch(/^bad-time "2025-03-30T02:30" does not exist/);
  });

  it('takes a declared format', () => {
    const live = new PayloadDecoder({ time: { unit: 'ms', zone: ZONE, format: 'dd.MM.yyyy HH:mm' } });
    expect(decode(live, '01.07.2025 12:00', START)).toBe(Date.UTC(2025, 6, 1, 10));
    expect(decode(live, '2025-07-01T12:00', START)).toContain('dd.MM.yyyy HH:mm');
  });

  it('is remembered for so many assets, of which the first is forgotten', () => {
    const times = new TimeReader({ unit: 'ms', zone: ZONE });
    const read = (asset: string, t: number) => times.read(wall(t), asset, undefined);
    for (let i = 0; i <= MAX_FOLLOWED; i++) expect(read(`a${i}`, FOLD + 30 * MINUTE)).toBe(FOLD + 30 * MINUTE);
    expect(read(`a${MAX_FOLLOWED}`, FOLD + 70 * MINUTE)).toBe(FOLD + 70 * MINUTE);
    // Forgotten: for all that is known it is its first time.
    expect(read('a0', FOLD + 70 * MINUTE)).toBe(FOLD + 10 * MINUTE);
  });
});
