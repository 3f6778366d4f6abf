import { type SampleBlock, sampleTime } from '../../../common/core/index.ts';
import { type Column, countName, placeNumber, type Row, type Unused } from './binding.ts';

/** The tags of a block that the model has, ready to be put into rows one sample after the other. */
export interface BoundSamples {
  /** Samples of each tag; 0 where no tag of the block is the model's. */
  readonly length: number;
  readonly tags: readonly { readonly column: Column; readonly samples: Float64Array }[];
  /** Event time of a sample, ms. */
  time(index: number): number;
}

const NO_SAMPLES: BoundSamples = Object.freeze({ length: 0, tags: Object.freeze([]), time: () => Number.NaN });

/** Finds the tags of a block that the model has; those that it has not are counted. */
export function bindSamples(
  block: SampleBlock | undefined,
  columns: ReadonlyMap<string, Column>,
  unused: Unused,
): BoundSamples {
  if (block === undefined) return NO_SAMPLES;
  const tags = Object.entries(block.samples).flatMap(([tag, samples]) => {
    const column = columns.get(tag);
    if (column === undefined) countName(unused.ignoredTags, tag);
    return column === undefined ? [] : [{ column, samples }];
  });
  if (tags.length === 0) return NO_SAMPLES;
  return { length: block.length, tags, time: (index) => sampleTime(block, index) };
}

/** Puts sample `index` of each tag into the row, beside what the row has. */
export function placeSample({ tags }: BoundSamples, index: number, row: Row): void {
  for (const { column, samples } of tags) placeNumber(samples[index] as number, column, row);
}

/** The last sample of each tag, as a gate sees it. */
export function latestOf(block: SampleBlock | undefined): Record<string, number> {
  if (block === undefined) return {};
  return Object.fromEntries(
    Object.entries(block.samples).map(([tag, samples]) => [tag, samples[block.length - 1] as number]),
  );
}
