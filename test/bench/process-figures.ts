import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

export interface ProcessFigures {
  /** User and system time of all threads, us. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Bytes that went to storage. */
  readonly writtenBytes: number;
}

/** Figures of a process as Linux has them. */
export function figuresOf(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return {
    cpuUs: (ticks / TICKS_PER_SECOND) * 1e6,
    rssBytes: numberAfter(status, 'VmRSS') * 1024,
    peakRssBytes: numberAfter(status, 'VmHWM') * 1024,
    writtenBytes: numberAfter(io, 'write_bytes'),
  };
}

function numberAfter(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}
