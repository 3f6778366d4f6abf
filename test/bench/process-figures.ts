import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

export interface ProcessFigures {
  /** User and system time of all threads, and of children that ended, us. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Bytes that went to storage. */
  readonly writtenBytes: number;
}

/** Places in /proc/PID/stat behind the name: user and system time, its own and that of children which ended. */
const TIMES = [11, 12, 13, 14];

/** Figures of a process and all that it started, as Linux has them. What processes share counts in each. */
export function figuresOfAll(pid: number): ProcessFigures {
  return childrenOf(pid)
    .map(figuresOfAll)
    .reduce((sum, child) => {
      return {
        cpuUs: sum.cpuUs + child.cpuUs,
        rssBytes: sum.rssBytes + child.rssBytes,
        peakRssBytes: sum.peakRssBytes + child.peakRssBytes,
        writtenBytes: sum.writtenBytes + child.writtenBytes,
      };
    }, figuresOf(pid));
}

/** Linux lists children by the thread that started them. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Figures of one process as Linux has them. */
export function figuresOf(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = TIMES.reduce((sum, place) => sum + Number(fields[place]), 0);
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
