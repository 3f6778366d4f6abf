/** Numbers that a seed repeats: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Inclusive at both ends. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** Small numbers as often as large ones: each power of two has the same chance. */
  scale(from: number, to: number): number {
    return Math.min(to, Math.floor(from * (to / from + 1) ** this.next()));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(all: readonly T[]): T {
    const one = all[this.int(0, all.length - 1)];
    if (one === undefined) throw new RangeError('nothing to pick from');
    return one;
  }
}

/** A seed for one part of a whole, which no other part has. */
export function seedOf(seed: number, name: string, index: number): number {
  let hash = 2166136261 ^ seed;
  for (const character of `${name}:${index}`) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return hash >>> 0;
}
