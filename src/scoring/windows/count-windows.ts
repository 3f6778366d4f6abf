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
import { type HeldValues, heldValues } from './held-values.ts';
import { QualityTally } from './quality.ts';
import { RowJoiner } from './row-joiner.ts';
import { RowTable } from './row-table.ts';
import { isTime, SampleGate } from './sample.ts';
import type { CountWindow } from './schema.ts';
import { Seam } from './seam.ts';
import { SignalView } from './signal-view.ts';
import {
  ABSENT,
  type AssetWindows,
  createCounters,
  type PushOutcome,
  type ReadingOrigin,
  type WindowOptions,
} from './types.ts';

/** Rows beyond the window that are kept before the oldest are moved out, so that a row costs little to move. */
const SPARE_ROWS = 64;

/** Closed rows that are saved at least: a reading that comes again after a restart is found among them. */
const SAVED_ROWS = 32;

/**
 * Windows over the last `count` rows, one each `every` rows. Tags of one time that come in several readings make one
 * row. A row closes when the watermark (newest time less `lateness`) has reached it and it is complete, or when the
 * watermark has passed it; what it lacks then is missing. A gap longer than `maxGap` empties the window.
 *
 * With `join`, readings of other tags that lie within so much make one row, of the time of the last one: it closes when
 * it is complete, when one of its tags comes again, or when the watermark has passed its first time by so much. What is
 * less than `join` behind may still belong to it. With `hold`, what a row lacks then is the tag's last value; beside
 * tags that are not held, those that are make no row by themselves.
 */
export class CountWindows implements AssetWindows {
  readonly counters = createCounters();
  readonly #window: CountWindow;
  readonly #lateness: number;
  /** How far a reading may lie behind the newest one: its row may be open. */
  readonly #patience: number;
  readonly #idle: number;
  readonly #maxOpen: number;
  readonly #gate: SampleGate;
  readonly #table: RowTable;
  readonly #joiner: RowJoiner | undefined;
  readonly #held: HeldValues | undefined;
  readonly #tally: QualityTally;
  readonly #signals: SignalView[];
  readonly #backstep = new Backstep();
  readonly #seam = new Seam();
  readonly #view: { from: number; to: number; quality: Quality } & Pick<Window, 'signal' | 'lacks' | 'aligned'>;
  /** Rows [0, closed) are in order for good; windows are made of them. */
  #closed = 0;
  /** Rows until the next window. */
  #wanted: number;
  #closedTime = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  #arrival = 0;
  #closing = false;

  constructor({ tags, lateness, idle, maxMissing, maxReadings, join }: WindowOptions, window: CountWindow) {
    if (window.count * tags.length > maxReadings) {
      const needed = `${window.count} readings of ${tags.length} tags`;
      throw windowTooLarge('window', `${needed} are more than the ${maxReadings} samples that an asset may hold`);
    }
    this.#window = window;
    this.#lateness = lateness;
    this.#patience = lateness + (join ?? 0);
    this.#idle = idle;
    this.#maxOpen = Math.max(1, Math.floor(maxReadings / tags.length) - window.count);
    this.#gate = new SampleGate(tags);
    this.#table = new RowTable(tags.length, window.count + Math.max(window.count, SPARE_ROWS), this.#gate);
    this.#joiner = join === undefined ? undefined : new RowJoiner(this.#table, join);
    this.#held = heldValues(tags);
    this.#tally = new QualityTally(tags, maxMissing);
    this.#signals = tags.map(() => new SignalView());
    this.#wanted = window.count;
    this.#view = {
      from: 0,
      to: 0,
      quality: GOOD,
      signal: (tag) => this.#signal(tag),
      lacks: (tag) => this.#lacks(tag),
      aligned: (tag) => this.#aligned(tag),
    };
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

