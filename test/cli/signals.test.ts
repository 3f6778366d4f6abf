import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { nativeInstalled } from '../inference/support.ts';
import { BENCH_MODEL } from './support/bundles.ts';
import { cleanup, cli, configFile, linesOf } from './support/cli.ts';

const MAIN = resolve('dist/main.js');
const PIPELINES = { bench: { source: 'rig', model: BENCH_MODEL } };
/** What answers the simulator. */
const WEAR = { wear: { source: 'rig', model: resolve('models/rig-anomaly') } };
const SIMULATOR = { type: 'simulator', assets: 64, speed: 'max', start: '2024-05-01' };

interface Run {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** The gateway in a process group of its own, as a shell starts it. */
function start(file: string, stdio: [unknown, unknown] = ['pipe', 'pipe']): Run {
  const child = spawn(process.execPath, [MAIN, 'run', file], {
    detached: true,
    env: { PATH: process.env['PATH'], NODE_PATH: resolve('node_modules') },
    stdio: ['ignore', ...stdio] as never,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal }));
  cleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, pid: child.pid ?? 0, output, ended };
}

/** Resolves with the address that it answers at. */
async function ready({ child, output, ended }: Run): Promise<string> {
  const line = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  const [text] = await Promise.race([line, ended.then(() => Promise.reject(new Error(output.stderr)))]);
  return JSON.parse(text).http;
}

/** Predictions that are committed, by the gateway's own view. */
async function predictions(url: string, file: string): Promise<number> {
  const token = readFileSync(join(dirname(file), 'data', 'http-token'), 'utf8').trim();
  const response = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
  const { ledger } = (await response.json()) as { ledger: { type: string; committed: number }[] };
  return ledger.find(({ type }) => type === 'prediction')?.committed ?? 0;
}

/** Records that were committed, as an export has them. */
async function recordsOf(file: string) {
  return linesOf<{ type: string; decision?: string; quality?: { reasons: string[] } }>(
    await cli(['outbox', 'export', file, '--all']),
  );
}

/** Processes of a gateway's engine, by the folder of its program and its parent. */
function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

describe.runIf(nativeInstalled)('a signal to the whole process group, with the native engine', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the gateway in order: no process is called crashed, and no record abstains for it',
    async (signal) => {
      const file = await configFile({
        sources: { rig: SIMULATOR },
        pipelines: WEAR,
        inference: { engine: 'native' },
      });
      const run = start(file);
      const url = await ready(run);
      await expect.poll(() => predictions(url, file), { timeout: 20_000 }).toBeGreaterThan(0);
      const processes = children(run.pid);
      expect(processes.length).toBeGreaterThan(0);
      // Ctrl-C goes to the group; a service manager without KillMode=mixed tells each process.
      for (const pid of processes) process.kill(pid, signal);
      process.kill(-run.pid, signal);
      expect(await run.ended).toEqual({ status: 0, signal: null });
      expect(run.output.stderr).not.toContain('worker-crashed');
      const records = await recordsOf(file);
      expect(records.filter(({ type }) => type === 'prediction').length).toBeGreaterThan(0);
      expect(JSON.stringify(records)).not.toContain('worker-crashed');
      for (const pid of processes) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    },
    60_000,
  );
});

describe('a signal during the start', () => {
  /** Takes connections and says nothing: a broker that is being dialled for ever. */
  async function silentBroker(): Promise<string> {
    const server: Server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup(async () => server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  it.each([200, 500, 1_000])(
    'ends it within two seconds with 0, and the next one starts as after a stop (%i ms in)',
    async (wait) => {
      const url = await silentBroker();
      const sources = { rig: { type: 'simulator' }, line: { type: 'mqtt', url, topic: 'f/{asset}' } };
      const file = await configFile({ sources, pipelines: PIPELINES, uplink: { url } });
      const run = start(file);
      await new Promise((done) => setTimeout(done, wait));
      const began = performance.now();
      process.kill(-run.pid, 'SIGTERM');
      const { status, signal } = await run.ended;
      expect(performance.now() - began).toBeLessThan(2_000);
      // Before the program itself is loaded there is nobody who could take the signal.
      expect(status === 0 || (signal === 'SIGTERM' && run.output.stderr === '')).toBe(true);
      expect(run.output.stderr).not.toMatch(/"level":"error"|internal error/);
      const again = start(file);
      const line = once(createInterface({ input: again.child.stdout as NodeJS.ReadableStream }), 'line');
      await line;
      expect(again.output.stderr).not.toContain('damaged');
      process.kill(again.pid, 'SIGTERM');
      expect((await again.ended).status).toBe(0);
    },
    60_000,
  );
});

describe('while it stops', () => {
  it('further signals change nothing', async () => {
    const file = await configFile({ sources: { rig: SIMULATOR }, pipelines: PIPELINES });
    const run = start(file);
    await ready(run);
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGTERM'] as const;
    for (const signal of signals) {
      process.kill(run.pid, signal);
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(await run.ended).toEqual({ status: 0, signal: null });
    expect(run.output.stdout).toContain('"event":"stopped"');
  }, 60_000);
});

describe('output that cannot be written', () => {
  it('a reader that is gone ends neither the gateway nor its stop', async () => {
    const run = start(await configFile({ pipelines: PIPELINES, log: { level: 'debug' } }));
    run.child.stderr?.destroy();
    await ready(run);
    run.child.stdout?.destroy();
    process.kill(run.pid, 'SIGTERM');
    expect(await run.ended).toEqual({ status: 0, signal: null });
  }, 60_000);

  it('a full disk under stdout and the log ends neither', async () => {
    const full = openSync('/dev/full', 'w');
    cleanup(async () => closeSync(full));
    const file = await configFile({ pipelines: PIPELINES, log: { level: 'debug' } });
    const run = start(file, [full, full]);
    const pidFile = join(dirname(file), 'data', 'telemetry.db.pid');
    await expect.poll(() => readFileSync(pidFile, 'utf8'), { timeout: 20_000 }).toBe(`${run.pid}\n`);
    process.kill(run.pid, 'SIGTERM');
    expect(await run.ended).toEqual({ status: 0, signal: null });
  }, 60_000);
});
