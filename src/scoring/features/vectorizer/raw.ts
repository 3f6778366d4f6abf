import type { Signal, Window } from '../../../common/core/index.ts';
import { invalidGrid } from '../errors.ts';
import { createGrid } from '../grid/index.ts';
import type { RawInput, WindowExtent } from '../schema.ts';
import type { Lack, MissingTags } from './missing.ts';
import { createScaling, type ScalingColumns } from './scaling.ts';
import { refuseRepeated, tagIndex } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

/**
 * Makes a vector of the signals themselves: [T, C] or [C, T], C in the order of the input's tags, T readings or points
 * of the grid.
 */
export function createRawVectorizer(
  input: RawInput,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
  extent: WindowExtent,
  missing: MissingTags,
): Omit<Vectorizer, 'digest'> {
  refuseRepeated(input.tags, 'input.tags');
  const columns = input.tags.map((tag, index) => tagIndex(tag, tags, `input.tags.${index}`));
  const substitutes = input.tags.map((tag) => missing[tag]);
  const tolerant = Object.keys(missing).length > 0;
  const scaling = createScaling(input.scaling, columns.length, tags, missing);
  const grid = input.grid && createGrid(input.grid, extent, 'input.grid');
  const rows = grid?.points ?? readingsOf(extent);
  const timeFirst = input.layout === 'TC';
  const [tagStride, rowStride] = timeFirst ? [1, columns.length] : [rows, 1];
  /** Whether the last sample of the tag that was written is one. */
  let measured = false;

  /** Writes the signal of a tag, scaled, NaN without a scaling; false where samples are missing. */
  function writeTag(
    c: number,
    window: Window,
    scales: ScalingColumns | undefined,
    out: Float64Array,
    summary: Float64Array,
  ): boolean {
    const column = columns[c] as number;
    const substitute = substitutes[c];
    const gap = typeof substitute === 'number' ? substitute : Number.NaN;
    const held = substitute === undefined || grid ? window.signal(column) : window.aligned(column);
    const last = lastOf(held);
    measured = !Number.isNaN(last);
    summary[c] = measured ? last : gap;
    const { values, start, end } = grid ? grid.bring(held, window.from) : held;
    const o = scales?.offset[c] ?? Number.NaN;
    const s = scales?.scale[c] ?? Number.NaN;
    const complete = end - start === rows;
    let whole = true;
    let at = c * tagStride;
    for (let r = 0; r < rows; r += 1) {
      const value = complete ? (values[start + r] as number) : Number.NaN;
      const there = !Number.isNaN(value);
      whole &&= there;
      out[at] = ((there ? value : gap) - o) / s;
      at += rowStride;
    }
    return whole;
  }

  return {
    length: rows * columns.length,
    shape: timeFirst ? [rows, columns.length] : [columns.length, rows],
    names: input.tags,
    units: input.tags.map((tag) => units[tag] ?? ''),
    write(window: Window, out: Float64Array, summary: Float64Array, lack?: Lack): string | undefined {
      const found = scaling.of(window);
      let open: string | undefined;
      for (let c = 0; c < columns.length; c += 1) {
        const whole = writeTag(c, window, typeof found === 'string' ? undefined : found, out, summary);
        if (whole) continue;
        const tag = input.tags[c] as string;
        if (substitutes[c] === undefined) open ??= tag;
        else lack?.tags.add(tag);
        if (substitutes[c] !== undefined && !measured) lack?.features.add(c);
      }
      if (typeof found === 'string') return found;
      return open !== undefined && tolerant ? `features: ${open} not finite` : undefined;
    },
    occlude({ vector, features }, hidden, reference, out): void {
      const lastRow = (rows - 1) * rowStride;
      const { offset, scale } = scaling.behind(features, vector, (c) => c * tagStride + lastRow);
      out.set(vector);
      for (const [c, tag] of input.tags.entries()) {
        if (!hidden.has(tag)) continue;
        const value = ((reference[c] as number) - (offset[c] as number)) / (scale[c] as number);
        for (let r = 0; r < rows; r += 1) out[c * tagStride + r * rowStride] = value;
      }
    },
  };
}

function lastOf({ values, start, end }: Signal): number {
  return end > start ? (values[end - 1] as number) : Number.NaN;
}

/** Gives the length of the time axis without a grid. */
function readingsOf(extent: WindowExtent): number {
  if ('count' in extent) return extent.count;
  throw invalidGrid('grid', 'is missing, and the window is one of time', { path: 'input.grid' });
}
