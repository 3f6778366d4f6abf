import { endsDay, midnightOf, offsetOf, type Stamp, stampOf } from './stamp.ts';

const DATE =
  /(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|\/(?<month2>\d\d)\/(?<day2>\d\d)|(?<month3>\d\d)(?<day3>\d\d)|-?W(?<week>\d\d)-?(?<weekday>[1-7])|-?(?<ordinal>\d{3}))/;
const CLOCK =
  /(?:(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?|(?<hour2>\d\d)(?:(?<minute2>\d\d)(?:(?<second2>\d\d)(?:[.,](?<fraction2>\d+))?)?)?)/;
const ZONE =
  /(?:(?<utc>Z|UTC|GMT|UT)|(?:UTC|GMT)?(?<sign>[+\-\u2212])(?<hours>\d\d)(?::?(?<minutes>\d\d)(?::?(?<seconds>\d\d))?)?)(?:\[[^\]]+\]|(?<=\d)\s+[A-Z]{3,5})?/;
/** The form that most programs write, read apart since groups with names cost more than all else. */
const COMMON = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?$/;
const ISO = new RegExp(`^${DATE.source}(?:(?:T|\\s+)${CLOCK.source})?(?:\\s*${ZONE.source})?$`, 'i');

const DAY = 86_400e3;

/**
 * Reads ISO 8601, extended or basic, with what databases and loggers make of it: a blank in place of T, slashes in the
 * date, offsets without minutes, `UTC`, the name of a zone behind its offset; undefined for other text.
 */
export function parseIsoStamp(text: string): Stamp | undefined {
  const common = COMMON.exec(text);
  if (common !== null) {
    const [, year, month, day, hour, minute, second, fraction, sign, hours = '', minutes] = common;
    const zoned = text.endsWith('Z') ? 0 : undefined;
    const offset = sign === undefined ? zoned : offsetOf(sign, hours, minutes);
    return stampOf(midnightOf(Number(year), Number(month), Number(day)), { hour, minute, second, fraction }, offset);
  }
  const found = ISO.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { utc, sign, hours, minutes, seconds } = found;
  const hour = found['hour'] ?? found['hour2'];
  // The end of 2026-01-01-05 is no offset that anybody means.
  if (hour === undefined && sign !== undefined && minutes === undefined) return undefined;
  const offset = utc !== undefined ? 0 : sign === undefined ? undefined : offsetOf(sign, hours ?? '', minutes, seconds);
  const clock = {
    hour,
    minute: found['minute'] ?? found['minute2'],
    second: found['second'] ?? found['second2'],
    fraction: found['fraction'] ?? found['fraction2'],
  };
  return stampOf(dayOf(found), clock, offset);
}

function dayOf(found: Readonly<Record<string, string | undefined>>): number {
  const year = Number(found['year']);
  if (found['week'] !== undefined) return weekDay(year, Number(found['week']), Number(found['weekday']));
  if (found['ordinal'] !== undefined) {
    const day = midnightOf(year, 1, 1) + (Number(found['ordinal']) - 1) * DAY;
    return new Date(day).getUTCFullYear() === year ? day : Number.NaN;
  }
  const month = found['month'] ?? found['month2'] ?? found['month3'];
  return midnightOf(year, Number(month), Number(found['day'] ?? found['day2'] ?? found['day3']));
}

/** The day of a week of ISO 8601: week 1 has the 4th of January, and Monday is its first day. */
function weekDay(year: number, week: number, weekday: number): number {
  const firstMonday = (of: number) => {
    const fourth = midnightOf(of, 1, 4);
    return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
  };
  const day = firstMonday(year) + ((week - 1) * 7 + weekday - 1) * DAY;
  return week >= 1 && day < firstMonday(year + 1) ? day : Number.NaN;
}

/**
 * Reads ISO 8601 as ms since the epoch, with fractions finer than a millisecond; UTC where no zone is given, NaN for
 * other text.
 */
export function parseIso(text: string): number {
  const stamp = parseIsoStamp(text);
  if (stamp === undefined) return Number.NaN;
  const t = stamp.wall - (stamp.offset ?? 0);
  return stamp.leap && !endsDay(t) ? Number.NaN : t;
}
