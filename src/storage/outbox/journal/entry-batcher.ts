import type { RecordType } from '../../../common/core/index.ts';
import { type Entry, type EntryGroup, entryBytes, type PlacedPosition, type SourcePosition } from './rows/entry.ts';
import { CLOCK_TRUSTED, URGENT } from './rows/tables.ts';

/** Gathers entries and source positions until their group is due. */
export class EntryBatcher {
  bytes = 0;
  #kinds: { pipeline: string; type: RecordType }[] = [];
  #meta: number[] = [];
  #t: number[] = [];
  #bodies: string[] = [];
  #positions: PlacedPosition[] = [];

  get empty(): boolean {
    return this.#bodies.length === 0 && this.#positions.length === 0;
  }

  add(entry: Entry): void {
    const flags = (entry.urgent ? URGENT : 0) | (entry.clock ? CLOCK_TRUSTED : 0);
    this.#meta.push(this.#kindOf(entry) * 4 + flags);
    // A time that is no number is of no use, but it must not block the records behind it.
    this.#t.push(Number.isFinite(entry.t) ? entry.t : 0);
    this.#bodies.push(entry.body);
    this.bytes += entryBytes(entry.body);
  }

  addPosition({ source, position }: SourcePosition): void {
    this.#positions.push({ source, position, after: this.#bodies.length });
  }

  /** Takes the group as it is; the next entry begins another. */
  take(): EntryGroup {
    const group: EntryGroup = {
      kinds: this.#kinds,
      meta: Uint32Array.from(this.#meta),
      t: Float64Array.from(this.#t),
      bodies: this.#bodies,
      positions: this.#positions,
    };
    this.#kinds = [];
    this.#meta = [];
    this.#t = [];
    this.#bodies = [];
    this.#positions = [];
    this.bytes = 0;
    return group;
  }

  #kindOf({ pipeline, type }: Entry): number {
    const kinds = this.#kinds;
    // A gateway has a handful of kinds: a walk is faster than a map with composed keys.
    for (let index = 0; index < kinds.length; index += 1) {
      if (kinds[index]?.type === type && kinds[index]?.pipeline === pipeline) return index;
    }
    return kinds.push({ pipeline, type }) - 1;
  }
}
