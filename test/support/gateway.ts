import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { GatewayStatus } from '../../src/device/runtime/index.ts';

const MAIN = resolve('dist/main.js');
/** ms. A test machine may be busy: these end a test that hangs, they measure nothing. */
const READY_DEADLINE = 60_000;
export const DEADLINE = 60_000;
const POLL = 25;

/** Environment overrides such as `{ 'outbox.max': '1MiB' }`. */
export type Overrides = Readonly<Record<string, string | number>>;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Ready {
  readonly event: 'ready';
  readonly boot: string;
  readonly http: string;
  readonly models: readonly unknown[];
  readonly tookMs: number;
}

export interface StoppedRun extends Ended {
  /** The last line of stdout, where it is the one that tells of the stop. */
  readonly stopped: { readonly event: string; readonly pending: number } | undefined;
  readonly tookMs: number;
}

function environmentOf(overrides: Overrides): NodeJS.ProcessEnv {
  const given = Object.entries(overrides).map(([path, value]) => [
    `EDGEWRIGHT__${path.replaceAll('.', '__').toUpperCase()}`,
    String(value),
  ]);
  return { ...process.env, ...Object.fromEntries(given) };
}

/** Writes a configuration (JSON is YAML) into a folder; returns its path. */
export async function writeConfig(folder: string, config: object, name = 'gateway.yaml'): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(config, undefined, 2));
  return file;
}

/** Runs a command of the built program to its end. */
export async function edgewright(args: readonly string[], overrides: Overrides = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environmentOf(overrides),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [status] = await once(child, 'close');
  return { status, ...output };
}

/** `edgewright run` as it ships, in a process of its own. */
export class GatewayProcess {
  readonly ready: Ready;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #output: { stdout: string; stderr: string };
  readonly #ended: Promise<Ended>;
  readonly #tokenFile: string;

  private constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    output: { stdout: string; stderr: string },
    ended: Promise<Ended>,
    ready: Ready,
    tokenFile: string,
  ) {
    this.#child = child;
    this.#output = output;
    this.#ended = ended;
    this.ready = ready;
    this.#tokenFile = tokenFile;
  }

  /** Resolves with the ready line. The outbox is in `outbox.path` of the overrides, else in `data` beside the configuration. */
  static async start(file: string, overrides: Overrides = {}, env: NodeJS.ProcessEnv = {}): Promise<GatewayProcess> {
    const child = spawn(process.execPath, [MAIN, 'run', file], {
      env: { ...environmentOf({ 'http.port': 0, ...overrides }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    const ended = once(child, 'close').then(([status]) => ({ status, ...output }));
    const first = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
    try {
      const line = await Promise.race([
        first.then(([text]) => text),
        ended.then(({ status, stderr }) => Promise.reject(new Error(`the gateway ended with ${status}: ${stderr}`))),
        after(READY_DEADLINE, () => `no ready line: ${output.stderr.slice(-2000)}`),
      ]);
      const folder = String(overrides['outbox.path'] ?? join(dirname(file), 'data'));
      return new GatewayProcess(child, output, ended, JSON.parse(line), join(folder, 'http-token'));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get boot(): string {
    return this.ready.boot;
  }

  /** Lines of the log so far. */
  get log(): string {
    return this.#output.stderr;
  }

  /** The gateway's own view. Throws where its books do not balance, whenever it is asked. */
  async status(): Promise<GatewayStatus> {
    const token = (await readFile(this.#tokenFile, 'utf8')).trim();
    const response = await fetch(`${this.ready.http}/api/status`, { headers: { authorization: `Bearer ${token}` } });
    const status = (await response.json()) as GatewayStatus;
    checkLedger(status);
    return status;
  }

  /** Asks for the status until it is as wanted. */
  async until(
    what: string,
    wanted: (status: GatewayStatus) => boolean,
    deadline: number = DEADLINE,
  ): Promise<GatewayStatus> {
    const end = performance.now() + deadline;
    for (;;) {
      const status = await this.status();
      if (wanted(status)) return status;
      if (performance.now() > end) {
        throw new Error(`waited ${deadline} ms for ${what}: ${JSON.stringify(status)}\n${this.log.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** Nobody reads what it says any more. */
  deafen(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  /** SIGTERM, and what came of it. */
  async terminate(): Promise<StoppedRun> {
    const began = performance.now();
    this.#child.kill('SIGTERM');
    const ended = await this.#end();
    const tookMs = performance.now() - began;
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    const line = last.includes('"stopped"') ? JSON.parse(last) : undefined;
    return { ...ended, stopped: line, tookMs };
  }

  /** SIGKILL; resolves when it is gone. May be called again. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#end();
  }

  #end(): Promise<Ended> {
    return Promise.race([this.#ended, after(DEADLINE, () => `the gateway does not end: ${this.log.slice(-2000)}`)]);
  }
}

function after(ms: number, message: () => string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message())), ms).unref();
  });
}

/** Every committed record is in exactly one state, and all that wait are counted. */
function checkLedger({ ledger, outbox }: GatewayStatus): void {
  let waiting = 0;
  for (const row of ledger) {
    const { committed, acked, pending, dead, folded, dropped, unreadable } = row;
    waiting += pending;
    const balanced = committed === acked + pending + dead + folded + dropped + unreadable;
    if (!balanced) throw new Error(`the books do not balance: ${JSON.stringify(row)}`);
  }
  if (waiting !== outbox.pending) throw new Error(`${outbox.pending} pending, the ledger says ${waiting}`);
}
