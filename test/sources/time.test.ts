import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseIso } from '../../src/scoring/sources/time/iso.ts';
import { LocalClock } from '../../src/scoring/sources/time/zone.ts';
import { type TimeForm, TimeReader, timeKeys } from '../../src/scoring/sources/time.ts';

/** What Python says, by fixtures/times.py. */
const python: {
  texts: [string, number][];
  zones: Record<string, [string, number[]][]>;
  formats: [string, string, number][];
} = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/times.json'), 'utf8'));

const read = (raw: unknown, form: Partial<TimeForm> = {}) =>
  new TimeReader({ unit: 'ms', ...form }).read(raw, 'a', undefined);
const MAY = Date.UTC(2024, 4, 1);

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
    ['2024-05-01 06:30:00.123456789012+00', Date.UTC(2024, 4, 1, 6, 30) + 123.456789],
    ['2024-05-01 06:30:00-05', Date.UTC(2024, 4, 1, 11, 30)],
    ['2024-05-01 06:30:00 UTC', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024-05-01 06:30:00 GMT', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024-05-01 06:30:00 Z', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024-05-01t06:30:00z', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024-05-01 06:30:00 UTC+02:00', Date.UTC(2024, 4, 1, 4, 30)],
    ['2024-05-01T06:30:00\u221205:00', Date.UTC(2024, 4, 1, 11, 30)],
    ['2024-05-01T06:30:00+02:00[Europe/Berlin]', Date.UTC(2024, 4, 1, 4, 30)],
    ['2024-05-01 06:30:00.5 +0000 UTC', Date.UTC(2024, 4, 1, 6, 30) + 500],
    ['2024-05-01 06:30:00 +0200 CEST', Date.UTC(2024, 4, 1, 4, 30)],
    ['20240501T063000Z', Date.UTC(2024, 4, 1, 6, 30)],
    ['20240501T0630', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024/05/01 6:30:00', Date.UTC(2024, 4, 1, 6, 30)],
    ['2024-W18-3', MAY],
    ['2024-122T06', Date.UTC(2024, 4, 1, 6)],
    ['2024-04-30T24:00:00Z', MAY],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2017-01-01T08:59:60.5+09:00', Date.UTC(2017, 0, 1) + 500],
  ])('reads %s as UTC where it names no zone', (text, expected) => {
    expect(parseIso(text)).toBeCloseTo(expected, 3);
  });

  it.each([
    ...[
      '',
      'soon',
      '2023-02-29',
      '2024-13-01',
      '2024-05-01T24:00:01',
      '2024-05-01T06:60Z',
      '12',
      '2024',
      '2024-366T25',
    ],
    ...['2023-366', '2024-W53-1', '2024-05-01T12:00:60Z', '2024-05-01-05', '2024-05-01T06:30+99:00', '03/04/2026'],
    ...[
      '2024-05-01T06:30[Europe/Berlin]',
      '2024-05-01T06:30:00 CET',
      '2024-05-01T06:30:00 UTC CET',
      '2024-05-01T25:00',
      '0000-00-00',
      '2024-W00-1',
    ],
  ])('refuses %j', (text) => {
    expect(parseIso(text)).toBeNaN();
  });
});

