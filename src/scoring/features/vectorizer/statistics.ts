import type { Signal, Window } from '../../../common/core/index.ts';
import { createCalendar } from '../calendar/index.ts';
import { fillWithoutMissing } from '../errors.ts';
import { createGrid, type Grid } from '../grid/index.ts';
import type { FeatureInput, WindowExtent } from '../schema.ts';
import { SpectrumCache } from '../spectral/spectrum-cache.ts';
import { createDerived, type Ingredient } from './derived.ts';
import { resolveFeature } from './feature-entry.ts';
import { filledSignal, fillGaps, hasGap, type Lack, type MissingTags } from './missing.ts';
import { createScaling, type ScalingColumns } from './scaling.ts';
import { refuseRepeated, tagIndex } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

/** A tag as its features see it: as it is, or on a grid. */
interface View {
  readonly index: number;
  readonly grid: Grid | undefined;
  /** Whether a missing sample keeps its place, as NaN or filled. */
  readonly aligned: boolean;
}

/** What a view shows of a window. */
interface Look {
  readonly view: View;
  readonly signal: Signal;
  /** Whether a fill stands in the place of samples. */
  readonly filled: boolean;
}

/** One element of the vector. */
interface Column extends Ingredient {
  readonly view: View;
  readonly name: string;
  readonly unit: string;
  readonly compute: (signal: Signal) => number;
  /** Tags that it is made of and that may be missing, by their indices in the windows. */
  readonly tolerant: readonly number[];
  readonly fill: number | undefined;
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
  missing: MissingTags,
): Omit<Vectorizer, 'digest'> {
  let shown: Window | undefined;
  const cache = new SpectrumCache((tag) => {
    const index = tagIndex(tag, tags, 'input.statistics');
    return () => filledSignal(shown as Window, index, missing[tag]);
  });
  const columns = input.statistics.flatMap((group, g) =>
    group.tags.flatMap((tag, t) => {
      const path = `input.statistics.${g}`;
      const index = tagIndex(tag, tags, `${path}.tags.${t}`);
      const grid = group.grid && createGrid(group.grid, extent, `${path}.grid`);
      const packed = { index, grid, aligned: false };
      const aligned = { index, grid, aligned: true };
      const context = cache.contextOf(units[tag] ?? '');
      return group.features.map((entry, f): Column => {
        const { suffix, definition, params, fill } = resolveFeature(entry, `${path}.features.${f}`);
        const made = [tag, ...(definition.tags?.(params) ?? [])];
        const tolerant = made.filter((name) => missing[name] !== undefined).map((name) => tags.indexOf(name));
        if (fill !== undefined && tolerant.length === 0) {
          throw fillWithoutMissing(`${tag}.${suffix}`, `has a fill, and ${tag} may not be missing`, {
            path: `${path}.features.${f}.fill`,
          });
        }
        const view = definition.positional && missing[tag] !== undefined && !grid ? aligned : packed;
        const compute = definition.create(params, context);
        const unit = definition.unit(context.unit);
        return { tag, feature: suffix, view, name: `${tag}.${suffix}`, unit, compute, tolerant, fill };
      });
    }),
  );
  const calendar = input.calendar ? createCalendar(input.calendar) : [];
  const dated = calendar.map(({ name }) => ({ tag: 'calendar', feature: name }));
  const derived = createDerived(input.derived, [...columns, ...dated]);
  const names = [
    ...columns.map((column) => column.name),
    ...dated.map(({ tag, feature }) => `${tag}.${feature}`),
    ...derived.names,
  ];
  refuseRepeated(names, 'input.statistics');
  const scaling = createScaling(input.scaling, names.length, tags, missing);
  const mayLack = Object.keys(missing).length > 0;
  const occluded = new Float64Array(names.length);

  /** The signal that a feature is computed from; its tag's fill stands in the place of what is missing. */
  function lookAt({ view, tag }: Column, window: Window): Look {
    const substitute = missing[tag];
    let signal = view.aligned ? window.aligned(view.index) : window.signal(view.index);
    if (view.grid) signal = view.grid.bring(signal, window.from);
    if (typeof substitute !== 'number') return { view, signal, filled: false };
    if (signal.end === signal.start) {
      return { view, signal: filledSignal(window, view.index, substitute), filled: true };
    }
    return { view, signal, filled: (view.grid !== undefined || view.aligned) && fillGaps(signal, substitute) };
  }

  /** Takes a feature without a value: it may have none where samples are missing of a tag that may be. */
  function takeGap(
    column: Column,
    i: number,
    signal: Signal,
    window: Window,
    summary: Float64Array,
    lack: Lack | undefined,
  ): void {
    const lacking = column.tolerant.find((index) => window.lacks(index) || (column.view.grid && hasGap(signal)));
    if (lacking === undefined) return;
    if (column.fill !== undefined) summary[i] = column.fill;
    lack?.add(i, tags[lacking] as string);
  }

  /** Says which feature has no value and must have one; what is derived of something missing is missing as well. */
  function firstOpen(summary: Float64Array, lack: Lack): string | undefined {
    for (const [k, sources] of derived.sources.entries())
      if (sources.some((index) => lack.features.has(index))) lack.features.add(columns.length + calendar.length + k);
    const open = summary.findIndex((value, index) => Number.isNaN(value) && !lack.features.has(index));
    return open < 0 ? undefined : `features: ${names[open]} not finite`;
  }

  return {
    length: names.length,
    shape: [names.length],
    names,
    units: [...[...columns, ...calendar].map(({ unit }) => unit), ...derived.units],
    write(window: Window, out: Float64Array, summary: Float64Array, lack?: Lack): string | undefined {
      shown = window;
      let look: Look | undefined;
      for (let i = 0; i < columns.length; i += 1) {
        const column = columns[i] as Column;
        if (!look || column.view !== look.view) {
          look = lookAt(column, window);
          cache.next();
        }
        const value = column.compute(look.signal);
        summary[i] = value;
        if (look.filled) lack?.add(i, column.tag);
        if (mayLack && Number.isNaN(value)) takeGap(column, i, look.signal, window, summary, lack);
      }
      for (const [k, { compute }] of calendar.entries()) summary[columns.length + k] = compute(window.to);
      derived.compute(summary);
      const open = mayLack && lack ? firstOpen(summary, lack) : undefined;
      const found = scaling.of(window);
      shown = undefined;
      if (typeof found !== 'string') scaleInto(summary, found, out);
      else out.fill(Number.NaN);
      return typeof found === 'string' ? found : open;
    },
    occlude({ features, vector }, hidden, reference, out): void {
      for (let i = 0; i < columns.length; i += 1) {
        const from = hidden.has((columns[i] as Column).tag) ? reference : features;
        occluded[i] = from[i] as number;
      }
      for (let i = columns.length; i < columns.length + calendar.length; i += 1) occluded[i] = features[i] as number;
      derived.compute(occluded);
      scaleInto(occluded, scaling.behind(features, vector), out);
    },
  };
}

function scaleInto(features: Float64Array, { offset, scale }: ScalingColumns, out: Float64Array): void {
  for (let i = 0; i < features.length; i += 1)
    out[i] = ((features[i] as number) - (offset[i] as number)) / (scale[i] as number);
}
