import { midnightOf, offsetOf, type Stamp, stampOf } from './stamp.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Zones that RFC 5322 (4.3) has by name, hours ahead of UTC. */
const NAMED: Readonly<Record<string, number>> = {
  ...{ z: 0, ut: 0, utc: 0, gmt: 0, edt: -4, est: -5, cdt: -5, cst: -6, mdt: -6, mst: -7, pdt: -7, pst: -8 },
};

const CLOCK = '(?<hour>\\d\\d?):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:\\.(?<fraction>\\d+))?)?';
const ZONE = '(?<named>[a-z]{1,3})?(?:(?<sign>[+-])(?<hours>\\d\\d):?(?<minutes>\\d\\d))?';
const WEEKDAY = '(?:(?<weekday>[a-z]{3})[a-z]*,?\\s+)?';
const MONTH = '(?<month>[a-z]{3})';
const FORMS = [
  // RFC 5322 and HTTP: Thu, 01 Jan 2026 06:00:00 GMT
  `${WEEKDAY}(?<day>\\d\\d?)[ -]${MONTH}[ -](?<year>\\d{4})\\s+${CLOCK}(?:\\s*${ZONE})?`,
  // asctime, and date of a shell: Thu Jan  1 06:00:00 UTC 2026
  `${WEEKDAY}${MONTH}\\s+(?<day>\\d\\d?)\\s+${CLOCK}(?:\\s+${ZONE})?\\s+(?<year>\\d{4})`,
  // JavaScript: Thu Jan 01 2026 07:00:00 GMT+0100 (Central European Standard Time)
  `${WEEKDAY}${MONTH}\\s+(?<day>\\d\\d?)\\s+(?<year>\\d{4})\\s+${CLOCK}(?:\\s*${ZONE})?(?:\\s*\\([^)]*\\))?`,
].map((form) => new RegExp(`^${form}$`, 'i'));
const DOT_NET = /^\\?\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?\/$/;

/** Reads a date whose month is a word in English, or one of .NET (`/Date(1767225600000)/`); undefined for other text. */
export function parseWordedStamp(text: string): Stamp | undefined {
  const ticks = DOT_NET.exec(text)?.[1];
  if (ticks !== undefined) return { wall: Number(ticks), offset: 0, leap: false };
  for (const form of FORMS) {
    const found = form.exec(text)?.groups;
    if (found !== undefined) return read(found);
  }
  return undefined;
}

function read(found: Readonly<Record<string, string | undefined>>): Stamp | undefined {
  const month = MONTHS.indexOf((found['month'] ?? '').toLowerCase()) + 1;
  const midnight = midnightOf(Number(found['year']), month, Number(found['day']));
  const weekday = found['weekday']?.toLowerCase();
  if (month === 0 || (weekday !== undefined && DAYS[new Date(midnight).getUTCDay()] !== weekday)) return undefined;
  const { named, sign, hours = '', minutes } = found;
  const hoursOfName = named === undefined ? undefined : NAMED[named.toLowerCase()];
  if (named !== undefined && hoursOfName === undefined) return undefined;
  if (sign !== undefined) return stampOf(midnight, found, offsetOf(sign, hours, minutes));
  return stampOf(midnight, found, hoursOfName === undefined ? undefined : hoursOfName * 3600e3);
}
