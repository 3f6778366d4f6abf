import {
  type ByteReader,
  type ByteWriter,
  GOOD,
  type Quality,
  type Signal,
  type StatusCode,
  type Window,
} from '../../common/core/index.ts';
import { Backstep } from './backstep.ts';
import { expectedSamples, shortfallOf } from './coverage.ts';
import { windowTooLarge } from './errors.ts';
import { type HeldValues, heldValues } from './held-values.ts';
import { Hops } from './hops.ts';
import { QualityTally } from './quality.ts';
import { isTime, SampleGate } from './sample.ts';
import type { TimeWindow } from './schema.ts';
import { Seam } from './seam.ts';
import { SignalView } from './signal-view.ts';
import { Track } from './track.ts';
import {
  ABSENT,
  type AssetWindows,
  createCounters,
  type PushOutcome,
  type ReadingOrigin,
  type WindowOptions,
  type WindowTag,
} from './types.ts';

/** What stands for a tag without samples in the window that is shown: one value, its time and status. */
interface Stand {
  readonly value: Float64Array;
  readonly time: Float64Array;
  readonly status: Uint32Array;
}

/**
 * Windows [k x every, k x every + length) in event time, tumbling or hopping; hopping ones share their samples.
 * The watermark is the least of the tags' newest times, less `lateness`; a tag that was silent for `idle` does not hold
 * it back, and with all of them silent everything that has begun closes. A window closes when the watermark has reached
 * its end, and is left out if it has no sample at all. A reading is late when every window it belongs to is closed.
 *
 * A tag with `hold` holds no window back. Where it has no sample in a window, its last value stands at the begin, as
 * long as it is no older than that at the end.
 */
export class TimeWindows implements AssetWindows {
  readonly counters = createCounters();
  readonly #tags: readonly WindowTag[];
  readonly #hops: Hops;
  readonly #lateness: number;
  readonly #idle: number;
  readonly #maxReadings: number;
  readonly #gate: SampleGate;
  readonly #tally: QualityTally;
  readonly #signals: SignalView[];
  readonly #last: HeldValues | undefined;
  readonly #stand: Stand[];
  readonly #ranges: [number, number][];
  readonly #backstep = new Backstep();
  readonly #seam = new Seam();
  readonly #view: { from: number; to: number; quality: Quality } & Pick<Window, 'signal' | 'lacks' | 'aligned'>;
  #tracks: Track[] = [];
  /** The first window that is not closed. */
  #open = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  /** Newest time of a tag's first reading after an interruption. */
  #resumed = Number.NEGATIVE_INFINITY;
  #now = 0;
  #closing = false;

