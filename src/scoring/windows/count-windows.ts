import {
  type ByteReader,
  type ByteWriter,
  GOOD,
  type Quality,
  type Signal,
  type Window,
} from '../../common/core/index.ts';
import { Backstep } from './backstep.ts';
import { windowTooLarge } from './errors.ts';
import { QualityTally } from './quality.ts';
import { RowTable } from './row-table.ts';
import { isTime, SampleGate } from './sample.ts';
import type { CountWindow } from './schema.ts';
import { Seam } from './seam.ts';
import { SignalView } from './signal-view.ts';
import { type AssetWindows, createCounters, type PushOutcome, type WindowOptions } from './types.ts';

/** Rows beyond the window that are kept before the oldest are moved out, so that a row costs little to move. */
const SPARE_ROWS = 64;

/** Closed rows that are saved at least: a reading that comes again after a restart is found among them. */
const SAVED_ROWS = 32;

/**
 * Windows over the last `count` rows, one each `every` rows. Tags of one time that come in several readings make one
 * row. A row closes when the watermark (newest time less `lateness`) has reached it and it is complete, or when the
 * watermark has passed it; what it lacks then is missing. A gap longer than `maxGap` empties the window.
 */
export class CountWindows implements AssetWindows {
  readonly counters = createCounters();
  readonly #window: CountWindow;
  readonly #lateness: number;
  readonly #idle: number;
  readonly #maxOpen: number;
  readonly #table: RowTable;
  readonly #tally: QualityTally;
  readonly #signals: SignalView[];
  readonly #backstep = new Backstep();
  readonly #seam = new Seam();
  readonly #view: { from: number; to: number; quality: Quality; signal(tag: number): Signal };
  /** Rows [0, closed) are in order for good; windows are made of them. */
  #closed = 0;
  /** Rows until the next window. */
  #wanted: number;
  #closedTime = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  #arrival = 0;
  #closing = false;

  constructor({ tags, lateness, idle, maxMissing, maxReadings }: WindowOptions, window: CountWindow) {
    if (window.count * tags.length > maxReadings) {
      const needed = `${window.count} readings of ${tags.length} tags`;
      throw windowTooLarge('window', `${needed} are more than the ${maxReadings} samples that an asset may hold`);
    }
    this.#window = window;
    this.#lateness = lateness;
    this.#idle = idle;
    this.#maxOpen = Math.max(1, Math.floor(maxReadings / tags.length) - window.count);
    this.#table = new RowTable(tags.length, window.count + Math.max(window.count, SPARE_ROWS), new SampleGate(tags));
    this.#tally = new QualityTally(tags, maxMissing);
    this.#signals = tags.map(() => new SignalView());
    this.#wanted = window.count;
    this.#view = { from: 0, to: 0, quality: GOOD, signal: (tag) => this.#signal(tag) };
  }

  get newest(): number {
    return this.#newest;
  }

  get closed(): number {
    return this.#closedTime;
  }

  oldestBehind(to: number): number {
    const row = this.#table.place(to);
    return row < this.#table.length ? this.#table.time(row) : Number.POSITIVE_INFINITY;
  }

