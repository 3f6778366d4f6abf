/** One instant of a cycle and the samples taken then. */
export interface Instant {
  /** ms after the beginning of the cycle. */
  readonly offset: number;
  /** Indexes of the tags that are sampled, ascending, and of their samples. */
  readonly tags: readonly number[];
  readonly samples: readonly number[];
}

/**
 * Merges the samples of a cycle in time order. Tag k has `counts[k]` samples, evenly spaced from the beginning of the
 * cycle of `period` ms. Equal fractions of the period give equal doubles, so samples of one instant meet exactly.
 */
export function planCycle(counts: readonly number[], period: number): Instant[] {
  const instants = new Map<number, { offset: number; tags: number[]; samples: number[] }>();
  counts.forEach((count, tag) => {
    for (let sample = 0; sample < count; sample++) {
      const offset = (sample * period) / count;
      const instant = instants.get(offset) ?? { offset, tags: [], samples: [] };
      instant.tags.push(tag);
      instant.samples.push(sample);
      instants.set(offset, instant);
    }
  });
  return [...instants.values()].sort((a, b) => a.offset - b.offset);
}
