import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/** When an alarm is raised. */
export interface RaiseRule {
  /** Decisions that must call for the alarm... */
  readonly k: number;
  /** ...among so many of the last. */
  readonly n: number;
  /** The event time, ms, of which decisions count; all where it is absent. */
  readonly within?: number | undefined;
  /** Event time that they must span without a decision of the other kind in between, ms. */
  readonly hold?: number | undefined;
}

/** When a raised alarm is cleared. */
export interface ClearRule {
  readonly k: number;
  readonly n: number;
  readonly hold?: number | undefined;
}

interface Rule {
  readonly k: number;
  readonly n: number;
  readonly within: number;
  readonly hold: number;
}

/**
 * Makes an alarm of decisions: k of the last n, and none of the other kind for the time of `hold`, in event time. What
 * was counted towards raising is not counted towards clearing, nor the other way round, so that one decision cannot tip
 * it back. An abstention is no decision and is not passed.
 */
export class Debouncer {
  readonly #raise: Rule;
  readonly #clear: Rule;
  readonly #times: Float64Array;
  readonly #active: Uint8Array;
  #count = 0;
  #raised = false;
  #since: number | undefined;
  /** Event time of the first decision of those that called for a change one after the other; NaN after another one. */
  #calledSince = Number.NaN;

  /** @param clear without it, all of the last `raise.n` decisions must be quiet */
  constructor(raise: RaiseRule, clear: ClearRule = { k: raise.n, n: raise.n }) {
    this.#raise = { k: raise.k, n: raise.n, within: raise.within ?? Infinity, hold: raise.hold ?? 0 };
    this.#clear = { k: clear.k, n: clear.n, within: Infinity, hold: clear.hold ?? 0 };
    const longest = Math.max(raise.n, clear.n);
    this.#times = new Float64Array(longest);
    this.#active = new Uint8Array(longest);
  }

  /** Whether the alarm stands. */
  get raised(): boolean {
    return this.#raised;
  }

  /** Event time of the last raise, kept after it is cleared; undefined before the first. */
  get since(): number | undefined {
    return this.#since;
  }

  /**
   * Counts a decision; returns the change that it makes, if it makes one.
   * @param t event time of the decision, ms; decisions later than it, of before a step back, do not count
   */
  update(t: number, active: boolean): 'raised' | 'cleared' | undefined {
    const slot = this.#count % this.#times.length;
    this.#times[slot] = t;
    this.#active[slot] = active ? 1 : 0;
    this.#count += 1;
    const { k, n, within, hold } = this.#raised ? this.#clear : this.#raise;
    if (active === this.#raised) this.#calledSince = Number.NaN;
    else if (!(this.#calledSince <= t)) this.#calledSince = t;
    if (hold > 0 && !(t - this.#calledSince >= hold)) return undefined;
    if (this.#matches(this.#raised ? 0 : 1, n, t, within) < k) return undefined;
    this.#raised = !this.#raised;
    this.#count = 0;
    this.#calledSince = Number.NaN;
    if (!this.#raised) return 'cleared';
    this.#since = t;
    return 'raised';
  }

  /** Goes on as just after a change: with an alarm that stands or not, and nothing counted. */
  become(raised: boolean, since: number): void {
    this.#raised = raised;
    this.#since = since;
    this.#count = 0;
    this.#calledSince = Number.NaN;
  }

  /** Writes whether the alarm stands, and the decisions counted. */
  save(out: ByteWriter): void {
    const held = Math.min(this.#count, this.#times.length);
    out.u8(this.#raised ? 1 : 0);
    out.f64(this.#since ?? Number.NaN);
    out.f64(this.#calledSince);
    out.u32(held);
    for (let back = held; back > 0; back -= 1) {
      const slot = (this.#count - back) % this.#times.length;
      out.f64(this.#times[slot] ?? 0);
      out.u8(this.#active[slot] ?? 0);
    }
  }

  /** Resumes where a debouncer of the same rules was saved. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    this.#raised = from.u8() === 1;
    const since = from.f64();
    this.#since = Number.isNaN(since) ? undefined : since;
    this.#calledSince = from.f64();
    this.#count = from.u32();
    if (this.#count > this.#times.length) throw new RangeError(`${this.#count} decisions of ${this.#times.length}`);
    for (let slot = 0; slot < this.#count; slot += 1) {
      this.#times[slot] = from.f64();
      this.#active[slot] = from.u8();
    }
  }

  /** Counts those of the last n decisions that are of this kind and in (t - within, t]. */
  #matches(kind: 0 | 1, n: number, t: number, within: number): number {
    let found = 0;
    for (let back = 1; back <= Math.min(n, this.#count); back += 1) {
      const slot = (this.#count - back) % this.#times.length;
      const time = this.#times[slot] ?? 0;
      if (this.#active[slot] === kind && time <= t && time > t - within) found += 1;
    }
    return found;
  }
}

/** Whether an alarm stands, since when, and the event time of the newest decision counted; NaN for none. */
export interface SavedDebouncer {
  readonly raised: boolean;
  readonly since: number;
  readonly newest: number;
}

/** Reads what `Debouncer.save` wrote, whatever its rules. Throws RangeError where the bytes are no such state. */
export function readDebouncer(from: ByteReader): SavedDebouncer {
  const raised = from.u8() === 1;
  const since = from.f64();
  from.f64();
  let newest = since;
  for (let left = from.u32(); left > 0; left -= 1) {
    newest = from.f64();
    from.u8();
  }
  return { raised, since, newest };
}
