import { type ByteReader, type ByteWriter, StatusCode } from '../../common/core/index.ts';
import { sameSample } from './sample.ts';
import { lowerBound, upperBound } from './search.ts';
import { restoreStatus, saveStatus } from './status-column.ts';

const FIRST_CAPACITY = 64;

/** The samples of one tag in order of event time: elements [start, end) of its arrays. */
export class Track {
  values = new Float64Array(FIRST_CAPACITY);
  times = new Float64Array(FIRST_CAPACITY);
  status = new Uint32Array(FIRST_CAPACITY);
  start = 0;
  end = 0;
  /** Earliest and latest time that the tag ever had here. */
  since = Number.POSITIVE_INFINITY;
  latest = Number.NEGATIVE_INFINITY;
  /** Processing time of the tag's last reading; before the first one, of the asset's first. */
  arrival: number;
  /** Latest time of a sample other than good. */
  flawed = Number.NEGATIVE_INFINITY;
  /** Whether nothing new came of the tag since an interruption. */
  awaited: boolean;

  constructor(now: number, awaited = false) {
    this.arrival = now;
    this.awaited = awaited;
  }

  /** Number of samples. */
  get size(): number {
    return this.end - this.start;
  }

  /** Earliest time of a sample that is held; Infinity where there is none. */
  get first(): number {
    return this.size > 0 ? (this.times[this.start] as number) : Number.POSITIVE_INFINITY;
  }

  /** Finds the index of the first sample that is not before t. */
  from(t: number): number {
    return lowerBound(this.times, this.start, this.end, t);
  }

  /** Puts a sample in its place; false where the very same one is there already. */
  insert(t: number, value: number, status: StatusCode): boolean {
    let place = t > this.latest ? this.end : upperBound(this.times, this.start, this.end, t);
    for (let i = place - 1; i >= this.start && this.times[i] === t; i -= 1) {
      if (sameSample(value, status, this.values[i] as number, this.status[i] as number)) return false;
    }
    place -= this.#makeRoom();
    if (place < this.end) this.#shift(place, place + 1);
    this.end += 1;
    this.times[place] = t;
    this.values[place] = value;
    this.status[place] = status;
    if (t < this.since) this.since = t;
    if (t > this.latest) this.latest = t;
    if (status !== StatusCode.Good && t > this.flawed) this.flawed = t;
    return true;
  }

  /** Forgets samples before t. */
  forget(t: number): void {
    this.start = this.from(t);
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    }
  }

  /**
   * Writes the samples; times that `other`, written before, has as well are left out. Processing time is written as an
   * age at `now`.
   */
  save(out: ByteWriter, other: Track | undefined, now: number): void {
    out.f64(this.since);
    out.f64(this.latest);
    out.f64(now - this.arrival);
    out.f64(this.flawed);
    out.u32(this.size);
    const shared = other !== undefined && this.#sameTimes(other);
    out.u8(shared ? 1 : 0);
    if (!shared) out.column(this.times, this.start, this.end);
    out.column(this.values, this.start, this.end);
    saveStatus(out, this.status, this.start, this.end);
  }

  /** Reads what `save` wrote. Throws RangeError where the bytes are no such track. */
  static restore(from: ByteReader, other: Track | undefined, now: number): Track {
    const track = new Track(now);
    track.since = from.f64();
    track.latest = from.f64();
    track.arrival = now - from.f64();
    track.flawed = from.f64();
    const size = from.u32();
    track.end = size;
    track.#grow(Math.max(FIRST_CAPACITY, size));
    if (from.u8() === 0) from.column(track.times, 0, size);
    else track.times.set((other as Track).times.subarray(0, size));
    from.column(track.values, 0, size);
    restoreStatus(from, track.status, size);
    return track;
  }

  #sameTimes(other: Track): boolean {
    if (other.size !== this.size) return false;
    for (let i = 0; i < this.size; i += 1) {
      if (this.times[this.start + i] !== other.times[other.start + i]) return false;
    }
    return true;
  }

  /** Makes room for a sample; returns by how much the others moved to the front. */
  #makeRoom(): number {
    const capacity = this.times.length;
    if (this.end < capacity) return 0;
    if (this.start < capacity / 4) this.#grow(capacity * 2);
    const moved = this.start;
    this.#shift(moved, 0);
    this.start = 0;
    this.end -= moved;
    return moved;
  }

  #shift(from: number, to: number): void {
    this.values.copyWithin(to, from, this.end);
    this.times.copyWithin(to, from, this.end);
    this.status.copyWithin(to, from, this.end);
  }

  #grow(capacity: number): void {
    const { values, times, status } = this;
    this.values = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.status = new Uint32Array(capacity);
    this.values.set(values);
    this.times.set(times);
    this.status.set(status);
  }
}
