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

export interface ProcessTransportOptions {
  /** The built `inference-process.js`. */
  readonly entry: URL;
  /** Raised at each run, as a worker thread would. */
  readonly heartbeat: SharedArrayBuffer;
  /** Bound on its address space; undefined for none. */
  readonly maxBytes?: number | undefined;
  /** Where the C library finds its locales; undefined for its own place. */
  readonly localePath?: string | undefined;
  /** It gives way to all others. */
  readonly lowPriority?: boolean;
}

/** Tensors live outside V8's heap, and one helper thread is enough. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=128', '--v8-pool-size=1', '--no-warnings'];

/** A process gets what the dynamic loader and Node's resolution need, and none of the gateway's secrets. */
const INHERITED = ['PATH', 'LD_LIBRARY_PATH', 'NODE_PATH', 'TMPDIR', 'LANG'];

/**
 * Few arenas, as each reserves address space of its own. ONNX Runtime's native build reports to its makers over the
 * internet and writes files into TMPDIR unless it is told not to: nothing of a plant leaves that the operator did not ask for.
 */
const SETTINGS = { MALLOC_ARENA_MAX: '2', ORT_DISABLE_TELEMETRY: '1' };

/** Those that live; a program that ends takes them along. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * A process for native code, which a thread could not contain: a fault in it takes the whole process along, and a loop
 * without an end can only be killed. Its memory is bounded by the kernel, so that an allocation beyond the bound fails
 * inside the engine.
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
    // Before it has threads, which take it over.
    if (lowPriority && this.#child.pid !== undefined) lowerPriority(this.#child.pid);
    // Nothing is said on the lifeline; that it breaks is told by the exit.
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
    // A channel that closed is told by the exit.
    this.#child.send(this.#packer.pack(request), () => undefined);
  }

  terminate(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  /** Address space in use, in bytes; undefined where the system does not tell. */
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
  // Node cannot limit a process; the shell can, and then becomes it.
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
    // The last one is its lifeline: it ends when this process does.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
  });
}
