import { isFull, type Statement } from '../../common/store/index.ts';
import type { Control } from './control.ts';

/** State of one asset in one pipeline. */
export interface CheckpointRow {
  readonly pipeline: string;
  readonly asset: string;
  readonly body: Uint8Array;
}

/** The moment that a round of checkpoints covers. All rows of rounds up to it belong to that moment. */
export interface CheckpointHead {
  readonly round: number;
  /** A record that was committed before. All that the checkpoint does not know comes after it. */
  readonly boot: string;
  readonly seq: number;
  /** Position by source, in the source's own words. */
  readonly positions: Readonly<Record<string, string>>;
  /** Whether a stop in order wrote it, so that nothing came after it. */
  readonly clean: boolean;
}

/** A complete round, with all its rows. */
export interface Checkpoint {
  readonly head: CheckpointHead;
  readonly rows: readonly CheckpointRow[];
}

type Key = readonly [pipeline: string, asset: string];

const HEAD = 'checkpoint';
/** Bytes of all assets together. While a round is written twice as much is in the file, which may have 64 MiB. */
const MAX_BYTES = 24 * 1024 * 1024;
/** Share of these bytes that is kept when some assets have to go. */
const KEPT = 0.9;
/** Rounds after which an asset that never changed counts as gone: a month, at five seconds or more each. */
const GONE_AFTER = 500_000;

/**
 * The table `checkpoint` of control.db. A round takes as many small transactions as it needs and holds once it is
 * complete.
 */
export class Checkpoints {
  readonly #control: Control;
  readonly #maxBytes: number;
  readonly #insert: Statement<[string, string, number, Uint8Array]>;
  readonly #select: Statement<[number, number], CheckpointRow>;
  readonly #removeOthers: Statement<[number, number]>;
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
    // Of a round that was begun and never completed there may be a newer row.
    this.#select = store.prepare<[number, number], CheckpointRow>(
      'SELECT pipeline, asset, body FROM checkpoint WHERE round BETWEEN ? AND ?',
    );
    this.#removeOthers = store.prepare<[number, number]>('DELETE FROM checkpoint WHERE round > ? OR round < ?');
    const where = 'WHERE pipeline = ? AND asset = ?';
    this.#remove = store.prepare<[...Key]>(`DELETE FROM checkpoint ${where}`);
    this.#removeOlder = store.prepare<[...Key, number]>(`DELETE FROM checkpoint ${where} AND round < ?`);
  }

  /**
   * Takes the newest complete round and deletes what is not part of it. From now on it counts as one of a running
   * gateway; on a full disk once there is room, with the next round. Throws store errors.
   */
  take(): Checkpoint | undefined {
    const control = this.#control;
    const head = control.recall(HEAD) as CheckpointHead | undefined;
    const round = head?.round ?? 0;
    const oldest = round - GONE_AFTER;
    const rows = control.store.guard(() => this.#select.all(oldest, round));
    try {
      control.store.transaction(() => {
        this.#removeOthers.run(round, oldest);
        if (head?.clean) control.write(HEAD, { ...head, clean: false });
      });
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    if (head === undefined) return undefined;
    for (const { pipeline, asset, body } of rows) this.#count([pipeline, asset], body.byteLength);
    return { head, rows };
  }

  /**
   * Adds some rows to a round, in one transaction. Returns how many assets, the largest, are left out for want of room.
   */
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

  /** Completes a round: it holds from now on, and what it replaces is deleted. */
  complete(head: CheckpointHead): void {
    this.#control.store.transaction(() => {
      for (const key of this.#written) this.#removeOlder.run(...key, head.round);
      this.#control.write(HEAD, head);
    });
    this.#written = [];
  }

  /** Deletes the state of assets that no pipeline has any more. */
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

  /** The largest assets, as many as together have these bytes. */
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
