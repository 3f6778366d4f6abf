import { join } from 'node:path';
import type * as z from 'zod';
import { describeIssues, EdgewrightError, jsonSchemaOf } from '../../../common/core/index.ts';
import { externalFilesOf, parseGolden } from '../../../common/onnx/index.ts';
import { type Profile, profileSchema } from '../../../common/profile/index.ts';
import type { Decider } from '../../decision/index.ts';
import { partsOf, tagsOf, type Vectorizer } from '../../features/index.ts';
import { type Bundle, MANIFEST, modelNameOf } from '../../registry/index.ts';
import { manifestInvalid, profileInvalid } from '../schema/errors.ts';
import { manifestSchema } from '../schema/manifest.ts';
import { deciderOf, explainerOf, type PipelineModel, vectorizerOf } from './model.ts';

const GOLDEN = 'golden.json';

/** Reads manifest, profile and golden cases of a bundle; every problem of a file is named with its path. */
export function readModel(bundle: Bundle): PipelineModel {
  const manifest = parse(bundle, MANIFEST, manifestSchema, manifestInvalid);
  const file = modelNameOf(bundle);
  const bytes = bundle.read(file);
  const weights = externalFilesOf(bytes).filter((name) => bundle.has(name));
  const model: PipelineModel = {
    identity: {
      name: manifest.name,
      version: manifest.version,
      digest: bundle.digest,
      signed: bundle.signer !== undefined,
    },
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
