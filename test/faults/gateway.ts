import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
/** ms. Of a machine that is busy with other things, too. */
const DEADLINE = 60_000;
const POLL_MS = 50;
/** ms. What a process that does not answer may take to end. */
const GRACE_MS = 2_000;
const LOG_CHARACTERS = 20_000;

export interface LedgerRow {
  readonly pipeline: string;
  readonly type: string;
  readonly committed: number;
  readonly acked: number;
  readonly pending: number;
  readonly dead: number;
  readonly folded: number;
  readonly dropped: number;
  readonly unreadable: number;
}

export interface Status {
  readonly boot: string;
  readonly seq: number;
  readonly rssBytes: number;
  readonly clockTrusted: boolean;
  readonly outbox: {
    readonly bytes: number;
    readonly cap: number;
    readonly level: number;
    readonly pending: number;
    /** Why nothing can be committed. */
    readonly trouble: { readonly code: string } | null;
  };
  readonly pipelines: readonly {
    readonly predictions: number;
    readonly suppressed: number;
    readonly waiting: number;
  }[];
  readonly sources: readonly { readonly state: string; readonly readings: number }[];
  readonly link: { readonly state: string };
  readonly ledger: readonly LedgerRow[];
}

export interface Ready {
  readonly boot: string;
  readonly http: string;
  readonly tookMs: number;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launch {
  readonly config: string;
  /** Folder of the outbox, where the token lies. */
  readonly data: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the program: `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
}

/** `edgewright run` as it ships, in a process of its own that may end at any moment. */
export class Gateway {
  readonly ended: Promise<Ended>;
  /** Undefined where it ended before it was ready. */
  readonly ready: Promise<Ready | undefined>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #data: string;
  readonly #prefix: readonly string[];
  #http = '';
  #log = '';

  constructor({ config, data, env = {}, prefix = [] }: Launch) {
    const [command = '', ...args] = [...prefix, process.execPath, MAIN, 'run', config];
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#data = data;
    this.#prefix = prefix;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
    });
    this.ended = once(child, 'close').then(([status, signal]) => ({ status, signal }));
    this.ready = Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([line]) => {
        const ready = JSON.parse(line) as Ready;
        this.#http = ready.http;
        return ready;
      }),
      this.ended.then(() => undefined),
    ]);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get log(): string {
    return this.#log;
  }

  /** Throws where it does not get ready. */
  async whenReady(): Promise<Ready> {
    const ready = await within(this.ready, DEADLINE, () => `no ready line: ${this.#log}`);
    if (ready === undefined) throw new Error(`the gateway ended before it was ready: ${this.#log}`);
    return ready;
  }

  async status(): Promise<Status> {
    const token = (await readFile(join(this.#data, 'http-token'), 'utf8')).trim();
    const url = `${this.#http}/api/status`;
    const authorization = `Bearer ${token}`;
    if (this.#prefix.length > 0) return this.#statusFromInside(url, authorization);
    try {
      // A connection for each: one that is kept may be closed by the other side just then.
      const headers = { authorization, connection: 'close' };
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
      return (await response.json()) as Status;
    } catch (error) {
      await Promise.race([this.ended, delay(GRACE_MS)]);
      if (this.running) throw new Error(`it does not answer: ${error} ${(error as Error).cause}; ${this.#log}`);
      const { status, signal } = await this.ended;
      throw new Error(`the gateway ended with ${status ?? signal}: ${this.#log}`, { cause: error });
    }
  }

  async until(what: string, wanted: (status: Status) => boolean, deadline: number = DEADLINE): Promise<Status> {
    const end = performance.now() + deadline;
    for (;;) {
      const status = await this.status();
      if (wanted(status)) return status;
      if (performance.now() > end) {
        const { outbox, link, seq } = status;
        throw new Error(`waited ${deadline} ms for ${what}: ${JSON.stringify({ seq, outbox, link })}\n${this.#log}`);
      }
      await delay(POLL_MS);
    }
  }

  async kill(): Promise<Ended> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  /** SIGTERM; what is left after the deadline is killed and reported. */
  async terminate(): Promise<Ended> {
    this.#child.kill('SIGTERM');
    try {
      return await within(this.ended, DEADLINE, () => `the gateway does not end: ${this.#log}`);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    }
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Bytes of memory, as the kernel has them. */
  get rssBytes(): number {
    const file = `/proc/${this.pid}/status`;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024;
  }

  /** Loopback of another network namespace is another one. */
  async #statusFromInside(url: string, authorization: string): Promise<Status> {
    const script = `fetch('${url}', { headers: { authorization: '${authorization}' } }).then(async (r) => process.stdout.write(await r.text()))`;
    const [command = '', ...args] = [...this.#prefix, process.execPath, '-e', script];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    await once(child, 'close');
    return JSON.parse(text) as Status;
  }
}

/** Rejects after a time; the timer keeps nobody alive. */
export async function within<T>(promise: Promise<T>, ms: number, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs another command of the built program to its end. */
export async function edgewright(...args: readonly string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [status] = await once(child, 'close');
  return { status, output };
}
