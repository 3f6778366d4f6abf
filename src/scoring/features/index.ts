export type { FeatureContext, FeatureDefinition } from './definition.ts';
export * from './errors.ts';
export { features } from './registry.ts';
export * from './schema.ts';
export { SpectrumCache } from './spectral/spectrum-cache.ts';
export {
  createVectorizer,
  Lack,
  type Missing,
  type MissingTags,
  type Seen,
  tagsOf,
  type Vectorizer,
} from './vectorizer/index.ts';
