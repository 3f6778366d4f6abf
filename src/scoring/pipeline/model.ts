import { join } from 'node:path';
import type * as z from 'zod';
import {
  describeIssues,
  EdgewrightError,
  type GoldenCases,
  jsonSchemaOf,
  type ModelIdentity,
  type ModelUse,
  type RowInput,
} from '../../common/core/index.ts';
import { externalFilesOf, parseGolden } from '../../common/onnx/index.ts';
import { type Profile, profileSchema } from '../../common/profile/index.ts';
import { createDecider, type Decider } from '../decision/index.ts';
import { createVectorizer, partsOf, tagsOf, type Vectorizer } from '../features/index.ts';
import { type Bundle, MANIFEST, modelNameOf } from '../registry/index.ts';
import type { Categories } from './binding.ts';
import { manifestInvalid, profileInvalid } from './errors.ts';
import { createExplainer, type Explainer } from './explainer.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import { Recurrence } from './recurrence.ts';
import type { PipelineConfig } from './schema.ts';

const GOLDEN = 'golden.json';

/** A bundle whose parts were checked against each other. */
export interface PipelineModel {
  readonly identity: ModelIdentity;
  readonly manifest: Manifest;
  readonly profile: Profile | undefined;
  readonly golden: GoldenCases | undefined;
  /** Tags in the order in which windows and vectorizer have them. */
  readonly tags: readonly string[];
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Files of the bundle that hold weights of the model, by name. */
  readonly external: ReadonlyMap<string, Uint8Array>;
}

/** Reads manifest, profile and golden cases of a bundle; every problem of a file is named with its path. */
export function readModel(bundle: Bundle): PipelineModel {
  const manifest = parse(bundle, MANIFEST, manifestSchema, manifestInvalid);
  const file = modelNameOf(bundle);
  const bytes = bundle.read(file);
  const weights = externalFilesOf(bytes).filter((name) => bundle.has(name));
  const model: PipelineModel = {
    identity: { name: manifest.name, version: manifest.version, digest: bundle.digest, signed: false },
    manifest,
    profile: bundle.has('profile.json') ? parse(bundle, 'profile.json', profileSchema, profileInvalid) : undefined,
    golden: bundle.has(GOLDEN) ? parseGolden(text(bundle, GOLDEN), join(bundle.folder, GOLDEN)) : undefined,
    tags: build(join(bundle.folder, MANIFEST), () => tagsOf(manifest.input)),
    file,
    bytes,
    external: new Map(weights.map((name) => [name, bundle.read(name)])),
  };
  checkManifest(bundle, model);
  return model;
}

export function vectorizerOf(model: PipelineModel): Vectorizer {
  const units = Object.fromEntries(Object.entries(model.manifest.tags).map(([name, tag]) => [name, unitOf(tag)]));
  return createVectorizer(model.manifest.input, model.tags, units, model.manifest.window);
}

/** The codes of categories are their unit: other codes are another vector. */
function unitOf({ unit, values }: Manifest['tags'][string]): string {
  if (values === undefined) return unit;
  const codes = Object.entries(values).map(([category, code]) => `${category}=${code}`);
  return [unit, ...codes].join(' ').trim();
}

/** Of tags with categories, their codes by text. */
export function categoriesOf({ manifest: { tags } }: PipelineModel): Categories {
  return new Map(
    Object.entries(tags).flatMap(([name, { values, other }]) =>
      values
        ? [[name, { codes: new Map(Object.entries(values)), other: other === undefined ? undefined : values[other] }]]
        : [],
    ),
  );
}

export function deciderOf(model: PipelineModel, overrides?: PipelineConfig['overrides']): Decider {
  return createDecider(model.manifest.outputs, overrides);
}

export function explainerOf(model: PipelineModel, vectorizer: Vectorizer, decider: Decider): Explainer | undefined {
  return createExplainer(model.manifest, model.tags, vectorizer, decider, model.profile);
}

/** What the model is given: the parts of a window's vector, what never changes, and what it carries itself. */
export function usesOf(model: PipelineModel): Pick<ModelUse, 'inputs' | 'constants' | 'states' | 'labels'> {
  const { input, state } = model.manifest;
  const constants = 'constants' in input ? Object.entries(input.constants ?? {}) : [];
  return {
    inputs: partsOf(input).map((part) => rowInput(model, part)),
    constants: constants.map(([name, constant]) => ({ name, ...constant })),
    labels: deciderOf(model).labels,
    states: Object.entries(state?.tensors ?? {}).map(([name, { output, shape }]) => ({ input: name, output, shape })),
  };
}

