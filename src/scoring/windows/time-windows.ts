import {
  type ByteReader,
  type ByteWriter,
  GOOD,
  type Quality,
  type Signal,
  type Window,
} from '../../common/core/index.ts';
import { Backstep } from './backstep.ts';
import { expectedSamples, shortfallOf } from './coverage.ts';
import { windowTooLarge } from './errors.ts';
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
  type WindowOptions,
  type WindowTag,
} from './types.ts';

/**
 * Windows [k x every, k x every + length) in event time, tumbling or hopping; hopping ones share their samples.
 * The watermark is the least of the tags' newest times, less `lateness`; a tag that was silent for `idle` does not hold
 * it back, and with all of them silent everything that has begun closes. A window closes when the watermark has reached
 * its end, and is left out if it has no sample at all. A reading is late when every window it belongs to is closed.
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
  readonly #ranges: [number, number][];
  readonly #backstep = new Backstep();
  readonly #seam = new Seam();
  readonly #view: { from: number; to: number; quality: Quality; signal(tag: number): Signal };
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
    this.#view = { from: 0, to: 0, quality: GOOD, signal: (tag) => this.#signal(tag) };
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

  push(t: number, values: Float64Array, status: Uint32Array, now: number, again = false): PushOutcome {
    this.#now = now;
    this.#forget();
    // A caller that does not drain comes here with more samples than allowed.
    if (this.#held() > this.#maxReadings) while (this.next());
    if (this.#tracks.length === 0) this.#tracks = this.#tags.map(() => new Track(now, this.#seam.open));
    const outcome = this.#take(t, values, status, again);
    this.counters[outcome] += 1;
    return outcome;
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

  #take(t: number, values: Float64Array, status: Uint32Array, again: boolean): PushOutcome {
    let outcome: PushOutcome = 'accepted';
    if (!isTime(t)) return 'late';
    if (t < this.#hops.from(this.#open)) {
      // A reading before the newest time may come of a clock that was set back; one after it is late because silence
      // closed its window.
      if (again || !(t < this.#newest && this.#backstep.late(t))) return 'late';
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

  #restart(): void {
    this.#seam.clear();
    this.#tracks = this.#tracks.map((track) => new Track(track.arrival));
    this.#open = Number.NEGATIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Gives the event time up to which windows close. */
  #limit(): number {
    if (this.#closing) return Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (const track of this.#tracks) if (!this.#silent(track) && track.latest < least) least = track.latest;
    const watermark = least - this.#lateness;
    if (this.#held() <= this.#maxReadings) return watermark;
    return Math.max(watermark, this.#hops.to(this.#hops.lastBeginningBy(this.#first())));
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
    for (const track of this.#tracks) if (track.first < from) track.forget(from);
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
    if (this.#tally.unusable(tag) === 0) return view.show(values, times, start, end);
    return view.pack(values, times, status, start, end);
  }
}