  constructor({ tags, lateness, idle, maxMissing, maxReadings }: WindowOptions, window: TimeWindow) {
    const needed = tags.reduce((sum, { period }) => sum + (period ? expectedSamples(window.length, period) : 1), 0);
    if (needed > maxReadings)
      throw windowTooLarge('window', `it spans ${needed} samples, more than the ${maxReadings} of an asset`);
    this.#tags = tags;
    this.#hops = new Hops(window.length, window.every ?? window.length);
    this.#lateness = lateness;
    this.#idle = idle;
    this.#maxReadings = maxReadings;
    this.#gate = new SampleGate(tags);
    this.#tally = new QualityTally(tags, maxMissing);
    this.#signals = tags.map(() => new SignalView());
    this.#ranges = tags.map(() => [0, 0]);
    this.#last = heldValues(tags);
    this.#stand = tags.map(() => ({
      value: new Float64Array(1),
      time: new Float64Array(1),
      status: new Uint32Array(1),
    }));
    this.#view = {
      from: 0,
      to: 0,
      quality: GOOD,
      signal: (tag) => this.#signal(tag),
      lacks: (tag) => this.#tally.lacks(tag),
      aligned: (tag) => this.#aligned(tag),
    };
  }

  get newest(): number {
    return this.#newest;
  }

  get closed(): number {
    return this.#hops.to(this.#open - 1);
  }

  oldestBehind(to: number): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const track of this.#tracks) {
      const place = track.from(to);
      if (place < track.end) oldest = Math.min(oldest, track.times[place] as number);
    }
    return oldest;
  }

  push(t: number, values: Float64Array, status: Uint32Array, now: number, origin?: ReadingOrigin): PushOutcome {
    this.#now = now;
    this.#forget();
    // A caller that does not drain comes here with more samples than allowed.
    if (this.#held() > this.#maxReadings) while (this.next());
    if (this.#tracks.length === 0) this.#tracks = this.#tags.map(() => new Track(now, this.#seam.open));
    const outcome = this.#take(t, values, status, origin);
    this.counters[outcome] += 1;
    return outcome;
  }

  pass(t: number, values: Float64Array, status: Uint32Array): void {
    if (!this.#last || !isTime(t)) return;
    for (let tag = 0; tag < values.length; tag += 1) {
      if (status[tag] === ABSENT) continue;
      const value = values[tag] as number;
      this.#last.hear(tag, t, value, this.#gate.judge(tag, value, status[tag] as number));
    }
  }

  tick(now: number): void {
    this.#now = now;
  }

  flush(): void {
    this.#closing = true;
  }

  next(until = Number.POSITIVE_INFINITY, including = true): Window | undefined {
    this.#forget();
    const limit = this.#limit();
    for (let first = this.#first(); first < Number.POSITIVE_INFINITY; first = this.#first()) {
      const k = Math.max(this.#open, this.#hops.firstEndingAfter(first));
      if (this.#hops.to(k) > limit) break;
      if (this.#hops.to(k) > until || (!including && this.#hops.to(k) === until)) return undefined;
      this.#open = k;
      if (this.#hops.from(k) <= first) return this.#close(k);
      // The sample lies between two windows that do not touch.
      this.#forget();
    }
    this.#closing = false;
    if (Number.isFinite(limit)) this.#open = Math.max(this.#open, this.#hops.firstEndingAfter(limit));
    return undefined;
  }

  wakeAt(): number | undefined {
    let wake = Number.POSITIVE_INFINITY;
    for (const track of this.#tracks) if (!this.#silent(track)) wake = Math.min(wake, track.arrival + this.#idle);
    return this.#held() > 0 && wake < Number.POSITIVE_INFINITY ? wake : undefined;
  }

  save(out: ByteWriter, now: number): void {
    this.#forget();
    out.f64(this.#open);
    out.f64(this.#newest);
    out.f64(now - this.#now);
    this.#backstep.save(out);
    this.#seam.save(out);
    out.u32(this.#tracks.length);
    for (const [tag, track] of this.#tracks.entries()) track.save(out, this.#tracks[tag - 1], now);
    this.#backstep.saveFirst(out);
    this.#seam.saveEnd(out);
    out.f64(this.#resumed);
    for (const { awaited } of this.#tracks) out.u8(awaited ? 1 : 0);
    this.#backstep.savePace(out, now);
    this.#last?.save(out);
  }

  restore(from: ByteReader, now: number): void {
    this.#open = from.f64();
    this.#newest = from.f64();
    this.#now = now - from.f64();
    this.#backstep.restore(from);
    this.#seam.restore(from);
    const tracks: Track[] = [];
    for (let left = from.u32(); left > 0; left -= 1) tracks.push(Track.restore(from, tracks.at(-1), now));
    this.#tracks = tracks;
    if (from.done) return;
    this.#backstep.restoreFirst(from);
    this.#seam.restoreEnd(from);
    this.#resumed = from.f64();
    for (const track of tracks) track.awaited = from.u8() === 1;
    if (from.done) return;
    this.#backstep.restorePace(from, now);
    this.#last?.restore(from);
  }

  beginBehind(closed: number, newest: number): void {
    this.#open = Number.isFinite(closed) ? this.#hops.firstEndingAfter(closed) : Number.NEGATIVE_INFINITY;
    this.#newest = newest;
  }

  interrupted(reason: string): void {
    // Readings of the tag that lags furthest may be gone, and such as would have come out of order.
    const heard = this.#tracks.map(({ latest }) => latest).filter((latest) => latest > Number.NEGATIVE_INFINITY);
    const oldest = heard.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...heard) - this.#lateness;
    this.#seam.begin(oldest, reason, this.#hops.from(this.#open));
    this.#resumed = Number.NEGATIVE_INFINITY;
    for (const track of this.#tracks) track.awaited = true;
  }

  #take(t: number, values: Float64Array, status: Uint32Array, origin: ReadingOrigin | undefined): PushOutcome {
    let outcome: PushOutcome = 'accepted';
    if (!isTime(t)) return 'late';
    if (t < this.#hops.from(this.#open)) {
      // A reading before the newest time may come of a clock that was set back; one after it is late because silence
      // closed its window.
      this.pass(t, values, status);
      if (origin === 'again' || t >= this.#newest) return 'late';
      if (!this.#backstep.late(t, origin === 'recording' ? undefined : this.#now, this.#newest)) return 'late';
      this.#restart();
      outcome = 'stepped';
    }
    this.#backstep.inTime();
    if (t > this.#newest) this.#newest = t;
    if (!this.#insert(t, values, status)) return 'duplicate';
    return outcome === 'accepted' && this.#held() > this.#maxReadings ? 'full' : outcome;
  }

  #insert(t: number, values: Float64Array, status: Uint32Array): boolean {
    let taken = false;
    for (let tag = 0; tag < this.#tracks.length; tag += 1) {
      if (status[tag] === ABSENT) continue;
      const track = this.#tracks[tag] as Track;
      const value = values[tag] as number;
      track.arrival = this.#now;
      if (track.awaited && t > track.latest) this.#resume(track, t);
      taken = track.insert(t, value, this.#gate.judge(tag, value, status[tag] as number)) || taken;
    }
    return taken;
  }

  /** A tag is heard again after an interruption; the last one says where the seam ends. */
  #resume(track: Track, t: number): void {
    track.awaited = false;
    this.#resumed = Math.max(this.#resumed, t);
    if (this.#tracks.every(({ awaited }) => !awaited)) this.#seam.end(this.#resumed, this.#lateness);
  }

  empty(): void {
    for (let tag = 0; tag < this.#tracks.length; tag += 1) this.#keep(tag, Number.POSITIVE_INFINITY);
    this.#seam.clear();
    this.#tracks = [];
  }

  #restart(): void {
    this.#seam.clear();
    this.#last?.clear();
    this.#tracks = this.#tracks.map((track) => new Track(track.arrival));
    this.#open = Number.NEGATIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Gives the event time up to which windows close. */
  #limit(): number {
    if (this.#closing) return Number.POSITIVE_INFINITY;
    const watermark = this.#least() - this.#lateness;
    if (this.#held() <= this.#maxReadings) return watermark;
    return Math.max(watermark, this.#hops.to(this.#hops.lastBeginningBy(this.#first())));
  }

  /** The least of the newest times of tags that are waited for; where all of these are silent, how far the others are. */
  #least(): number {
    let least = Number.POSITIVE_INFINITY;
    let others = Number.NEGATIVE_INFINITY;
    for (let tag = 0; tag < this.#tracks.length; tag += 1) {
      const track = this.#tracks[tag] as Track;
      if (this.#silent(track)) continue;
      if (this.#last?.holds(tag)) others = Math.max(others, track.latest);
      else least = Math.min(least, track.latest);
    }
    return least === Number.POSITIVE_INFINITY && others > Number.NEGATIVE_INFINITY ? others : least;
  }

  #silent(track: Track): boolean {
    return this.#now - track.arrival >= this.#idle;
  }

  #held(): number {
    let held = 0;
    for (const track of this.#tracks) held += track.size;
    return held;
  }

  #first(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const track of this.#tracks) if (track.first < first) first = track.first;
    return first;
  }

  /** Drops samples that no open window has. */
  #forget(): void {
    const from = this.#hops.from(this.#open);
    for (let tag = 0; tag < this.#tracks.length; tag += 1) {
      const track = this.#tracks[tag] as Track;
      if (track.first >= from) continue;
      this.#keep(tag, from);
      track.forget(from);
    }
  }

  /** Holds the last value of a tag that is of before t. */
  #keep(tag: number, t: number): void {
    if (!this.#last?.holds(tag)) return;
    const { values, times, status, start } = this.#tracks[tag] as Track;
    const at = (this.#tracks[tag] as Track).from(t) - 1;
    if (at < start) return;
    this.#last.hear(tag, times[at] as number, values[at] as number, status[at] as StatusCode);
  }

  /** Has the last value of a tag stand for the samples that it has not. */
  #standIn(tag: number, last: HeldValues): void {
    const { value, time, status } = this.#stand[tag] as Stand;
    this.#keep(tag, this.#view.from);
    value[0] = last.valueAt(tag, this.#view.to);
    time[0] = this.#view.from;
    status[0] = last.statusAt(tag, this.#view.to);
    this.#tally.add(tag, status, 0, 1);
  }

  #close(k: number): Window {
    const view = this.#view;
    this.#open = k + 1;
    view.from = this.#hops.from(k);
    view.to = this.#hops.to(k);
    this.#tally.begin();
    for (const [tag, track] of this.#tracks.entries()) {
      const range = this.#ranges[tag] as [number, number];
      range[0] = track.from(view.from);
      range[1] = track.from(view.to);
      if (this.#last?.holds(tag)) {
        if (range[0] === range[1]) this.#standIn(tag, this.#last);
        else if (track.flawed >= view.from) this.#tally.add(tag, track.status, range[0], range[1]);
        continue;
      }
      const period = this.#tags[tag]?.period || undefined;
      const shortfall = shortfallOf(track, period, range, [view.from, view.to], this.#silent(track));
      if (shortfall || track.flawed >= view.from) this.#tally.add(tag, track.status, range[0], range[1], shortfall);
    }
    if (this.#seam.within(view.from, view.to)) this.#tally.addSeam(this.#seam.reason);
    view.quality = this.#tally.finish();
    return view;
  }

  #signal(tag: number): Signal {
    const { values, times, status } = this.#tracks[tag] as Track;
    const [start, end] = this.#ranges[tag] as [number, number];
    const view = this.#signals[tag] as SignalView;
    if (start === end && this.#last?.holds(tag)) {
      const { value, time } = this.#stand[tag] as Stand;
      return view.show(value, time, 0, this.#tally.unusable(tag) === 0 ? 1 : 0);
    }
    if (this.#tally.unusable(tag) === 0) return view.show(values, times, start, end);
    return view.pack(values, times, status, start, end);
  }

  #aligned(tag: number): Signal {
    const { values, times, status } = this.#tracks[tag] as Track;
    const [start, end] = this.#ranges[tag] as [number, number];
    if (start === end || this.#tally.unusable(tag) === 0) return this.#signal(tag);
    return (this.#signals[tag] as SignalView).align(values, times, status, start, end);
  }
}
