/** A time of the calendar as it is written. */
export interface Stamp {
  /** What the clock showed, ms as if it were UTC. */
  readonly wall: number;
  /** How far that clock is ahead of UTC, ms; undefined where the text does not say. */
  readonly offset: number | undefined;
  /** Whether the second is a leap second, which only the end of a day in UTC has. */
  readonly leap: boolean;
}

/** The parts of a time as text; what is absent is 0. */
export interface ClockParts {
  readonly hour?: string | undefined;
  readonly minute?: string | undefined;
  readonly second?: string | undefined;
  /** Digits behind the mark. */
  readonly fraction?: string | undefined;
}

const DAY = 86_400e3;
const MAX_OFFSET_HOURS = 15;

/** Computes the midnight that begins a day, ms as if it were UTC; NaN where the calendar has no such day. */
export function midnightOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
  // Date.UTC takes years below 100 for those of the 20th century.
  const midnight = year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day);
  return day <= 28 || new Date(midnight).getUTCDate() === day ? midnight : Number.NaN;
}

/** Puts a day and a time of it together; undefined where the clock does not show such a time. 24:00 ends the day. */
export function stampOf(midnight: number, clock: ClockParts, offset: number | undefined): Stamp | undefined {
  const [hour, minute, second] = [Number(clock.hour ?? 0), Number(clock.minute ?? 0), Number(clock.second ?? 0)];
  const fraction = clock.fraction === undefined ? 0 : Number(`0.${clock.fraction}`) * 1e3;
  const leap = second === 60;
  if (hour > 24 || minute > 59 || second > 60 || Number.isNaN(midnight) || Number.isNaN(offset)) return undefined;
  if (hour === 24 && minute + second + fraction > 0) return undefined;
  return { wall: midnight + ((hour * 60 + minute) * 60 + second) * 1e3 + fraction, offset, leap };
}

/** Computes an offset such as -03:30 in ms; NaN where no clock has it. */
export function offsetOf(sign: string, hours: string, minutes = '0', seconds = '0'): number {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (h > MAX_OFFSET_HOURS || m > 59 || s > 59) return Number.NaN;
  return (sign === '+' ? 1 : -1) * ((h * 60 + m) * 60 + s) * 1e3;
}

/** Whether a leap second can stand there: it is read as the second after it, which begins a day of UTC. */
export function endsDay(t: number): boolean {
  return Math.floor(t / 1e3) % (DAY / 1e3) === 0;
}
