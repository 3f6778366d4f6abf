import type { LogFields, Logger } from '../../common/core/index.ts';

const KEPT = 5;

/** A logger that remembers its last lines. */
export interface RecentLogs extends Logger {
  /** The newest warnings and errors, a line each, to find out what went wrong; empty where there were none. */
  tail(): string;
}

/** Keeps the newest of what the gateway logs: a screen or a stream of events has no place for it. */
export function recentLogs(): RecentLogs {
  const lines: string[] = [];
  const keep = (level: string) => (message: string, fields?: LogFields) => {
    lines.push(`\n  ${level} ${message} ${fields === undefined ? '' : JSON.stringify(fields)}`);
    if (lines.length > KEPT) lines.shift();
  };
  return { debug() {}, info() {}, warn: keep('warn'), error: keep('error'), tail: () => lines.join('') };
}
