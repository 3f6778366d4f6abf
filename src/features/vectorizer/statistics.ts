import { z } from 'zod';
import { type Signal, suggest, type Window } from '../../core/index.ts';
import type { FeatureDefinition } from '../definition.ts';
import { invalidParameters, unknownFeature } from '../errors.ts';
import { features } from '../registry.ts';
import type { FeatureInput } from '../schema.ts';
import { createDerived, type Ingredient } from './derived.ts';
import { scalingColumns } from './scaling.ts';
import { refuseRepeated, tagIndex } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

type Entry = FeatureInput['statistics'][number]['features'][number];

/** One element of the vector. */
interface Column extends Ingredient {
  readonly index: number;
  readonly name: string;
  readonly unit: string;
  readonly compute: (signal: Signal) => number;
}

const noParameters = z.strictObject({});

/** The vector of declared features: groups in order, in each group tags outside, features inside; then those derived. */
export function createStatisticsVectorizer(
  input: FeatureInput,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
): Omit<Vectorizer, 'digest'> {
  const columns = input.statistics.flatMap((group, g) =>
    group.tags.flatMap((tag, t) => {
      const index = tagIndex(tag, tags, `input.statistics.${g}.tags.${t}`);
      return group.features.map((entry, f) => {
        const { suffix, definition, compute } = resolve(entry, `input.statistics.${g}.features.${f}`);
        return {
          tag,
          feature: suffix,
          index,
          name: `${tag}.${suffix}`,
          unit: definition.unit(units[tag] ?? ''),
          compute,
        };
      });
    }),
  );
  const derived = createDerived(input.derived, columns);
  const names = [...columns.map((column) => column.name), ...derived.names];
  refuseRepeated(names, 'input.statistics');
  const { offset, scale } = scalingColumns(input.scaling, names.length);
  const scaleInto = (features: Float64Array, out: Float32Array): void => {
    for (let i = 0; i < names.length; i += 1)
      out[i] = ((features[i] as number) - (offset[i] as number)) / (scale[i] as number);
  };
  const occluded = new Float64Array(names.length);
  return {
    length: names.length,
    shape: [names.length],
    names,
    units: [...columns.map((column) => column.unit), ...derived.units],
    write(window: Window, out: Float32Array, summary: Float64Array): void {
      let signal: Signal | undefined;
      let shown = -1;
      for (let i = 0; i < columns.length; i += 1) {
        const { index, compute } = columns[i] as Column;
        if (!signal || index !== shown) signal = window.signal(index);
        shown = index;
        summary[i] = compute(signal);
      }
      derived.compute(summary);
      scaleInto(summary, out);
    },
    occlude({ features }, hidden, reference, out): void {
      for (let i = 0; i < columns.length; i += 1) {
        const from = hidden.has((columns[i] as Column).tag) ? reference : features;
        occluded[i] = from[i] as number;
      }
      derived.compute(occluded);
      scaleInto(occluded, out);
    },
  };
}

interface ResolvedFeature {
  readonly definition: FeatureDefinition;
  readonly compute: (signal: Signal) => number;
  /** `mean`, or with parameters `band_power(high=200,low=100)`. */
  readonly suffix: string;
}

function resolve(entry: Entry, path: string): ResolvedFeature {
  const { feature, ...given } = typeof entry === 'string' ? { feature: entry } : entry;
  const definition = features.find((candidate) => candidate.name === feature);
  if (!definition) {
    const known = features.map((candidate) => candidate.name);
    const hint = suggest(feature, known);
    throw unknownFeature(feature, 'there is no such feature', { path, hint });
  }
  const parsed = (definition.params ?? noParameters).safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const reason = [...(issue?.path ?? []), issue?.message ?? 'invalid'].join(': ');
    throw invalidParameters(feature, reason, { path });
  }
  const shown = Object.entries(given)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return {
    definition,
    compute: definition.create(parsed.data),
    suffix: shown.length > 0 ? `${feature}(${shown.join(',')})` : feature,
  };
}
