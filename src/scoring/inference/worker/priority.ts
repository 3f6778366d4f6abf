import { opendirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Nice value whose bearer gets a tenth of a core that others want, too. */
const LOW_PRIORITY = 10;

/**
 * Lowers the priority of a process, or of a thread by its number on Linux, so that all other work goes first. Never
 * throws.
 */
export function lowerPriority(pid: number): void {
  try {
    // Linux gives each thread a priority of its own, by its number.
    setPriority(pid, LOW_PRIORITY);
  } catch {
    // The process or thread has ended, or the system has no such priorities.
  }
}

/** Lowers the priority of the thread that was started last. */
export function lowerNewestThread(): void {
  const newest = threads().at(-1);
  if (newest !== undefined) lowerPriority(newest);
}

/**
 * Lists the threads of this process in the order in which they were started, the main one first; none where it is not
 * Linux.
 */
function threads(): number[] {
  const found: number[] = [];
  try {
    // Thread numbers wrap around, and readdir would sort them as names: only the directory's own order is that of the
    // starts.
    const tasks = opendirSync('/proc/self/task');
    for (let task = tasks.readSync(); task !== null; task = tasks.readSync()) found.push(Number(task.name));
    tasks.closeSync();
  } catch {
    // Only Linux has /proc.
  }
  return found;
}
