import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFailed, test, vi } from 'vitest';
import { nativeInstalled } from './support.ts';

const PARENT = fileURLToPath(new URL('fixtures/looping-parent.ts', import.meta.url));
/** Ticks of CPU (10 ms each) that a process which waits for work does not take. */
const LOOPING_TICKS = 50;
const PATIENCE = { timeout: 12_000, interval: 50 };

/** Linux lists children by the thread that started them. */
const childrenOf = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

/** State and CPU ticks, as /proc/PID/stat has them behind the name; undefined where there is no process. */
function statOf(pid: number): { readonly state: string; readonly ticks: number } | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { state: fields[0] ?? '', ticks: Number(fields[11]) };
}

describe.runIf(nativeInstalled && existsSync('/proc/self/task'))('a process of the native engine', () => {
  test('does not outlive a gateway that was killed, though its model loops', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface({ input: parent.stdout }), 'line');
    const names = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const [child] = childrenOf(parent.pid ?? 0).filter((pid) => names(pid).includes('inference-process.js'));
    if (child === undefined) throw new Error('there is no inference process');
    onTestFailed(() => void process.kill(child, 'SIGKILL'));
    const before = statOf(child)?.ticks ?? 0;
    await vi.waitFor(() => expect(statOf(child)?.ticks).toBeGreaterThan(before + LOOPING_TICKS), PATIENCE);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    // Nobody may wait for an orphan's status: it is gone, or nothing but that is left of it.
    await vi.waitFor(() => expect(statOf(child)?.state ?? 'Z').toBe('Z'), PATIENCE);
  });
});
