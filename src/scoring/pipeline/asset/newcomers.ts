/** Rows of counts, each with a hash of its own: a name shares its count in all of them with next to none. */
const ROWS = 4;
/** Counts in a row, a power of two. */
const WIDTH = 16_384;
const MOST = 0xffff;

/**
 * Counts how often names were heard lately, in memory that does not grow with their number: a name that is heard again
 * and again stands out of any number that are heard once. A count may be too large where names share their place in
 * every row, which is rare, and is halved with time. Depends on the order of the names alone.
 */
export class Newcomers {
  #counts: Uint16Array | undefined;
  #untilHalved = WIDTH;

  /** Notes that a name was heard; returns how often it was. */
  heard(name: string): number {
    this.#counts ??= new Uint16Array(ROWS * WIDTH);
    const counts = this.#counts;
    const places = placesOf(name);
    const least = Math.min(...places.map((place) => counts[place] as number));
    // Only the least count is true, so only that is raised.
    for (const place of places) if (counts[place] === least && least < MOST) counts[place] = least + 1;
    this.#untilHalved -= 1;
    if (this.#untilHalved === 0) {
      this.#untilHalved = WIDTH;
      for (const [place, count] of counts.entries()) counts[place] = count >> 1;
    }
    return Math.min(MOST, least + 1);
  }

  /** Forgets all names. */
  clear(): void {
    this.#counts = undefined;
    this.#untilHalved = WIDTH;
  }
}

/** A place in each row: two hashes (FNV-1a, and its bits mixed) that are combined. */
function placesOf(name: string): number[] {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  const step = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 1;
  return Array.from({ length: ROWS }, (_, row) => row * WIDTH + ((hash + Math.imul(row, step)) & (WIDTH - 1)));
}
