import type { Signal, Window } from '../../../common/core/index.ts';
import { invalidGrid } from '../errors.ts';
import { createGrid } from '../grid/index.ts';
import type { RawInput, WindowExtent } from '../schema.ts';
import { createScaling } from './scaling.ts';
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
): Omit<Vectorizer, 'digest'> {
  refuseRepeated(input.tags, 'input.tags');
  const columns = input.tags.map((tag, index) => tagIndex(tag, tags, `input.tags.${index}`));
  const scaling = createScaling(input.scaling, columns.length, tags);
  const grid = input.grid && createGrid(input.grid, extent, 'input.grid');
  const rows = grid?.points ?? readingsOf(extent);
  const timeFirst = input.layout === 'TC';
  const [tagStride, rowStride] = timeFirst ? [1, columns.length] : [rows, 1];
  return {
    length: rows * columns.length,
    shape: timeFirst ? [rows, columns.length] : [columns.length, rows],
    names: input.tags,
    units: input.tags.map((tag) => units[tag] ?? ''),
    write(window: Window, out: Float64Array, summary: Float64Array): string | undefined {
      const found = scaling.of(window);
      for (let c = 0; c < columns.length; c += 1) {
        const held = window.signal(columns[c] as number);
        summary[c] = lastOf(held);
        const { values, start, end } = grid ? grid.bring(held, window.from) : held;
        if (end - start !== rows || typeof found === 'string') {
          for (let r = 0; r < rows; r += 1) out[c * tagStride + r * rowStride] = Number.NaN;
          continue;
        }
        const o = found.offset[c] as number;
        const s = found.scale[c] as number;
        let at = c * tagStride;
        for (let r = 0; r < rows; r += 1) {
          out[at] = ((values[start + r] as number) - o) / s;
          at += rowStride;
        }
      }
      return typeof found === 'string' ? found : undefined;
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
