import type { Statement } from '../../common/store/index.ts';
import type { Control } from './control.ts';

/** What is held of one asset by one pipeline. */
export interface CheckpointRow {
  readonly pipeline: string;
  readonly asset: string;
  readonly body: Uint8Array;
}

/** What a round of checkpoints covers; all rows of rounds up to it belong to this moment. */
export interface CheckpointHead {
  readonly round: number;
  /** A record that was committed before; all that the checkpoint does not know comes after it. */
  readonly boot: string;
  readonly seq: number;
  /** How far each source had been read, in its own words. */
  readonly positions: Readonly<Record<string, string>>;
  /** Written by a stop in order: nothing came after it. */
  readonly clean: boolean;
}

export interface Checkpoint {
  readonly head: CheckpointHead;
  readonly rows: readonly CheckpointRow[];
}

type Key = readonly [pipeline: string, asset: string];

const HEAD = 'checkpoint';
/** Bytes of all assets together; twice that is in the file while a round is written, of 64 MiB that it may have. */
const MAX_BYTES = 24 * 1024 * 1024;
/** Share of it that is kept when some assets had to go. */
const KEPT = 0.9;
/** Rounds, five seconds or more each, after which an asset that never changed is taken for gone: a month. */
const GONE_AFTER = 500_000;

/** The table `checkpoint` of control.db: rounds, each in as many small transactions as it takes, valid once complete. */
export class Checkpoints {
  readonly #control: Control;
  readonly #maxBytes: number;
  readonly #insert: Statement<[string, string, number, Uint8Array]>;
  readonly #remove: Statement<[...Key]>;
  readonly #removeOlder: Statement<[...Key, number]>;
  /** Bytes of the newest row of each asset. */
  readonly #sizes = new Map<string, { readonly key: Key; readonly bytes: number }>();
  #bytes = 0;
  #written: Key[] = [];

  constructor(control: Control, maxBytes = MAX_BYTES) {
    this.#control = control;
    this.#maxBytes = maxBytes;
    const { store } = control;
    this.#insert = store.prepare<[string, string, number, Uint8Array]>(
      'INSERT OR REPLACE INTO checkpoint (pipeline, asset, round, body) VALUES (?, ?, ?, ?)',
    );
    const where = 'WHERE pipeline = ? AND asset = ?';
    this.#remove = store.prepare<[...Key]>(`DELETE FROM checkpoint ${where}`);
    this.#removeOlder = store.prepare<[...Key, number]>(`DELETE FROM checkpoint ${where} AND round < ?`);
  }

  /** The newest complete round; what is not part of it is deleted. From now on it is not the work of a clean stop. */
  take(): Checkpoint | undefined {
    const control = this.#control;
    const head = control.recall(HEAD) as CheckpointHead | undefined;
    return control.store.transaction(() => {
      const round = head?.round ?? 0;
      const stale = control.store.prepare<[number, number]>('DELETE FROM checkpoint WHERE round > ? OR round < ?');
      stale.run(round, round - GONE_AFTER);
      if (head === undefined) return undefined;
      const select = control.store.prepare<[], CheckpointRow>('SELECT pipeline, asset, body FROM checkpoint');
      const rows = select.all();
      for (const { pipeline, asset, body } of rows) this.#count([pipeline, asset], body.byteLength);
      if (head.clean) control.write(HEAD, { ...head, clean: false });
      return { head, rows };
    });
  }

  /** Some rows of a round, one transaction. Returns how many assets, the largest, are left out for want of room. */
  add(round: number, rows: readonly CheckpointRow[]): number {
    return this.#control.store.transaction(() => {
      for (const { pipeline, asset, body } of rows) {
        this.#count([pipeline, asset], body.byteLength);
        this.#insert.run(pipeline, asset, round, body);
        this.#written.push([pipeline, asset]);
      }
      const tooMany = this.#bytes > this.#maxBytes ? this.#largest(this.#bytes - this.#maxBytes * KEPT) : [];
      for (const key of tooMany) this.#drop(key);
      return tooMany.length;
    });
  }

  /** The round counts from now on, and what it replaces is gone. */
  complete(head: CheckpointHead): void {
    this.#control.store.transaction(() => {
      for (const key of this.#written) this.#removeOlder.run(...key, head.round);
      this.#control.write(HEAD, head);
    });
    this.#written = [];
  }

  /** Assets that nobody has any more. */
  forget(keys: readonly Key[]): void {
    this.#control.store.transaction(() => {
      for (const key of keys) this.#drop(key);
    });
  }

  #count(key: Key, bytes: number): void {
    const name = JSON.stringify(key);
    this.#bytes += bytes - (this.#sizes.get(name)?.bytes ?? 0);
    this.#sizes.set(name, { key, bytes });
  }

  #drop(key: Key): void {
    const name = JSON.stringify(key);
    this.#bytes -= this.#sizes.get(name)?.bytes ?? 0;
    this.#sizes.delete(name);
    this.#remove.run(...key);
  }

  /** So many of the largest assets that together they have these bytes. */
  #largest(bytes: number): Key[] {
    const keys: Key[] = [];
    let left = bytes;
    for (const one of [...this.#sizes.values()].sort((a, b) => b.bytes - a.bytes)) {
      if (left <= 0) break;
      keys.push(one.key);
      left -= one.bytes;
    }
    return keys;
  }
}
