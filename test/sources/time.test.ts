import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIso, toMillis } from '../../src/scoring/sources/time.ts';

describe('ISO 8601', () => {
  it('reads what JavaScript writes', () => {
    const years = { min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(parseIso(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2024-05-01T06:30', Date.UTC(2024, 4, 1, 6, 30)],
    ['2020-03-09 10:14:33', Date.UTC(2020, 2, 9, 10, 14, 33)],
    ['2024-05-01T06:30:00+02:00', Date.UTC(2024, 4, 1, 4, 30)],
    ['2024-05-01T06:30:00-0330', Date.UTC(2024, 4, 1, 10, 0)],
    ['2024-05-01T06:30:00.123456Z', Date.UTC(2024, 4, 1, 6, 30) + 123.456],
    ['2024-05-01T06:30:00,5Z', Date.UTC(2024, 4, 1, 6, 30) + 500],
  ])('reads %s as UTC where it names no zone', (text, expected) => {
    expect(parseIso(text)).toBeCloseTo(expected, 3);
  });

  it.each(['', 'soon', '2023-02-29', '2024-13-01', '2024-05-01T24:00', '2024-05-01T06:60Z', '12', '2024'])(
    'refuses %j',
    (text) => {
      expect(parseIso(text)).toBeNaN();
    },
  );
});

describe('times as they come in', () => {
  it.each([
    [1_714_521_600_000, 'ms', 1_714_521_600_000],
    [1_714_521_600.5, 's', 1_714_521_600_500],
    [1_714_521_600_000_250, 'us', 1_714_521_600_000.25],
    ['1714521600000', 'ms', 1_714_521_600_000],
    ['2024-05-01T00:00:00Z', 'ms', 1_714_521_600_000],
    ['2024-05-01T00:00:00Z', 'iso', 1_714_521_600_000],
  ] as const)('%j in %s', (raw, unit, expected) => {
    expect(toMillis(raw, unit)).toBeCloseTo(expected, 6);
  });

  it('reads nanoseconds as finely as a double allows', () => {
    expect(toMillis('1714521600000000250', 'ns')).toBeCloseTo(1_714_521_600_000, 2);
  });

  it.each([
    [Number.NaN, 'ms'],
    [Number.POSITIVE_INFINITY, 'ms'],
    [9e15, 'ms'],
    [9e12, 's'],
    ['', 'ms'],
    [true, 'ms'],
    [{}, 'ms'],
    [17, 'iso'],
    ['17', 'iso'],
  ] as const)('refuses %j in %s', (raw, unit) => {
    expect(toMillis(raw, unit)).toBeNaN();
  });
});
