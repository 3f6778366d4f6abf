import * as z from 'zod';

/** Units in which times come in, since 1970. */
export const TIME_UNITS = ['ms', 's', 'us', 'ns', 'iso'] as const;
/** A unit of times by its name. */
export type TimeUnit = (typeof TIME_UNITS)[number];

/** The last time that a date can have, ms since the epoch (ECMA-262, 21.4.1.1). */
const MAX_TIME = 8.64e15;
const FACTORS: Readonly<Record<Exclude<TimeUnit, 'iso'>, number>> = { ms: 1, s: 1e3, us: 1e-3, ns: 1e-6 };
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)([.,]\d{1,9})?)?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d))?$/;

/**
 * Reads ISO 8601 as ms since the epoch, with fractions finer than a millisecond; UTC where no zone is given, NaN for
 * other text.
 */
export function parseIso(text: string): number {
  const match = ISO.exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const midnight = Date.UTC(year ?? 0, (month ?? 0) - 1, day);
  const date = new Date(midnight);
  const real = date.getUTCDate() === day && date.getUTCMonth() + 1 === month && date.getUTCFullYear() === year;
  if (!real || (hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return Number.NaN;
  const zone = (match[9] === '-' ? -1 : 1) * (Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0));
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7].slice(1)}`) * 1e3;
  return midnight + (((hour ?? 0) * 60 + (minute ?? 0) - zone) * 60 + (second ?? 0)) * 1e3 + fraction;
}

/**
 * Reads a time as it came in as ms since the epoch; NaN if it is none. Text that is not a number is read as ISO 8601.
 */
export function toMillis(raw: unknown, unit: TimeUnit = 'ms'): number {
  if (typeof raw === 'string') {
    const digits = unit !== 'iso' && raw !== '' ? Number(raw) : Number.NaN;
    return Number.isNaN(digits) ? parseIso(raw.trim()) : toMillis(digits, unit);
  }
  if (typeof raw !== 'number' || unit === 'iso') return Number.NaN;
  const t = unit === 'ms' ? raw : raw * FACTORS[unit];
  return t >= -MAX_TIME && t <= MAX_TIME ? t : Number.NaN;
}

/** The key `unit` of times that come in. */
export const timeUnitSchema = z
  .enum(TIME_UNITS)
  .optional()
  .describe(
    'Unit of times since 1970; that of the shape where absent, ms without one. Text that is not a number is read as ISO 8601, UTC where it names no zone.',
  );

/** An instant in configuration, ISO 8601; ms since the epoch in the program. */
export const instant = () =>
  z
    .string()
    .refine((text) => !Number.isNaN(parseIso(text)), 'must be a time such as 2024-05-01T06:00:00Z')
    .transform(parseIso);
