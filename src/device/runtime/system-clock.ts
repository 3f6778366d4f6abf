import type { Clock } from '../../common/core/index.ts';
import type { ControlClient } from '../../storage/thread/index.ts';

/** A difference from the system's clock above this is a step: the clock was set. */
const STEP_MS = 2_000;
/** Below it the difference is followed, at most this share of the time that passed: nothing jumps. */
const SLEW = 0.01;
/** A clock that was not set for so long has proved itself, and its time is worth to be remembered. */
const SETTLED_MS = 10 * 60_000;
/** A clock behind the newest remembered time that is not set for so long: then that time was the wrong one. */
const HEALED_MS = 24 * 3600_000;

/** The clock was set, or is trusted from now on. Times in ms since the epoch. */
export interface ClockStep {
  /** What the clock said before. */
  readonly from: number;
  /** What it says from now on. */
  readonly to: number;
  readonly wasTrusted: boolean;
  readonly trusted: boolean;
}

export interface ClockSource {
  readonly wall?: () => number;
  readonly monotonic?: () => number;
}

/**
 * Wall time at the start, moved on by monotonic time. Where the system's clock is set, `look` finds it: until then nothing
 * notices. Whether it is trusted is decided at the start and whenever it is set: not before the build, as a device without
 * a battery starts in 1970, and not before the newest time that is remembered from earlier starts.
 */
export class SystemClock implements Clock {
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  readonly #builtAt: number;
  #floor: number;
  #anchor: number;
  #trusted: boolean;
  #setAt: number;
  #lookedAt: number;

  constructor(builtAt: number, { wall = Date.now, monotonic = () => performance.now() }: ClockSource = {}) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#builtAt = builtAt;
    this.#floor = builtAt;
    const start = monotonic();
    this.#anchor = wall() - start;
    this.#setAt = start;
    this.#lookedAt = start;
    this.#trusted = this.now() >= builtAt;
  }

  readonly now = (): number => this.#anchor + this.#monotonic();

  readonly monotonic = (): number => this.#monotonic();

  readonly trusted = (): boolean => this.#trusted;

  /** The newest time that earlier starts remember. */
  remember(floor: number): void {
    this.#floor = Math.max(this.#builtAt, floor);
    this.#trusted = this.now() >= this.#floor;
  }

  /** A time that may be remembered; undefined while the clock has not proved itself. */
  get proved(): number | undefined {
    return this.#trusted && this.#monotonic() - this.#setAt >= SETTLED_MS ? this.now() : undefined;
  }

  /** Compares with the system's clock; tells where it was set since the last look. */
  look(): ClockStep | undefined {
    const monotonic = this.#monotonic();
    const passed = monotonic - this.#lookedAt;
    this.#lookedAt = monotonic;
    const off = this.#wall() - this.now();
    if (Math.abs(off) >= STEP_MS) return this.#set(off);
    this.#anchor += Math.sign(off) * Math.min(Math.abs(off), passed * SLEW);
    const healed = !this.#trusted && this.now() >= this.#builtAt && monotonic - this.#setAt >= HEALED_MS;
    if (!healed) return undefined;
    this.#floor = this.#builtAt;
    return this.#set(0);
  }

  #set(off: number): ClockStep {
    const from = this.now();
    const wasTrusted = this.#trusted;
    this.#anchor += off;
    this.#setAt = this.#monotonic();
    this.#trusted = this.now() >= this.#floor;
    return { from, to: this.now(), wasTrusted, trusted: this.#trusted };
  }
}

/** A clock for work that ends soon. */
export function createSystemClock(builtAt: number): SystemClock {
  return new SystemClock(builtAt);
}

/** Tells the clock what earlier starts know of the time; a gateway starts without it, too. */
export async function recallTime(control: Pick<ControlClient, 'recallTime'>, clock: SystemClock): Promise<void> {
  const remembered = await control.recallTime().catch(() => undefined);
  if (remembered !== undefined) clock.remember(remembered);
}
