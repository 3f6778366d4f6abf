import type { Instants } from './zone.ts';

/** The most assets whose last time is remembered around a change of the clock; the one that came first is forgotten. */
export const MAX_FOLLOWED = 10_000;
/** A step back of more than this begins another recording. */
const ANEW = 3 * 3600e3;

interface Followed {
  /** The latest time, ms since the epoch. */
  t: number;
  /** From the time before it to that, ms; 0 where there was none. */
  step: number;
}

/**
 * Decides which pass of an hour that comes twice a reading is from. A live one is from the pass that is nearer to its
 * arrival. Readings of a recording, and those that a broker held back, go forward for each asset: they are from the first
 * pass until the clock steps back.
 */
export class HourPasses {
  readonly #followed = new Map<string, Followed>();

  /** Forgets all assets. */
  forget(): void {
    this.#followed.clear();
  }

  /** Chooses an instant, and remembers it. `arrival` is that of a live reading. */
  choose(asset: string, instants: Instants, arrival: number | undefined): number {
    if (!instants.nearChange) return instants.first;
    const last = this.#followed.get(asset);
    const t = nearest(instants, arrival) ?? forward(instants, last);
    if (last === undefined) {
      const oldest = this.#followed.size >= MAX_FOLLOWED ? this.#followed.keys().next() : undefined;
      if (oldest?.done === false) this.#followed.delete(oldest.value);
      this.#followed.set(asset, { t, step: 0 });
    } else if (t > last.t || isAnew(t, last)) {
      last.step = Math.max(0, t - last.t);
      last.t = t;
    }
    return t;
  }
}

function isAnew(t: number, last: Followed): boolean {
  return last.t - t > ANEW;
}

/** The instant that a live reading is from; undefined where it arrived too far from both to tell. */
function nearest({ first, second }: Instants, arrival: number | undefined): number | undefined {
  if (arrival === undefined) return undefined;
  const half = (second - first) / 2;
  const t = arrival - first <= half ? first : second;
  return Math.abs(arrival - t) <= half ? t : undefined;
}

function forward({ first, second }: Instants, last: Followed | undefined): number {
  if (last === undefined || first > last.t || isAnew(second, last)) return first;
  // The same time again is the second pass where readings come by the hour, and else the same time again.
  return first === last.t && last.step < (second - first) / 2 ? first : second;
}
