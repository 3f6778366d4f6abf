export type { FeatureContext, FeatureDefinition } from './definition.ts';
export * from './errors.ts';
export { features } from './registry.ts';
export * from './schema.ts';
export { Workbench } from './spectral/workbench.ts';
export { createVectorizer, type Seen, tagsOf, type Vectorizer } from './vectorizer/index.ts';
