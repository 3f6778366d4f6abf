import { DateTime } from 'luxon';
import type { Stamp } from './stamp.ts';

/** English and ASCII digits, wherever the gateway stands. */
const LOCALE = { locale: 'en-US', numberingSystem: 'latn' } as const;
const OPTIONS = { ...LOCALE, zone: 'utc', setZone: true } as const;
/** A time of which every part differs from what stands in where a part is missing. */
const SAMPLE = DateTime.utc(1999, 11, 23, 14, 45, 56, 789, LOCALE);

/** Reads text of one declared form. */
export type FormatParser = (text: string) => Stamp | undefined;

const withoutQuotes = (format: string) => format.replace(/'[^']*'/g, '');

/**
 * Says what is wrong with a format in the tokens of Unicode TR 35 as luxon has them (`dd.MM.yyyy HH:mm:ss`); undefined
 * for one that names a day, and the hours of a clock without doubt or not at all.
 */
export function formatProblem(format: string): string | undefined {
  const odd = /[^yMdoHhmsSuaEZzkW'\s\d.,:/_+-]/.exec(withoutQuotes(format))?.[0];
  if (odd !== undefined) return `"${odd}" is no part of a time: put words into single quotes, as in yyyy-MM-dd'T'HH:mm`;
  const back = DateTime.fromFormat(SAMPLE.toFormat(format), format, OPTIONS).toUTC();
  if (back.isValid && back.hasSame(SAMPLE, 'day')) {
    if (back.hour === SAMPLE.hour || back.valueOf() === back.startOf('day').valueOf()) return undefined;
    return 'does not say which half of the day: hh goes with a, HH is the hour of 24';
  }
  return 'names no whole day: year, month and day, as in dd.MM.yyyy HH:mm:ss';
}

/** Compiles a format that `formatProblem` finds nothing wrong with. */
export function compileFormat(format: string): FormatParser {
  const parser = DateTime.buildFormatParser(format, LOCALE);
  const saysZone = /[Zz]/.test(withoutQuotes(format));
  return (text) => {
    const read = DateTime.fromFormatParser(text, parser, OPTIONS);
    if (!read.isValid) return undefined;
    const offset = read.offset * 60e3;
    return { wall: read.toMillis() + offset, offset: saysZone ? offset : undefined, leap: false };
  };
}
