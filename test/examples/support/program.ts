import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DEADLINE } from '../../support/gateway.ts';

/** A program that runs until it is stopped, and the lines that it has written so far. */
export class Program {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[name] }).on('line', (line) => {
        this[name].push(line);
        for (const look of this.#waiting) look();
      });
    }
    child.on('exit', () => {
      for (const look of this.#waiting) look();
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Looks after every line until it is as wanted; rejects when the program ends before. */
  async until(what: string, wanted: () => boolean): Promise<void> {
    let look = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} ${what}; stderr: ${this.stderr.slice(-20).join('\n')}`));
        look = () => {
          if (wanted()) resolve();
          else if (!this.running) fail('the program ended before');
        };
        timer = setTimeout(() => fail(`waited ${DEADLINE} ms for`), DEADLINE);
        this.#waiting.add(look);
        look();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
