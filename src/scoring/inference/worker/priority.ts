import { opendirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Nice value that leaves a tenth to whoever has it where another one wants the core, too. */
const LOW_PRIORITY = 10;

/** From now on this process, or this thread of a process, gives way to all others. Where there is no such thing, nothing changes. */
export function lowerPriority(pid: number): void {
  try {
    // Linux gives each thread a priority of its own, by its number.
    setPriority(pid, LOW_PRIORITY);
  } catch {
    // It has ended, or it is not Linux.
  }
}

/** The thread that was started last gives way. */
export function lowerNewestThread(): void {
  const newest = threads().at(-1);
  if (newest !== undefined) lowerPriority(newest);
}

/** Threads of this process in the order in which they were started, the main one first; none where it is not Linux. */
function threads(): number[] {
  const found: number[] = [];
  try {
    // Numbers wrap around, and what reads a whole directory sorts its names.
    const tasks = opendirSync('/proc/self/task');
    for (let task = tasks.readSync(); task !== null; task = tasks.readSync()) found.push(Number(task.name));
    tasks.closeSync();
  } catch {
    // It is not Linux.
  }
  return found;
}
