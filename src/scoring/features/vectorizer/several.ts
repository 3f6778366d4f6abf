import type { Window } from '../../../common/core/index.ts';
import { Lack } from './missing.ts';
import { refuseRepeated } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

/** Joins several inputs of one model: their vectors stand one behind the other. */
export function joinVectorizers(parts: readonly Omit<Vectorizer, 'digest'>[]): Omit<Vectorizer, 'digest'> {
  const names = parts.flatMap((part) => part.names);
  refuseRepeated(names, 'input.tensors');
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const summaries = parts.map((part) => new Float64Array(part.names.length));
  const lacking = new Lack();
  return {
    length,
    shape: [length],
    names,
    units: parts.flatMap((part) => part.units),
    write(window: Window, out: Float64Array, summary: Float64Array, lack?: Lack): string | undefined {
      let why: string | undefined;
      for (const [index, { vector, features }] of places(parts).entries()) {
        const own = summaries[index] as Float64Array;
        lacking.clear();
        why ??= parts[index]?.write(window, out.subarray(...vector), own, lacking);
        summary.set(own, features[0]);
        for (const tag of lacking.tags) lack?.tags.add(tag);
        for (const feature of lacking.features) lack?.features.add(features[0] + feature);
      }
      return why;
    },
    occlude(seen, hidden, reference, out): void {
      for (const [index, { vector, features }] of places(parts).entries()) {
        const part = { vector: seen.vector.subarray(...vector), features: seen.features.subarray(...features) };
        parts[index]?.occlude(part, hidden, reference.subarray(...features), out.subarray(...vector));
      }
    },
  };
}

type Range = readonly [from: number, to: number];

/** Finds where each part lies in the whole. */
function places(parts: readonly Omit<Vectorizer, 'digest'>[]): { readonly vector: Range; readonly features: Range }[] {
  let vector = 0;
  let features = 0;
  return parts.map((part) => {
    const place = {
      vector: [vector, vector + part.length],
      features: [features, features + part.names.length],
    } as const;
    vector += part.length;
    features += part.names.length;
    return place;
  });
}