describe('times as they come in', () => {
  it.each([
    [1_714_521_600_000, 'ms', MAY],
    [1_714_521_600.5, 's', MAY + 500],
    [1_714_521_600_000_250, 'us', MAY + 0.25],
    ['1714521600000', 'ms', MAY],
    [' 1.7145216e9 ', 's', MAY],
    ['2024-05-01T00:00:00Z', 'ms', MAY],
    ['2024-05-01T00:00:00Z', 'iso', MAY],
    ['20240501', 'iso', MAY],
    [45_413, 'excel', MAY],
    [45_413.270833333336, 'excel', Date.UTC(2024, 4, 1, 6, 30)],
    ['/Date(1714521600000)/', 'ms', MAY],
    ['\\/Date(1714521600000+0200)\\/', 'ms', MAY],
    ['Wed, 01 May 2024 00:00:00 GMT', 'ms', MAY],
    ['1 May 2024 02:00 +0200', 'ms', MAY],
    ['Wed, 1 May 2024 00:00:00 EST', 'ms', Date.UTC(2024, 4, 1, 5)],
    ['Wed May  1 00:00:00 UTC 2024', 'ms', MAY],
    ['Wed May 01 2024 02:00:00 GMT+0200 (Central European Summer Time)', 'ms', MAY],
  ] as const)('%j in %s', (raw, unit, expected) => {
    expect(read(raw, { unit })).toBeCloseTo(expected, 6);
  });

  it('reads nanoseconds as finely as a double allows', () => {
    expect(read('1714521600000000250', { unit: 'ns' })).toBeCloseTo(MAY, 2);
  });

  it.each([
    [Number.NaN, 'ms', 'no finite number'],
    [Number.POSITIVE_INFINITY, 'ms', 'no finite number'],
    [9e15, 'ms', 'out of range'],
    [9e12, 's', 'out of range'],
    ['', 'ms', 'empty'],
    [true, 'ms', 'neither a number nor text'],
    [{}, 'ms', 'neither a number nor text'],
    [17, 'iso', 'time.unit'],
    ['17', 'iso', 'time.format'],
    ['0x10', 'ms', 'time.format'],
    ['1e1000', 'ms', 'no finite number'],
    ['03/04/2026', 'ms', 'two ways'],
    ['3.4.26 06:00', 'ms', 'two ways'],
    ['2026-01-01 06:00:00 CET', 'ms', 'time.zone'],
    ['0001-01-01T00:00:00', 'ms', 'no time'],
    ['Fri, 01 May 2024 00:00:00 GMT', 'ms', 'time.format'],
    ['Wed, 01 May 2024 00:00:00 XYZ', 'ms', 'time.format'],
    ['2026-06-01T12:00:60Z', 'ms', 'leap second'],
    [7, 'excel', 'no day of Excel'],
    [1_714_521_600_000, 'excel', 'time.unit: auto'],
  ] as const)('refuses %j in %s: %s', (raw, unit, why) => {
    expect(read(raw, { unit })).toContain(why);
  });

  it.each([
    [1_767_225_600, 'ms', 'seconds since 1970: declare time.unit: s'],
    ['1767225600.25', 'ms', 'declare time.unit: s'],
    [1_767_225_600_000_000, 'ms', 'declare time.unit: us'],
    [1_767_225_600_000_000_000, 'ms', 'declare time.unit: ns'],
    [1_767_225_600_000, 's', 'declare time.unit: ms'],
    [1_767_225_600_000, 'us', 'declare time.unit: ms'],
    [1_767_225_600, 'ns', 'declare time.unit: s'],
    [20_260_101_060_000, 'ms', 'declare time.format: yyyyMMddHHmmss'],
    ['20260101060000123', 'ms', 'declare time.format: yyyyMMddHHmmssSSS'],
    [12_345, 'auto', 'declare time.unit'],
  ] as const)('says of %j in %s what it looks like: %s', (raw, unit, why) => {
    expect(read(raw, { unit })).toContain(why);
  });

  it.each([0, 5, 1000, 60_000, 86_400_000, -1])('takes %d ms as a time of a recording that counts from 0', (t) => {
    expect(read(t)).toBe(t);
  });

  it('tells s, ms, us and ns apart where it is asked to, whatever the time between 1990 and 2100', () => {
    const times = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) });
    const factors = fc.constantFrom(1e-3, 1, 1e3, 1e6);
    fc.assert(
      fc.property(times, factors, (t, factor) => {
        expect(read(t * factor, { unit: 'auto' })).toBeCloseTo(t, 2);
      }),
    );
  });

  it('never takes a time of our days in one unit for one of another', () => {
    const times = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2099, 0) });
    const units = fc.constantFrom(['s', 1e-3], ['ms', 1], ['us', 1e3], ['ns', 1e6]);
    fc.assert(
      fc.property(times, units, units, (t, [unit], [, factor]) => {
        const found = read(t * Number(factor), { unit: unit as TimeForm['unit'] });
        if (typeof found === 'number') expect(found).toBeCloseTo(t, 2);
      }),
    );
  });

  it.each(['texts', 'formats'] as const)('agrees with Python on its %s', (kind) => {
    const cases: [string | undefined, string, number][] =
      kind === 'formats' ? python.formats : python.texts.map(([text, t]) => [undefined, text, t]);
    expect(cases.length).toBeGreaterThan(60);
    for (const [format, text, expected] of cases) {
      const found = read(text, { format });
      expect([text, typeof found === 'number' ? Math.abs(found - expected) < 0.001 : found]).toEqual([text, true]);
    }
  });
});

