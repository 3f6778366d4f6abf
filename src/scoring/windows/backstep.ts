import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/** Late readings, each later than all before, that make the source's new time. */
const READINGS_OF_A_STEP = 30;
/** Processing time, ms, over which these come at least. */
const LEAST_STEP_MS = 2_000;
/** Event time that passes with a clock that was set back, in times of the processing time; a backlog comes faster. */
const PACE = 1.5;
/** How far behind the newest time a backlog may begin, ms: as much as `lateness` may be. */
const LONGEST_BACKLOG_MS = 31 * 86_400_000;

/**
 * Distinguishes a source whose clock was set back from readings that come late, one by one or as a backlog. The times
 * of all these rise from an earlier one, without a reading in between that is in time; they need not rise one by one:
 * the tags of an asset may take turns. But a clock that was set back goes on as time does, and a backlog comes as fast
 * as it is sent. So the time is the source's new one where so many readings came over so long at no more than the pace
 * of time, counted from the one that was furthest ahead, and from the one furthest behind since then: neither does a
 * burst make those wait that follow it, nor is a backlog that stands still for a moment a clock.
 *
 * What begins further back than any backlog is of a clock that was set back, however fast it comes. Of recordings
 * nothing else is: they are read as fast as it goes.
 */
export class Backstep {
  #run = 0;
  #first = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  /** Readings in a row that are not later than all before: where they go on, the later ones were no clock's. */
  #behind = 0;
  /** Event and processing time of the reading that was furthest ahead of the pace, and the readings since. */
  #aheadT = Number.NEGATIVE_INFINITY;
  #aheadAt = 0;
  #paced = 0;
  /** The one of these that was furthest behind the pace. */
  #lagT = Number.NEGATIVE_INFINITY;
  #lagAt = 0;

  /**
   * Notes a late reading; true when the clock is to be taken as set back.
   * @param now processing time, ms; undefined for a reading of a recording
   * @param newest newest event time that came
   */
  late(t: number, now: number | undefined, newest: number): boolean {
    if (this.#run === 0 || t < this.#first) this.#begin(t);
    else if (t <= this.#last) {
      this.#behind += 1;
      if (this.#behind < READINGS_OF_A_STEP) return false;
      this.#begin(t);
    }
    this.#run += 1;
    this.#last = t;
    this.#behind = 0;
    if (this.#run >= READINGS_OF_A_STEP && newest - this.#first > LONGEST_BACKLOG_MS) return true;
    return now !== undefined && this.#keepsPace(t, now);
  }

  /** Notes a reading that is in time. */
  inTime(): void {
    this.#run = 0;
  }

  /** Writes the run of late readings. Where it began, and its pace, follow: earlier versions did not write them. */
  save(out: ByteWriter): void {
    out.u32(this.#run);
    out.f64(this.#last);
  }

  /** Writes where the run of late readings began. */
  saveFirst(out: ByteWriter): void {
    out.f64(this.#first);
  }

  /** Writes what is known of the pace, processing time as an age at `now`. */
  savePace(out: ByteWriter, now: number): void {
    out.u32(this.#behind);
    out.f64(this.#aheadT);
    out.f64(now - this.#aheadAt);
    out.u32(this.#paced);
    out.f64(this.#lagT);
    out.f64(now - this.#lagAt);
  }

  /** Puts what was saved into a new one. */
  restore(from: ByteReader): void {
    this.#run = from.u32();
    this.#last = from.f64();
    this.#first = this.#last;
  }

  /** Reads what `saveFirst` wrote. */
  restoreFirst(from: ByteReader): void {
    this.#first = from.f64();
  }

  /** Reads what `savePace` wrote. */
  restorePace(from: ByteReader, now: number): void {
    this.#behind = from.u32();
    this.#aheadT = from.f64();
    this.#aheadAt = now - from.f64();
    this.#paced = from.u32();
    this.#lagT = from.f64();
    this.#lagAt = now - from.f64();
  }

  #begin(t: number): void {
    this.#run = 0;
    this.#first = t;
    this.#aheadT = Number.NEGATIVE_INFINITY;
  }

  #keepsPace(t: number, now: number): boolean {
    if (t - this.#aheadT > PACE * (now - this.#aheadAt)) {
      this.#aheadT = this.#lagT = t;
      this.#aheadAt = this.#lagAt = now;
      this.#paced = 0;
    } else if (PACE * (t - this.#lagT) < now - this.#lagAt) {
      this.#lagT = t;
      this.#lagAt = now;
    }
    this.#paced += 1;
    const lasts = this.#paced >= READINGS_OF_A_STEP && now - this.#aheadAt >= LEAST_STEP_MS;
    return lasts && t - this.#lagT <= PACE * (now - this.#lagAt);
  }
}