  push(t: number, values: Float64Array, status: Uint32Array, now: number, again = false): PushOutcome {
    // A caller that does not drain comes here with more open rows than allowed.
    if (this.#open > this.#maxOpen) while (this.next());
    this.#arrival = now;
    const outcome = this.#take(t, values, status, again);
    this.counters[outcome] += 1;
    return outcome;
  }

  tick(now: number): void {
    if (this.#open > 0 && now - this.#arrival >= this.#idle) this.#closing = true;
  }

  flush(): void {
    this.#closing = this.#open > 0;
  }

  next(until = Number.POSITIVE_INFINITY, including = true): Window | undefined {
    while (this.#open > 0 && this.#mayClose(this.#closed)) {
      const t = this.#table.time(this.#closed);
      if (t > until || (!including && t === until)) return undefined;
      if (this.#closeRow()) return this.#show();
    }
    this.#closing = false;
    return undefined;
  }

  wakeAt(): number | undefined {
    return this.#open > 0 ? this.#arrival + this.#idle : undefined;
  }

  save(out: ByteWriter, now: number): void {
    const first = Math.max(0, this.#closed - Math.max(this.#window.count, SAVED_ROWS));
    out.u32(this.#closed - first);
    out.u32(this.#wanted);
    out.f64(this.#closedTime);
    out.f64(this.#newest);
    out.f64(now - this.#arrival);
    this.#backstep.save(out);
    this.#seam.save(out);
    this.#table.save(out, first);
    this.#backstep.saveFirst(out);
    this.#seam.saveEnd(out);
  }

  restore(from: ByteReader, now: number): void {
    this.#closed = from.u32();
    this.#wanted = from.u32();
    this.#closedTime = from.f64();
    this.#newest = from.f64();
    this.#arrival = now - from.f64();
    this.#backstep.restore(from);
    this.#seam.restore(from);
    this.#table.restore(from, this.#closed);
    if (from.done) return;
    this.#backstep.restoreFirst(from);
    this.#seam.restoreEnd(from);
  }

  beginBehind(closed: number, newest: number): void {
    this.#closedTime = closed;
    this.#newest = newest;
  }

  interrupted(reason: string): void {
    const first = Math.max(0, this.#closed - this.#window.count);
    const oldest = this.#table.length === 0 ? Number.NEGATIVE_INFINITY : this.#table.time(first);
    this.#seam.begin(this.#newest - this.#lateness, reason, oldest);
  }

  get #open(): number {
    return this.#table.length - this.#closed;
  }

  #take(t: number, values: Float64Array, status: Uint32Array, again: boolean): PushOutcome {
    const table = this.#table;
    if (!isTime(t)) return 'late';
    if (t < this.#closedTime || t < this.#newest - this.#lateness || this.#isBehind(t))
      return this.#late(t, values, status, again);
    const row = t > this.#newest ? table.length : table.place(t);
    for (let same = this.#firstAt(t, row); same < row; same += 1) {
      const relation = table.relation(same, values, status);
      if (relation === 'repeats') return 'duplicate';
      if (relation === 'differs') continue;
      if (same < this.#closed) return 'late';
      table.fill(same, values, status);
      return this.#accepted(t);
    }
    this.#insert(row, t, values, status);
    return this.#accepted(t);
  }

  /** Whether rows of that time may have been closed by windows that are gone: none of them is held. */
  #isBehind(t: number): boolean {
    return this.#closed === 0 && t === this.#closedTime;
  }

  #accepted(t: number): PushOutcome {
    if (t > this.#newest) {
      if (this.#seam.open) this.#seam.end(t, this.#lateness);
      this.#newest = t;
    }
    this.#backstep.inTime();
    return this.#open > this.#maxOpen ? 'full' : 'accepted';
  }

  /** Takes a late reading: a duplicate if the rows still held have it, the source's new time if many rise. */
  #late(t: number, values: Float64Array, status: Uint32Array, again: boolean): PushOutcome {
    const end = this.#table.place(t);
    for (let row = this.#firstAt(t, end); row < end; row += 1) {
      if (this.#table.relation(row, values, status) === 'repeats') return 'duplicate';
    }
    if (again || !this.#backstep.late(t)) return 'late';
    this.#restart();
    this.#insert(0, t, values, status);
    this.#accepted(t);
    return 'stepped';
  }

  #firstAt(t: number, end: number): number {
    let row = end;
    while (row > 0 && this.#table.time(row - 1) === t) row -= 1;
    return row;
  }

  #insert(row: number, t: number, values: Float64Array, status: Uint32Array): void {
    const gone = this.#table.reserve(Math.max(0, this.#closed - this.#window.count));
    this.#closed -= gone;
    this.#table.insert(row - gone, t);
    this.#table.fill(row - gone, values, status);
  }

  #restart(): void {
    this.#table.clear();
    this.#closed = 0;
    this.#wanted = this.#window.count;
    this.#closedTime = Number.NEGATIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  #mayClose(row: number): boolean {
    if (this.#closing || this.#open > this.#maxOpen) return true;
    const watermark = this.#newest - this.#lateness;
    const t = this.#table.time(row);
    return t < watermark || (t === watermark && this.#table.complete(row));
  }

  /** Closes the oldest open row; true where that completes a window. */
  #closeRow(): boolean {
    const t = this.#table.time(this.#closed);
    if (this.#closed > 0 && t - this.#closedTime > (this.#window.maxGap ?? Number.POSITIVE_INFINITY)) {
      this.#wanted = this.#window.count;
      this.counters.gaps += 1;
    }
    if (!this.#table.complete(this.#closed)) this.#table.giveUp(this.#closed);
    this.#closedTime = t;
    this.#closed += 1;
    this.#wanted -= 1;
    if (this.#wanted > 0) return false;
    this.#wanted = this.#window.every;
    return true;
  }

  #show(): Window {
    const start = this.#closed - this.#window.count;
    this.#view.from = this.#table.time(start);
    this.#view.to = this.#closedTime;
    const seam = this.#seam.within(this.#view.from, this.#view.to);
    this.#view.quality = this.#table.newestFlaw < this.#view.from && !seam ? GOOD : this.#judge(start, seam);
    return this.#view;
  }

  #judge(start: number, seam: boolean): Quality {
    const { status, flawed } = this.#table;
    this.#tally.begin();
    for (let tag = 0; tag < flawed.length; tag += 1) {
      if ((flawed[tag] as number) < this.#view.from) continue;
      this.#tally.add(tag, status[tag] as Uint32Array, start, this.#closed);
    }
    if (seam) this.#tally.addSeam(this.#seam.reason);
    return this.#tally.finish();
  }

  #signal(tag: number): Signal {
    const { times, values, status } = this.#table;
    const start = this.#closed - this.#window.count;
    const view = this.#signals[tag] as SignalView;
    const column = values[tag] as Float64Array;
    if (this.#view.quality === GOOD || this.#tally.unusable(tag) === 0)
      return view.show(column, times, start, this.#closed);
    return view.pack(column, times, status[tag] as Uint32Array, start, this.#closed);
  }
}
