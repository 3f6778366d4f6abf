/** Units in which times come in, since 1970; `excel` are days since 1899-12-30 of the local clock. */
export const TIME_UNITS = ['ms', 's', 'us', 'ns', 'auto', 'excel', 'iso'] as const;
/** A unit of times by its name. */
export type TimeUnit = (typeof TIME_UNITS)[number];

const DAY = 86_400e3;
/** The last time that a date can have, ms since the epoch (ECMA-262, 21.4.1.1). */
const MAX_TIME = 8.64e15;
const FACTORS = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 } as const;
const SCALES = Object.entries(FACTORS) as readonly [keyof typeof FACTORS, number][];
const NAMES = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' } as const;

/** Times that a unit is told by with `auto`; what lies between them in a unit needs no second look. */
const PLAUSIBLE = [Date.UTC(1990, 0), Date.UTC(2100, 0)] as const;
/** Times by which a number is said to be in another unit; narrower, since a recording may count from 0. */
const TELLTALE = [Date.UTC(2000, 0), Date.UTC(2100, 0)] as const;

/** Days of Excel from March 1900, before which it has a day too many, to the year 9999. */
const EXCEL = [61, 2_958_466] as const;
const EXCEL_EPOCH = 25_569;

const within = (t: number, [least, most]: readonly [number, number]) => t >= least && t <= most;

/** Whether a date can have this time, ms since the epoch. */
export function isTime(t: number): boolean {
  return t >= -MAX_TIME && t <= MAX_TIME;
}

/**
 * Reads a number as ms since the epoch, else says why it is refused: above all where it would be a time of our days in
 * another unit. Small numbers are taken: they are the times of a recording that counts from 0.
 */
export function fromNumber(value: number, unit: Exclude<TimeUnit, 'excel'>): number | string {
  if (!Number.isFinite(value)) return 'is no finite number';
  if (unit === 'iso') return 'is a number: declare its time.unit';
  if (unit === 'auto') {
    for (const [, factor] of SCALES) if (within(value * factor, PLAUSIBLE)) return value * factor;
    return dateInDigits(value) ?? 'is between 1990 and 2100 in no unit: declare time.unit';
  }
  const t = value * FACTORS[unit];
  if (within(t, PLAUSIBLE)) return t;
  const other = SCALES.find(([, factor]) => within(value * factor, TELLTALE))?.[0];
  if (other !== undefined) return `looks like ${NAMES[other]} since 1970: declare time.unit: ${other}`;
  return dateInDigits(value) ?? (isTime(t) ? t : 'is out of range: declare time.unit');
}

/** Reads a day of Excel as the local clock's time, ms as if it were UTC; else says why it is refused. */
export function fromExcel(value: number): number | string {
  if (within(value, EXCEL)) return Math.round((value - EXCEL_EPOCH) * DAY);
  const problem = fromNumber(value, 'auto');
  return typeof problem === 'string' ? 'is no day of Excel' : 'is no day of Excel: declare time.unit: auto';
}

/** Says of a number whose digits are a date that it is one; undefined for others. */
function dateInDigits(value: number): string | undefined {
  const match =
    /^(?:19[89]\d|20\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(\d{3})?$/.exec(
      String(value),
    );
  return match === null ? undefined : `looks like a date: declare time.format: yyyyMMddHHmmss${match[1] ? 'SSS' : ''}`;
}
