import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';

const MINUTE = 60e3;
const HOUR = 3600e3;
const DAY = 24 * HOUR;

/** The instants at which a local clock shows a time. */
export interface Instants {
  /** The earlier one, ms since the epoch; NaN where the clock goes forward over that time. */
  readonly first: number;
  /** The later one; the same where there is but one. */
  readonly second: number;
  /** Whether the clock is changed within a day of it. */
  readonly nearChange: boolean;
}

function zoneOf(name: string): Zone | undefined {
  const fixed = FixedOffsetZone.parseSpecifier(/^[+-]/.test(name) ? `UTC${name}` : name);
  if (fixed !== null) return fixed;
  return IANAZone.isValidZone(name) ? IANAZone.create(name) : undefined;
}

/** Whether it names a zone: of the IANA (`Europe/Berlin`), or an offset (`UTC+1`, `+01:00`). */
export function isZone(name: string): boolean {
  return zoneOf(name) !== undefined;
}

/** A local clock: says which instants it shows a time at. */
export class LocalClock {
  readonly #zone: Zone;
  /** The hour that was asked for last, and its offset where the whole hour has one: readings mostly come in order. */
  #hour = Number.NaN;
  #offset = 0;

  /** Throws RangeError on a name that is no zone. */
  constructor(name: string) {
    const zone = zoneOf(name);
    if (zone === undefined) throw new RangeError(`${name} is no time zone`);
    this.#zone = zone;
  }

  /** Finds the instants of a time that the clock shows, ms as if it were UTC. */
  instantsOf(wall: number): Instants {
    const hour = Math.floor(wall / HOUR);
    if (hour !== this.#hour) {
      const before = this.#offsetAt(hour * HOUR - DAY);
      const after = this.#offsetAt((hour + 1) * HOUR + DAY);
      if (before !== after) return this.#nearChange(wall, before, after);
      this.#hour = hour;
      this.#offset = before;
    }
    const t = wall - this.#offset;
    return { first: t, second: t, nearChange: false };
  }

  #nearChange(wall: number, before: number, after: number): Instants {
    const instants = [wall - before, wall - after].filter((t) => t + this.#offsetAt(t) === wall);
    const [first = Number.NaN, second = first] = instants.sort((a, b) => a - b);
    return { first, second, nearChange: true };
  }

  #offsetAt(t: number): number {
    return Math.round(this.#zone.offset(t) * MINUTE);
  }
}
