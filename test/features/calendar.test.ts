import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { createVectorizer, inputSchema } from '../../src/scoring/features/index.ts';
import { signal, window } from './support.ts';

type Case = Readonly<Record<string, number>> & { readonly zone: string; readonly t: number };

/** By Python's zoneinfo; calendar.py beside it makes it. */
const CASES = JSON.parse(readFileSync(new URL('fixtures/calendar.json', import.meta.url), 'utf8')) as readonly (Case & {
  readonly zone: string;
})[];
const NAMES = ['minute', 'hour', 'time_of_day', 'weekday', 'weekend', 'day', 'day_of_year', 'month', 'quarter'];

const means = [{ tags: ['a'], features: ['mean'] }];

function vectorOf(input: object, t: number): { names: readonly string[]; vector: number[] } {
  const vectorizer = createVectorizer(inputSchema.parse(input), ['a'], {}, { count: 1 });
  const out = new Float64Array(vectorizer.length);
  vectorizer.write(window([signal([7])], t, t), out, new Float64Array(vectorizer.names.length));
  return { names: vectorizer.names, vector: [...out] };
}

describe('a calendar', () => {
  it.each(CASES)('$zone at $t is as in Python', ({ zone, t, ...fields }) => {
    const { names, vector } = vectorOf({ tensor: 'x', statistics: means, calendar: { zone, features: NAMES } }, t);
    expect(names).toEqual(['a.mean', ...NAMES.map((name) => `calendar.${name}`)]);
    expect(vector[0]).toBe(7);
    for (const [index, name] of NAMES.entries()) expect(vector[index + 1], name).toBeCloseTo(Number(fields[name]), 9);
  });

  it('gives the same whichever times came before: the offset of an hour is not that of the next', () => {
    const vectorizer = createVectorizer(
      inputSchema.parse({ tensor: 'x', statistics: means, calendar: { zone: 'Europe/Berlin', features: ['hour'] } }),
      ['a'],
      {},
      { count: 1 },
    );
    const hourAt = (time: string) => {
      const out = new Float64Array(2);
      vectorizer.write(window([signal([7])], 0, Date.parse(time)), out, new Float64Array(2));
      return out[1];
    };
    const times = ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z'];
    expect(times.map(hourAt)).toEqual([1, 3, 2, 2]);
    expect([...times].reverse().map(hourAt)).toEqual([2, 2, 3, 1]);
  });

  it('has sines and cosines, by its own period or another', () => {
    const features = [
      { of: 'hour', wave: 'sin' },
      { of: 'hour', wave: 'cos' },
      { of: 'weekday', wave: 'sin' },
      { of: 'month', wave: 'cos' },
      { of: 'day_of_year', wave: 'sin', period: 365 },
    ];
    // Thursday, 2 April, 18:00.
    const t = Date.UTC(2026, 3, 2, 18);
    const { names, vector } = vectorOf({ tensor: 'x', statistics: means, calendar: { features } }, t);
    expect(names.slice(1)).toEqual(features.map(({ of, wave }) => `calendar.${of}_${wave}`));
    const turn = 2 * Math.PI;
    const expected = [-1, 0, Math.sin((turn * 3) / 7), Math.cos((turn * 4) / 12), Math.sin((turn * 92) / 365)];
    for (const [index, value] of expected.entries()) expect(vector[index + 1]).toBeCloseTo(value, 12);
  });

  it('is scaled as the rest, and formulas read it', () => {
    const calendar = { features: ['hour', 'weekend'] };
    const derived = { night: { formula: 'calendar.hour < 6.0 ? 1.0 : 0.0' } };
    const scaling = { offset: [0, 12, 0, 0], scale: [1, 6, 1, 1] };
    const input = { tensor: 'x', statistics: means, calendar, derived, scaling };
    // Sunday, 3 o'clock.
    expect(vectorOf(input, Date.UTC(2026, 2, 29, 3)).vector).toEqual([7, -1.5, 1, 1]);
  });

  it('may be a tensor of its own', () => {
    const input = { tensors: { x: { statistics: means }, when: { calendar: { features: ['hour'] } } } };
    expect(vectorOf(input, Date.UTC(2026, 2, 29, 3)).vector).toEqual([7, 3]);
  });

  it('stays as it is where an explanation hides sensors', () => {
    const calendar = { features: ['hour'] };
    const vectorizer = createVectorizer(
      inputSchema.parse({ tensor: 'x', statistics: means, calendar }),
      ['a'],
      {},
      { count: 1 },
    );
    const seen = { vector: Float64Array.of(7, 3), features: Float64Array.of(7, 3) };
    const out = new Float64Array(2);
    vectorizer.occlude(seen, new Set(['a']), Float64Array.of(1, 99), out);
    expect([...out]).toEqual([1, 3]);
  });

  it.each([
    ['Europe/Berln', 'there is no such time zone'],
    ['Mars/Base', 'there is no such time zone'],
  ])('of %s is refused', (zone, words) => {
    const refused = () => vectorOf({ tensor: 'x', statistics: means, calendar: { zone, features: ['hour'] } }, 0);
    expect(refused).toThrow(EdgewrightError);
    expect(refused).toThrow(words);
  });
});
