import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const STORE_WORKER = new URL('../../../dist/store-worker.js', import.meta.url);
const script = fileURLToPath(new URL('../fixtures/feeder.mjs', import.meta.url));

/** What a feeder had reported before it died. */
export interface Reported {
  readonly boot: string;
  /** Newest seq that was reported as committed, and the number of the newest record of that group. */
  seq: number;
  n: number;
  /** Records that it was about to confirm. */
  confirming: number;
}

/** A process that appends to the outbox in `folder` without end. */
export class Feeder {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(folder: string) {
    this.process = spawn(process.execPath, [script, STORE_WORKER.href, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (this.process.stdout === null) throw new Error('no stdout');
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<Record<string, unknown> | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : JSON.parse(value);
  }

  /** Lets it run for so many lines, kills it with -9 and returns what it had reported until then. */
  async killAfter(lines: number): Promise<Reported> {
    const first = await this.next();
    const reported: Reported = { boot: String(first?.['boot']), seq: 1, n: 0, confirming: 0 };
    let seen = 0;
    for (let line = await this.next(); line !== undefined; line = await this.next()) {
      if (typeof line['seq'] === 'number') Object.assign(reported, line);
      if (typeof line['confirming'] === 'number') reported.confirming += line['confirming'];
      seen += 1;
      if (seen === lines) this.process.kill('SIGKILL');
    }
    return reported;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}