function rowInput(model: PipelineModel, part: ReturnType<typeof partsOf>[number]): RowInput {
  const { shape, length, names } = createVectorizer(part, model.tags, {}, model.manifest.window);
  // By column the tag that it is of: for an input of strings, its numbers are categories of that tag.
  const tags = [...model.tags].sort((a, b) => b.length - a.length);
  const tagOf = (name = '') => tags.find((tag) => name === tag || name.startsWith(`${tag}.`)) ?? '';
  const across = 'layout' in part && part.layout === 'CT' ? length / names.length : 1;
  const categories = categoriesOf(model);
  const texts = Array.from({ length }, (_, index) => {
    const known = categories.get(tagOf(names[Math.floor(index / across) % names.length]));
    return known && new Map(Array.from(known.codes, ([text, code]) => [code, text]));
  });
  return { tensor: part.tensor, shape, ...(texts.some(Boolean) ? { texts } : {}) };
}

export function recurrenceOf({ manifest }: PipelineModel, vectorizer: Vectorizer): Recurrence | undefined {
  return manifest.state && new Recurrence(manifest.state, vectorizer.length);
}

/** Outputs that are asked of the model: those of the targets, and what explanations need. */
export function outputsOf(model: PipelineModel, overrides?: PipelineConfig['overrides']): readonly string[] {
  const { explanation } = model.manifest;
  const { outputs } = deciderOf(model, overrides);
  return explanation?.method === 'squared_error' ? [...new Set([...outputs, explanation.tensor])] : outputs;
}

function parse<T extends z.ZodType>(
  bundle: Bundle,
  name: string,
  schema: T,
  error: typeof manifestInvalid,
): z.output<T> {
  const data = bundle.json(name);
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const { reason, ...detail } = describeIssues(parsed.error.issues, data, jsonSchemaOf(schema));
  throw error(join(bundle.folder, name), reason, detail);
}

function text(bundle: Bundle, name: string): string {
  return new TextDecoder().decode(bundle.read(name));
}

function checkManifest(bundle: Bundle, model: PipelineModel): void {
  const subject = join(bundle.folder, MANIFEST);
  const { manifest } = model;
  for (const tag of model.tags) {
    if (!manifest.tags[tag])
      throw manifestInvalid(subject, `input uses the tag ${tag}, which tags does not declare`, { path: 'input' });
  }
  if (Object.keys(manifest.outputs).length === 0)
    throw manifestInvalid(subject, 'declares no outputs', { path: 'outputs' });
  for (const part of partsOf(manifest.input)) {
    if (!('layout' in part)) continue;
    const counted = 'count' in manifest.window;
    if (counted && manifest.maxMissing > 0) {
      throw manifestInvalid(
        subject,
        'a raw tensor over a count window has no place for missing samples: maxMissing must be 0',
        { path: 'maxMissing' },
      );
    }
    if (!counted && !part.grid) {
      throw manifestInvalid(subject, 'a raw tensor over a time window needs a grid', { path: 'input.grid' });
    }
  }
  const vectorizer = build(subject, () => vectorizerOf(model));
  const decider = build(subject, () => deciderOf(model));
  build(subject, () => explainerOf(model, vectorizer, decider));
  checkProfile(bundle, model.profile, vectorizer, decider);
}

/** What another room says of its part of the manifest, as an error of the file. */
function build<T>(subject: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const path = error.path === undefined ? {} : { path: error.path };
    throw manifestInvalid(subject, error.message, { cause: error, hint: error.hint, ...path });
  }
}

function checkProfile(bundle: Bundle, profile: Profile | undefined, vectorizer: Vectorizer, decider: Decider): void {
  if (!profile) return;
  const missing = [
    ...vectorizer.names.filter((name) => !profile.features[name]),
    ...decider.names.filter((name) => !profile.outputs[name]),
  ];
  if (missing.length > 0) {
    throw profileInvalid(join(bundle.folder, 'profile.json'), `has no reference for ${missing.slice(0, 5).join(', ')}`);
  }
}
