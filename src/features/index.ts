export type { FeatureDefinition } from './definition.ts';
export * from './errors.ts';
export { features } from './registry.ts';
export * from './schema.ts';
export { createVectorizer, type Seen, type Vectorizer, type WindowExtent } from './vectorizer/index.ts';
