import {
  elementCount,
  type GoldenCases,
  type ModelIdentity,
  type ModelUse,
  type RowInput,
} from '../../../common/core/index.ts';
import type { Profile } from '../../../common/profile/index.ts';
import { createDecider, type Decider, type InputPlace, type Witnesses } from '../../decision/index.ts';
import {
  createVectorizer,
  type Missing,
  type MissingTags,
  partsOf,
  tagsOf,
  type Vectorizer,
} from '../../features/index.ts';
import { createExplainer, type Explainer } from '../explain/explainer.ts';
import type { Categories } from '../reading/binding.ts';
import type { PipelineConfig } from '../schema/config.ts';
import type { Manifest } from '../schema/manifest.ts';
import { Recurrence } from './recurrence.ts';

/** A bundle whose parts were checked against each other. */
export interface PipelineModel {
  readonly identity: ModelIdentity;
  readonly manifest: Manifest;
  readonly profile: Profile | undefined;
  readonly golden: GoldenCases | undefined;
  /** Outputs that say themselves what the columns of targets say, by target. */
  readonly witnesses: Witnesses;
  /** Tags in the order in which windows and vectorizer have them. */
  readonly tags: readonly string[];
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Files of the bundle that hold weights of the model, by name. */
  readonly external: ReadonlyMap<string, Uint8Array>;
}

/** Makes what turns a window into the model's input. Throws one of the errors of `features`. */
export function vectorizerOf(model: PipelineModel): Vectorizer {
  return createVectorizer(model.manifest.input, model.tags, unitsOf(model), model.manifest.window, missingOf(model));
}

function unitsOf({ manifest }: PipelineModel): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(manifest.tags).map(([name, tag]) => [name, unitOf(tag)]));
}

/** Gives what stands in the place of a missing sample, of the tags that may be missing; a category by its number. */
export function missingOf({ manifest, tags }: PipelineModel): MissingTags {
  return Object.fromEntries(
    tags.flatMap((name): [string, Missing][] => {
      const { missing, values = {} } = manifest.tags[name] ?? {};
      if (missing === undefined || missing === 'nan') return missing ? [[name, missing]] : [];
      const { fill } = missing;
      return [[name, typeof fill === 'string' ? (values[fill] ?? Number.NaN) : fill]];
    }),
  );
}

/** Adds the codes of categories to the unit: other codes make another vector. */
function unitOf({ unit, values }: Manifest['tags'][string]): string {
  if (values === undefined) return unit;
  const codes = Object.entries(values).map(([category, code]) => `${category}=${code}`);
  return [unit, ...codes].join(' ').trim();
}

/** Gives the codes of the tags that have categories. */
export function categoriesOf({ manifest: { tags } }: PipelineModel): Categories {
  return new Map(
    Object.entries(tags).flatMap(([name, { values, other }]) =>
      values
        ? [[name, { codes: new Map(Object.entries(values)), other: other === undefined ? undefined : values[other] }]]
        : [],
    ),
  );
}

/** Makes what turns the model's outputs into a decision. Throws where an override has nothing to take the place of. */
export function deciderOf(model: PipelineModel, overrides?: PipelineConfig['overrides']): Decider {
  return createDecider(model.manifest.outputs, overrides, { witnesses: model.witnesses, inputs: placesOf(model) });
}

/** Where the parts of the model's input lie in a vector; nowhere for a model of which no target wants to know. */
function placesOf(model: PipelineModel): InputPlace[] {
  if (Object.values(model.manifest.outputs).every(({ kind }) => kind !== 'reconstruction')) return [];
  let at = 0;
  return usesOfWindow(model).map(({ tensor, shape }) => {
    const length = elementCount(shape);
    at += length;
    return { tensor, at: at - length, length };
  });
}

function usesOfWindow(model: PipelineModel): RowInput[] {
  return partsOf(model.manifest.input).map((part) => rowInput(model, part));
}

/** Makes what finds the sensors that an answer rests on; undefined where the manifest has no `explanation`. */
export function explainerOf(model: PipelineModel, vectorizer: Vectorizer, decider: Decider): Explainer | undefined {
  return createExplainer(model.manifest, model.tags, vectorizer, decider, model.profile);
}

/** What the model is given: the parts of a window's vector, what never changes, and what it carries itself. */
export function usesOf(model: PipelineModel): Pick<ModelUse, 'inputs' | 'constants' | 'states' | 'labels'> {
  const { input, state } = model.manifest;
  const constants = 'constants' in input ? Object.entries(input.constants ?? {}) : [];
  return {
    inputs: usesOfWindow(model),
    constants: constants.map(([name, constant]) => ({ name, ...constant })),
    labels: deciderOf(model).labels,
    states: Object.entries(state?.tensors ?? {}).map(([name, { output, shape }]) => ({ input: name, output, shape })),
  };
}

function rowInput(model: PipelineModel, part: ReturnType<typeof partsOf>[number]): RowInput {
  const missing = missingOf(model);
  const { shape, length, names } = createVectorizer(part, model.tags, unitsOf(model), model.manifest.window, missing);
  // An input of strings gets the categories of a column's tag in place of its numbers.
  const tags = [...model.tags].sort((a, b) => b.length - a.length);
  const tagOf = (name = '') => tags.find((tag) => name === tag || name.startsWith(`${tag}.`)) ?? '';
  const across = 'layout' in part && part.layout === 'CT' ? length / names.length : 1;
  const categories = categoriesOf(model);
  const texts = Array.from({ length }, (_, index) => {
    const known = categories.get(tagOf(names[Math.floor(index / across) % names.length]));
    return known && new Map(Array.from(known.codes, ([text, code]) => [code, text]));
  });
  const gaps = tagsOf(part).filter((tag) => missing[tag] === 'nan');
  return {
    tensor: part.tensor,
    shape,
    ...(texts.some(Boolean) ? { texts } : {}),
    ...(gaps.length > 0 ? { gaps } : {}),
    ...(part.quantization ? { quantization: part.quantization } : {}),
  };
}

/** Makes what carries the state of a recurrent model from window to window; undefined for any other model. */
export function recurrenceOf({ manifest }: PipelineModel, vectorizer: Vectorizer): Recurrence | undefined {
  return manifest.state && new Recurrence(manifest.state, vectorizer.length);
}

/** Names the outputs that are asked of the model: those of the targets, and what explanations need. */
export function outputsOf(model: PipelineModel, overrides?: PipelineConfig['overrides']): readonly string[] {
  const { explanation } = model.manifest;
  const { outputs } = deciderOf(model, overrides);
  return explanation?.method === 'squared_error' ? [...new Set([...outputs, explanation.tensor])] : outputs;
}
