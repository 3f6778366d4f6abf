import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** ms. It ends what hangs and measures nothing. */
const DEADLINE = 60_000;
const POLL = 25;
/** The folder that a command runs in, by a name that is the same wherever that folder is. */
const HERE = '/proc/self/cwd';
export const CONFIG = 'gateway.yaml';
export const DATA = 'data';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LedgerRow {
  readonly pipeline: string;
  readonly type: string;
  readonly committed: number;
  readonly acked: number;
  readonly pending: number;
}

/** What is asked of a status here. */
export interface Status {
  readonly boot: string;
  readonly seq: number;
  readonly uptimeMs: number;
  readonly clockTrusted: boolean;
  readonly sources: readonly { readonly name: string; readonly state: string; readonly readings: number }[];
  readonly pipelines: readonly { readonly name: string; readonly predictions: number; readonly waiting: number }[];
  readonly link: { readonly state: string; readonly budget?: { readonly used: number; readonly limit: number } };
  readonly outbox: {
    readonly level: number;
    readonly pending: number;
    readonly next: string | null;
    readonly hoursLeft: number | null;
    readonly limit: string;
  };
  readonly ledger: readonly LedgerRow[];
}

export type Environment = Readonly<Record<string, string>>;

/** A program as it is used from outside: that of an unpacked artifact, or of a clone that is built. */
export class Program {
  readonly root: string;
  readonly #command: readonly string[];

  /** @param root folder of the artifact or clone */
  constructor(root: string) {
    this.root = resolve(root);
    const launcher = join(this.root, 'edgewright');
    this.#command = existsSync(launcher) ? [launcher] : [process.execPath, join(this.root, 'dist/main.js')];
  }

  /** Runs a command to its end, in a folder. */
  async run(folder: string, args: readonly string[], env: Environment = {}): Promise<Ended> {
    const child = this.#spawn(folder, args, env);
    const output = collect(child);
    const [status] = await once(child, 'close');
    return { status, ...output };
  }

  /** As `run`; a failure is an error. Returns what stands on stdout. */
  async tell(folder: string, args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(folder, args);
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Starts the gateway of a folder and resolves when it is ready. */
  async start(folder: string, env: Environment = {}): Promise<Gateway> {
    const child = this.#spawn(folder, ['run', configIn(HERE)], env);
    const output = collect(child);
    const ended = once(child, 'close').then(([status]): Ended => ({ status, ...output }));
    const first = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
    const failed = ended.then(({ status, stderr }) => Promise.reject(new Error(`it ended with ${status}: ${stderr}`)));
    try {
      const [line] = await Promise.race([first, failed, late(() => `no ready line: ${output.stderr.slice(-2_000)}`)]);
      return new Gateway(child, ended, JSON.parse(line), join(folder, DATA, 'http-token'));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  #spawn(folder: string, args: readonly string[], env: Environment) {
    const [command = '', ...before] = this.#command;
    return spawn(command, [...before, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], EDGEWRIGHT_NODE: process.execPath, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** The configuration of a folder, for a command that runs in it. */
export function configIn(folder = HERE): string {
  return `${folder}/${CONFIG}`;
}

/** A gateway in a process of its own. */
export class Gateway {
  readonly boot: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<Ended>;
  readonly #http: string;
  readonly #tokenFile: string;

  constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    ended: Promise<Ended>,
    ready: { readonly boot: string; readonly http: string },
    tokenFile: string,
  ) {
    this.#child = child;
    this.#ended = ended;
    this.boot = ready.boot;
    this.#http = ready.http;
    this.#tokenFile = tokenFile;
  }

  async status(): Promise<Status> {
    const token = (await readFile(this.#tokenFile, 'utf8')).trim();
    const response = await fetch(`${this.#http}/api/status`, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as Status;
  }

  /** Asks for the status until it is as wanted. */
  async until(what: string, wanted: (status: Status) => boolean): Promise<Status> {
    for (const end = performance.now() + DEADLINE; ; ) {
      const status = await this.status();
      if (wanted(status)) return status;
      if (performance.now() > end) throw new Error(`waited in vain for ${what}: ${JSON.stringify(status)}`);
      await new Promise((done) => setTimeout(done, POLL));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM; resolves when it has stopped in order. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const { status, stderr } = await Promise.race([this.#ended, late(() => 'the gateway does not stop')]);
    if (status !== 0) throw new Error(`the gateway stopped with ${status}: ${stderr}`);
  }

  /** SIGKILL; resolves when it is gone. May be called again, and after `stop`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function collect(child: ChildProcessByStdio<null, Readable, Readable>): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return output;
}

function late(message: () => string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message())), DEADLINE).unref();
  });
}
