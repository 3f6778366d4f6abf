const DAY_MS = 86_400_000;

/** What a calendar says of a local time. */
export interface CalendarField {
  readonly description: string;
  readonly unit: string;
  /** After how much it begins again, for its sine and cosine. */
  readonly period: number;
  /** @param local ms since the epoch, the zone's offset added */
  readonly of: (local: number) => number;
}

const date = (local: number) => new Date(local);
const dayNumber = (local: number) => Math.floor(local / DAY_MS);
/** Days since a Monday; the epoch was a Thursday. */
const weekday = (local: number) => (((dayNumber(local) + 3) % 7) + 7) % 7;
const beginOfYear = (local: number) => Date.UTC(date(local).getUTCFullYear(), 0, 1);

/** Every field that a manifest may name, as pandas has them under `dt`. */
export const CALENDAR_FIELDS = {
  minute: { description: 'Minute, 0 to 59.', unit: 'min', period: 60, of: (local) => date(local).getUTCMinutes() },
  hour: { description: 'Whole hour, 0 to 23.', unit: 'h', period: 24, of: (local) => date(local).getUTCHours() },
  time_of_day: {
    description: 'Hours since midnight by the clock on the wall, with their fraction.',
    unit: 'h',
    period: 24,
    of: (local) => (local - dayNumber(local) * DAY_MS) / 3_600_000,
  },
  weekday: { description: 'Day of the week, Monday 0 to Sunday 6.', unit: 'd', period: 7, of: weekday },
  weekend: {
    description: '1 on Saturday and Sunday, else 0.',
    unit: '1',
    period: 7,
    of: (local) => (weekday(local) >= 5 ? 1 : 0),
  },
  day: { description: 'Day of the month, 1 to 31.', unit: 'd', period: 31, of: (local) => date(local).getUTCDate() },
  day_of_year: {
    description: 'Day of the year, 1 to 366.',
    unit: 'd',
    period: 365.25,
    of: (local) => dayNumber(local) - dayNumber(beginOfYear(local)) + 1,
  },
  month: { description: 'Month, 1 to 12.', unit: '1', period: 12, of: (local) => date(local).getUTCMonth() + 1 },
  quarter: {
    description: 'Quarter of the year, 1 to 4.',
    unit: '1',
    period: 4,
    of: (local) => Math.floor(date(local).getUTCMonth() / 3) + 1,
  },
} as const satisfies Readonly<Record<string, CalendarField>>;

/** The name of a field. */
export type CalendarName = keyof typeof CALENDAR_FIELDS;
