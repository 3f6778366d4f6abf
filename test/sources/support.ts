import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { Clock, Logger, Reading } from '../../src/common/core/index.ts';
import {
  createSource,
  type RejectReason,
  type Source,
  type SourceDeps,
  type SourceSink,
  sourceSchema,
} from '../../src/scoring/sources/index.ts';

export const SHARED_DATA = resolve('../shared/data');
export const hasSharedData = existsSync(SHARED_DATA);
export const hasMosquitto = existsSync('/usr/sbin/mosquitto');

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  trusted: () => true,
};

/** Settles as soon as `check` gives something; fails after `deadline` ms. */
export async function eventually<T>(what: string, check: () => T | undefined | false, deadline = 15_000): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${deadline} ms for ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}

/** Keeps everything that it is given; takes nothing while `close`d, and only as many as it is allowed. */
export class KeepingSink implements SourceSink {
  readonly readings: Reading[] = [];
  readonly positions: (string | undefined)[] = [];
  readonly rejected: { reason: RejectReason; detail: string }[] = [];
  ends = 0;
  /** Readings pushed although there was no credit. */
  unheld = 0;
  calls = 0;
  /** Thrown instead of taking a reading, where it says so. */
  refuses: (reading: Reading) => boolean = () => false;
  #allowed = Number.POSITIVE_INFINITY;
  #waiting: { promise: Promise<void>; resolve: () => void } | undefined;

  push(reading: Reading, position?: string): void {
    this.calls += 1;
    if (this.readings.length >= this.#allowed) this.unheld += 1;
    if (this.refuses(reading)) throw new RangeError('a pipeline threw');
    this.readings.push(reading);
    this.positions.push(position);
  }

  reject(reason: RejectReason, detail: string): void {
    this.calls += 1;
    this.rejected.push({ reason, detail });
  }

  credit(): Promise<void> | undefined {
    if (this.readings.length < this.#allowed) return undefined;
    if (this.#waiting === undefined) {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#waiting = { promise, resolve };
    }
    return this.#waiting.promise;
  }

  end(): void {
    this.calls += 1;
    this.ends += 1;
  }

  /** Takes until it has `count` readings. */
  allow(count: number): this {
    this.#allowed = count;
    if (this.readings.length < count) {
      this.#waiting?.resolve();
      this.#waiting = undefined;
    }
    return this;
  }

  get isWaitedFor(): boolean {
    return this.#waiting !== undefined;
  }

  get reasons(): RejectReason[] {
    return this.rejected.map(({ reason }) => reason);
  }
}

export function makeSource(config: unknown, deps: Partial<SourceDeps> = {}): Source {
  const source = createSource(sourceSchema.parse(config), { name: 'test', logger: silent, clock: realClock, ...deps });
  onTestFinished(() => source.stop());
  return source;
}

/** Runs a source that ends by itself. */
export async function drain(config: unknown, deps: Partial<SourceDeps> = {}): Promise<KeepingSink> {
  const sink = new KeepingSink();
  const source = makeSource(config, deps);
  await source.start(sink);
  await eventually('the end of the source', () => sink.ends > 0);
  await source.stop();
  return sink;
}

/** A folder with these files, by relative path; gone after the test. Names that end in .gz are packed. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sources-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(
      join(folder, name),
      name.endsWith('.gz') && typeof content === 'string' ? gzipSync(content) : content,
    );
  }
  return folder;
}

export { once };
