import type { Signal, Window } from '../../core/index.ts';
import { invalidGrid } from '../errors.ts';
import { gridMethods } from '../grid/index.ts';
import type { RawInput } from '../schema.ts';
import { scalingColumns } from './scaling.ts';
import { refuseRepeated, tagIndex } from './tags.ts';
import type { Vectorizer, WindowExtent } from './vectorizer.ts';

/** The signals themselves: [T, C] or [C, T], C in the order of the input's tags, T readings or points of the grid. */
export function createRawVectorizer(
  input: RawInput,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
  extent: WindowExtent,
): Omit<Vectorizer, 'digest'> {
  refuseRepeated(input.tags, 'input.tags');
  const columns = input.tags.map((tag, index) => tagIndex(tag, tags, `input.tags.${index}`));
  const { offset, scale } = scalingColumns(input.scaling, columns.length);
  const rows = rowsOf(input, extent);
  const timeFirst = input.layout === 'TC';
  const [tagStride, rowStride] = timeFirst ? [1, columns.length] : [rows, 1];
  const grid = input.grid && { period: input.grid.period, method: gridMethods[input.grid.method] };
  const points = new Float64Array(grid ? rows : 0);
  return {
    length: rows * columns.length,
    shape: timeFirst ? [rows, columns.length] : [columns.length, rows],
    names: input.tags,
    units: input.tags.map((tag) => units[tag] ?? ''),
    write(window: Window, out: Float32Array, summary: Float64Array): void {
      for (let c = 0; c < columns.length; c += 1) {
        const signal = window.signal(columns[c] as number);
        summary[c] = lastOf(signal);
        let { values, start } = signal;
        if (grid && start < signal.end) {
          grid.method(signal, window.from, grid.period, points);
          values = points;
          start = 0;
        } else if (signal.end - start !== rows) {
          for (let r = 0; r < rows; r += 1) out[c * tagStride + r * rowStride] = Number.NaN;
          continue;
        }
        const o = offset[c] as number;
        const s = scale[c] as number;
        let at = c * tagStride;
        for (let r = 0; r < rows; r += 1) {
          out[at] = ((values[start + r] as number) - o) / s;
          at += rowStride;
        }
      }
    },
    occlude({ vector }, hidden, reference, out): void {
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

/** Length of the time axis. */
function rowsOf({ grid }: RawInput, extent: WindowExtent): number {
  const path = 'input.grid';
  if ('count' in extent) {
    if (grid) throw invalidGrid('grid', 'a count window gives its readings as they are', { path });
    return extent.count;
  }
  if (!grid) throw invalidGrid('grid', 'is missing, and the window is one of time', { path });
  const quotient = extent.length / grid.period;
  const rows = Math.round(quotient);
  // Durations in other units than ms are a rounding off.
  if (rows < 1 || Math.abs(quotient - rows) > 1e-9 * rows)
    throw invalidGrid('grid.period', `${grid.period} ms does not divide the window's ${extent.length} ms`, {
      path: `${path}.period`,
    });
  return rows;
}
