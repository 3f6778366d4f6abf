import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Nice value that leaves a tenth to whoever has it where another one wants the core, too. */
const GENTLE = 10;

/** From now on this thread, or a process, gives way to all others. Where the system has no such thing, nothing changes. */
export function giveWay(pid: number = ownThread()): void {
  try {
    setPriority(pid, GENTLE);
  } catch {
    // It has ended, or it is not Linux.
  }
}

/** Linux gives each thread a priority of its own, by its number: PID/task/TID. */
function ownThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return Number.NaN;
  }
}
