import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Beat, Request } from './messages.ts';
import { type PackedAnswer, Packer } from './packing.ts';
import { PARENT_PIPE } from './parent-watch.ts';
import { lowerPriority } from './priority.ts';
import type { WorkerTransport } from './worker-transport.ts';

/** Settings of a process. */
export interface ProcessTransportOptions {
  /** Built `inference-process.js`. */
  readonly entry: URL;
  /** Int32 that is raised at each run, as a thread would raise it. */
  readonly heartbeat: SharedArrayBuffer;
  /** Bound on the process's address space, in bytes; undefined for none. */
  readonly maxBytes?: number | undefined;
  /** Folder in which the C library finds its locales; undefined for its own. */
  readonly localePath?: string | undefined;
  /** Other work on this machine goes first. */
  readonly lowPriority?: boolean;
}

/** Node's flags: tensors live outside V8's heap, and one helper thread is enough. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=128', '--v8-pool-size=1', '--no-warnings'];

/**
 * Environment that a process inherits: what the dynamic loader and Node's resolution need, and none of the gateway's
 * secrets.
 */
const INHERITED = ['PATH', 'LD_LIBRARY_PATH', 'NODE_PATH', 'TMPDIR', 'LANG'];

/**
 * Environment that a process is given. Arenas are few, as each reserves address space of its own. Telemetry is off:
 * ONNX Runtime's native build else reports to its makers over the internet and writes files into TMPDIR, and nothing
 * leaves a plant that the operator did not ask for.
 */
const SETTINGS = { MALLOC_ARENA_MAX: '2', ORT_DISABLE_TELEMETRY: '1' };

/** Processes that run; the program ends them when it ends. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Carries requests to a process. Native code needs one of its own, because a thread could not contain it: a fault takes
 * the whole process along, and an endless loop can only be killed. The kernel bounds the memory of the process, so that
 * an allocation beyond the bound fails inside the engine.
 */
export class ProcessTransport extends EventEmitter implements WorkerTransport {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #packer = new Packer();

  constructor({ entry, heartbeat, maxBytes, localePath, lowPriority = false }: ProcessTransportOptions) {
    super();
    const beats = new Int32Array(heartbeat);
    this.#child = start(fileURLToPath(entry), maxBytes, localePath);
    alive.add(this.#child);
    // Threads that the process starts later inherit the priority.
    if (lowPriority && this.#child.pid !== undefined) lowerPriority(this.#child.pid);
    // Nothing is written to the pipe that the process watches; an error on it means that the process has ended.
    this.#child.stdio[PARENT_PIPE]?.on('error', () => undefined);
    this.#child.on('message', (message: Answer | PackedAnswer | Beat) => {
      if ('beat' in message) Atomics.store(beats, 0, message.beat);
      else this.emit('message', this.#packer.unpack(message));
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => this.#onExit(code, signal, resolve));
      this.#child.once('error', (error) => {
        alive.delete(this.#child);
        this.emit('error', error);
        resolve();
      });
    });
  }

  postMessage(request: Request): void {
    // The exit of the process tells of a closed channel.
    this.#child.send(this.#packer.pack(request), () => undefined);
  }

  terminate(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  /** Reads the address space that the process has, in bytes; undefined where the system does not tell. */
  reservedBytes(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      const kib = /^VmSize:\s+(\d+) kB/m.exec(status)?.[1];
      return kib === undefined ? undefined : Number(kib) * 1024;
    } catch {
      return undefined;
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null, done: () => void): void {
    alive.delete(this.#child);
    if (signal !== null) this.emit('error', new Error(`the process ended by ${signal}`));
    this.emit('exit', code ?? 0);
    done();
  }
}

function start(entry: string, maxBytes: number | undefined, localePath: string | undefined): ChildProcess {
  const node = [process.execPath, ...NODE_FLAGS, entry];
  // Node cannot limit a process; the shell can, and then replaces itself by Node.
  const limited =
    maxBytes === undefined
      ? node
      : ['/bin/sh', '-c', 'ulimit -v "$0" && exec "$@"', String(Math.floor(maxBytes / 1024)), ...node];
  const [command = '', ...args] = limited;
  const env = Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  return spawn(command, args, {
    cwd: dirname(entry),
    env: { ...env, ...SETTINGS, ...(localePath === undefined ? {} : { LOCPATH: localePath }) },
    serialization: 'advanced',
    // A group of its own: Ctrl-C and a terminal that closes are for the gateway, which answers what it has taken first.
    detached: true,
    // The last one is PARENT_PIPE, which closes when this process ends.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
  });
}
