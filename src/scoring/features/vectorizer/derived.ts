import { compileFormula, type Formula } from '../../../common/expression/index.ts';
import type { FeatureInput } from '../schema.ts';

/** A feature of one tag, as formulas see it. */
export interface Ingredient {
  readonly tag: string;
  readonly feature: string;
}

/** Features computed from other features of the vector. */
export interface Derived {
  readonly names: readonly string[];
  readonly units: readonly string[];
  /** Places of the features that each derived one reads. */
  readonly sources: readonly (readonly number[])[];
  /** Computes the derived features and writes them behind those of the tags, which stand in front in order. */
  compute(features: Float64Array): void;
}

interface Read {
  readonly index: number;
  readonly into: Record<string, number>;
  readonly feature: string;
}

/** Compiles the formulas; each reads `tag.feature` of those that the vector has. */
export function createDerived(declared: FeatureInput['derived'], ingredients: readonly Ingredient[]): Derived {
  const entries = Object.entries(declared ?? {});
  const variables: Record<string, Record<string, 'number'>> = {};
  for (const { tag, feature } of ingredients) variables[tag] = { ...variables[tag], [feature]: 'number' };
  const formulas = entries.map(([name, { formula }]) =>
    compileFormula(formula, variables, `input.derived.${name}.formula`),
  );
  const context: Record<string, Record<string, number>> = {};
  const reads = readsOf(formulas, ingredients, context);
  return {
    names: entries.map(([name]) => name),
    units: entries.map(([, { unit }]) => unit),
    sources: formulas.map(({ references }) => {
      const used = new Set(references.map((path) => JSON.stringify(path)));
      return ingredients.flatMap(({ tag, feature }, index) =>
        used.has(JSON.stringify([tag, feature])) ? [index] : [],
      );
    }),
    compute(features) {
      for (const { index, into, feature } of reads) into[feature] = features[index] as number;
      for (const [k, formula] of formulas.entries()) features[ingredients.length + k] = formula(context);
    },
  };
}

/** Finds what has to be put into the context, so that only what is read is copied. */
function readsOf(
  formulas: readonly Formula[],
  ingredients: readonly Ingredient[],
  context: Record<string, Record<string, number>>,
): Read[] {
  const used = new Set(formulas.flatMap(({ references }) => references.map((path) => JSON.stringify(path))));
  return ingredients.flatMap(({ tag, feature }, index) => {
    if (!used.has(JSON.stringify([tag, feature]))) return [];
    const into = context[tag] ?? {};
    context[tag] = into;
    return [{ index, into, feature }];
  });
}