  push(t: number, values: Float64Array, status: Uint32Array, now: number, origin?: ReadingOrigin): PushOutcome {
    // A caller that does not drain comes here with more open rows than allowed.
    if (this.#open > this.#maxOpen) while (this.next());
    this.#arrival = now;
    const outcome = this.#take(t, values, status, origin);
    this.counters[outcome] += 1;
    return outcome;
  }

  pass(t: number, values: Float64Array, status: Uint32Array): void {
    if (!this.#held || !isTime(t)) return;
    for (let tag = 0; tag < values.length; tag += 1) {
      if (status[tag] === ABSENT) continue;
      const value = values[tag] as number;
      this.#held.hear(tag, t, value, this.#gate.judge(tag, value, status[tag] as number));
    }
  }

  tick(now: number): void {
    if (this.#open > 0 && now - this.#arrival >= this.#idle) this.#closing = true;
  }

  flush(): void {
    this.#closing = this.#open > 0;
  }

  next(until = Number.POSITIVE_INFINITY, including = true): Window | undefined {
    while (this.#open > 0) {
      const rows = this.#ripe();
      if (rows === 0) break;
      const t = this.#table.time(this.#closed + rows - 1);
      if (t > until || (!including && t === until)) return undefined;
      if (this.#closeRow(rows)) return this.#show();
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
    this.#backstep.savePace(out, now);
    this.#held?.save(out);
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
    if (from.done) return;
    this.#backstep.restorePace(from, now);
    this.#held?.restore(from);
  }

  beginBehind(closed: number, newest: number): void {
    this.#closedTime = closed;
    this.#newest = newest;
  }

  interrupted(reason: string): void {
    const first = Math.max(0, this.#closed - this.#window.count);
    const oldest = this.#table.length === 0 ? Number.NEGATIVE_INFINITY : this.#table.time(first);
    this.#seam.begin(this.#newest - this.#patience, reason, oldest);
  }

  get #open(): number {
    return this.#table.length - this.#closed;
  }

  #take(t: number, values: Float64Array, status: Uint32Array, origin: ReadingOrigin | undefined): PushOutcome {
    const table = this.#table;
    if (!isTime(t)) return 'late';
    if (t < this.#closedTime || t < this.#newest - this.#patience || this.#isBehind(t))
      return this.#late(t, values, status, origin);
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
      if (this.#seam.open) this.#seam.end(t, this.#patience);
      this.#newest = t;
    }
    this.#backstep.inTime();
    return this.#open > this.#maxOpen ? 'full' : 'accepted';
  }

  /** Takes a late reading: a duplicate if the rows still held have it, the source's new time if many rise. */
  #late(t: number, values: Float64Array, status: Uint32Array, origin: ReadingOrigin | undefined): PushOutcome {
    const end = this.#table.place(t);
    for (let row = this.#firstAt(t, end); row < end; row += 1) {
      if (this.#table.relation(row, values, status) === 'repeats') return 'duplicate';
    }
    this.pass(t, values, status);
    if (origin === 'again') return 'late';
    if (!this.#backstep.late(t, origin === 'recording' ? undefined : this.#arrival, this.#newest)) return 'late';
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

  empty(): void {
    this.#table.clear();
    this.#seam.clear();
    this.#closed = 0;
    this.#wanted = this.#window.count;
  }

  #restart(): void {
    this.#table.clear();
    this.#held?.clear();
    this.#closed = 0;
    this.#wanted = this.#window.count;
    this.#closedTime = Number.NEGATIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Gives how many of the oldest open rows close as one. */
  #ripe(): number {
    const closing = this.#closing || this.#open > this.#maxOpen;
    const watermark = this.#newest - this.#lateness;
    if (this.#joiner) return this.#joiner.ripe(this.#closed, watermark, closing);
    const t = this.#table.time(this.#closed);
    return closing || t < watermark || (t === watermark && this.#table.complete(this.#closed)) ? 1 : 0;
  }

  /** Closes so many of the oldest open rows as one; true where that completes a window. */
  #closeRow(rows: number): boolean {
    if (rows > 1) this.#table.merge(this.#closed, this.#closed + rows);
    const t = this.#table.time(this.#closed);
    if (this.#held?.beside && this.#table.onlyHeld(this.#closed, this.#held)) {
      this.#table.hold(this.#closed, this.#held);
      this.#table.remove(this.#closed);
      this.#closedTime = t;
      return false;
    }
    if (
      this.#closed > 0 &&
      t - this.#table.time(this.#closed - 1) > (this.#window.maxGap ?? Number.POSITIVE_INFINITY)
    ) {
      this.#wanted = this.#window.count;
      this.counters.gaps += 1;
    }
    if (this.#held) this.#table.hold(this.#closed, this.#held);
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
    if (!this.#lacks(tag)) return view.show(column, times, start, this.#closed);
    return view.pack(column, times, status[tag] as Uint32Array, start, this.#closed);
  }

  #aligned(tag: number): Signal {
    if (!this.#lacks(tag)) return this.#signal(tag);
    const { times, values, status } = this.#table;
    const start = this.#closed - this.#window.count;
    const view = this.#signals[tag] as SignalView;
    return view.align(values[tag] as Float64Array, times, status[tag] as Uint32Array, start, this.#closed);
  }

  /** The tally is of this window only where the window is not good: a good one is not judged. */
  #lacks(tag: number): boolean {
    return this.#view.quality !== GOOD && this.#tally.lacks(tag);
  }
}
