/** Wall and monotonic time. Implementations anchor the wall clock once and move it by the monotonic one. */
export interface Clock {
  /** Milliseconds since the epoch, possibly fractional; goes backwards only where the system's clock is set back. */
  now(): number;
  /** Milliseconds of monotonic time; only differences mean anything. */
  monotonic(): number;
  /** False while the wall clock is implausible: before the build's date, or before a time that was. */
  trusted(): boolean;
}

/** A time of the wall clock, and whether the clock was trusted then. */
export interface Moment {
  /** ms since the epoch. */
  readonly at: number;
  readonly trusted: boolean;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