describe('a declared format', () => {
  it('is the only one that is taken, of numbers, too', () => {
    const format = ['dd.MM.yyyy HH:mm', 'dd.MM.yyyy'];
    expect(read('01.05.2024 06:30', { format })).toBe(Date.UTC(2024, 4, 1, 6, 30));
    expect(read('01.05.2024', { format })).toBe(MAY);
    expect(read(20_240_501_063_000, { format: 'yyyyMMddHHmmss' })).toBe(Date.UTC(2024, 4, 1, 6, 30));
    for (const other of ['05/01/2024', '2024-05-01', '31.02.2024', 1_714_521_600_000, '1.5.2024 06:30']) {
      expect(read(other, { format })).toContain('dd.MM.yyyy');
    }
  });

  it('that names a zone says more than the zone that is declared', () => {
    const form = { format: 'dd.MM.yyyy HH:mm ZZ', zone: 'Europe/Berlin' };
    expect(read('01.05.2024 06:30 -03:00', form)).toBe(Date.UTC(2024, 4, 1, 9, 30));
  });

  it.each([
    ['HH:mm:ss', 'no whole day'],
    ['dd.MM HH:mm', 'no whole day'],
    ['dd.MM.yyyy hh:mm', 'half of the day'],
    ['yyyy-MM-ddTHH:mm', 'single quotes'],
  ])('%s is refused in the configuration: %s', (format, why) => {
    const { error } = z.strictObject(timeKeys).safeParse({ format });
    expect(z.prettifyError(error as z.ZodError)).toContain(why);
  });
});

describe('a zone', () => {
  it.each(Object.entries(python.zones))(
    '%s has the instants that Python says, around each change and elsewhere',
    (zone, cases) => {
      expect(cases.length).toBeGreaterThan(20);
      const clock = new LocalClock(zone);
      for (const [wall, expected] of cases) {
        const { first, second } = clock.instantsOf(parseIso(wall));
        expect([wall, ...[...new Set([first, second])].filter((t) => !Number.isNaN(t))]).toEqual([wall, ...expected]);
      }
    },
  );

  it('holds for text without an offset, and for days of a spreadsheet', () => {
    const zone = 'Europe/Berlin';
    expect(read('2024-07-01 12:00', { zone })).toBe(Date.UTC(2024, 6, 1, 10));
    expect(read('2024-07-01 12:00Z', { zone })).toBe(Date.UTC(2024, 6, 1, 12));
    expect(read(45_474.5, { zone, unit: 'excel' })).toBe(Date.UTC(2024, 6, 1, 10));
    expect(read(1_719_828_000_000, { zone })).toBe(Date.UTC(2024, 6, 1, 10));
  });

  it.each(['UTC+5:30', '+05:30'])('may be an offset: %s', (zone) => {
    expect(read('2024-05-01T05:30', { zone })).toBe(MAY);
  });

  it('refuses the hour that does not exist, and says so', () => {
    expect(read('2024-03-31 02:30', { zone: 'Europe/Berlin' })).toMatch(/does not exist in Europe\/Berlin.*UTC\+1/);
  });

  it('is refused in the configuration where there is none', () => {
    expect(z.strictObject(timeKeys).safeParse({ zone: 'Europe/Berlim' }).success).toBe(false);
    expect(z.strictObject(timeKeys).safeParse({ zone: 'CEST' }).success).toBe(false);
  });
});
