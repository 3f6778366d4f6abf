import type { Signal, Window } from '../../../common/core/index.ts';
import { createGrid, type Grid } from '../grid/index.ts';
import type { FeatureInput, WindowExtent } from '../schema.ts';
import { SpectrumCache } from '../spectral/spectrum-cache.ts';
import { createDerived, type Ingredient } from './derived.ts';
import { resolveFeature } from './feature-entry.ts';
import { createScaling, type ScalingColumns } from './scaling.ts';
import { refuseRepeated, tagIndex } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

/** A tag as its features see it: as it is, or on a grid. */
interface View {
  readonly index: number;
  readonly grid: Grid | undefined;
}

/** One element of the vector. */
interface Column extends Ingredient {
  readonly view: View;
  readonly name: string;
  readonly unit: string;
  readonly compute: (signal: Signal) => number;
}

/**
 * Makes the vector of the declared features: groups in order, in each group tags outside, features inside; then those
 * derived.
 */
export function createStatisticsVectorizer(
  input: FeatureInput,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
  extent: WindowExtent,
): Omit<Vectorizer, 'digest'> {
  let shown: Window | undefined;
  const cache = new SpectrumCache((tag) => {
    const index = tagIndex(tag, tags, 'input.statistics');
    return () => (shown as Window).signal(index);
  });
  const columns = input.statistics.flatMap((group, g) =>
    group.tags.flatMap((tag, t) => {
      const path = `input.statistics.${g}`;
      const index = tagIndex(tag, tags, `${path}.tags.${t}`);
      const view = { index, grid: group.grid && createGrid(group.grid, extent, `${path}.grid`) };
      const context = cache.contextOf(units[tag] ?? '');
      return group.features.map((entry, f): Column => {
        const { suffix, definition, params } = resolveFeature(entry, `${path}.features.${f}`);
        const compute = definition.create(params, context);
        const unit = definition.unit(context.unit);
        return { tag, feature: suffix, view, name: `${tag}.${suffix}`, unit, compute };
      });
    }),
  );
  const derived = createDerived(input.derived, columns);
  const names = [...columns.map((column) => column.name), ...derived.names];
  refuseRepeated(names, 'input.statistics');
  const scaling = createScaling(input.scaling, names.length, tags);
  const occluded = new Float64Array(names.length);
  return {
    length: names.length,
    shape: [names.length],
    names,
    units: [...columns.map((column) => column.unit), ...derived.units],
    write(window: Window, out: Float64Array, summary: Float64Array): string | undefined {
      shown = window;
      let signal: Signal | undefined;
      let view: View | undefined;
      for (let i = 0; i < columns.length; i += 1) {
        const column = columns[i] as Column;
        if (!signal || column.view !== view) {
          view = column.view;
          signal = window.signal(view.index);
          if (view.grid) signal = view.grid.bring(signal, window.from);
          cache.next();
        }
        summary[i] = column.compute(signal);
      }
      derived.compute(summary);
      const found = scaling.of(window);
      shown = undefined;
      if (typeof found !== 'string') return scaleInto(summary, found, out);
      out.fill(Number.NaN);
      return found;
    },
    occlude({ features, vector }, hidden, reference, out): void {
      for (let i = 0; i < columns.length; i += 1) {
        const from = hidden.has((columns[i] as Column).tag) ? reference : features;
        occluded[i] = from[i] as number;
      }
      derived.compute(occluded);
      scaleInto(occluded, scaling.behind(features, vector), out);
    },
  };
}

function scaleInto(features: Float64Array, { offset, scale }: ScalingColumns, out: Float64Array): undefined {
  for (let i = 0; i < features.length; i += 1)
    out[i] = ((features[i] as number) - (offset[i] as number)) / (scale[i] as number);
}
