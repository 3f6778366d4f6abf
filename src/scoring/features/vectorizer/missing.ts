import type { Signal, Window } from '../../../common/core/index.ts';

/** What stands in the place of a sample that is bad or missing: NaN, or a number in the unit of the tag. */
export type Missing = 'nan' | number;

/** The tags that a model takes without samples, and what it takes in their place. */
export type MissingTags = Readonly<Record<string, Missing>>;

/** What a vector has no measurement for. */
export class Lack {
  /** Tags in whose place something else stands. */
  readonly tags = new Set<string>();
  /** Places among `Vectorizer.names` whose numbers are not measured. */
  readonly features = new Set<number>();

  /** Begins with another vector. */
  clear(): void {
    this.tags.clear();
    this.features.clear();
  }

  /** Notes that a number was not measured, and the tag that lacks samples for it. */
  add(feature: number, tag: string): void {
    this.tags.add(tag);
    this.features.add(feature);
  }
}

/** Whether a signal has a place without a value. */
export function hasGap({ values, start, end }: Signal): boolean {
  for (let i = start; i < end; i += 1) if (Number.isNaN(values[i])) return true;
  return false;
}

/** Puts a number in the place of each NaN, in memory that is nobody else's; whether there was one. */
export function fillGaps({ values, start, end }: Signal, fill: number): boolean {
  let found = false;
  for (let i = start; i < end; i += 1) {
    if (!Number.isNaN(values[i])) continue;
    values[i] = fill;
    found = true;
  }
  return found;
}

/**
 * The signal of a tag, which is the fill throughout where the window has no usable sample of it: at the times of its
 * readings, or where there are none at the ends of the window.
 */
export function filledSignal(window: Window, tag: number, missing: Missing | undefined): Signal {
  const signal = window.signal(tag);
  if (typeof missing !== 'number' || signal.end > signal.start) return signal;
  const aligned = window.aligned(tag);
  if (aligned.end > aligned.start) {
    fillGaps(aligned, missing);
    return aligned;
  }
  return {
    values: Float64Array.of(missing, missing),
    times: Float64Array.of(window.from, window.to),
    start: 0,
    end: 2,
  };
}
