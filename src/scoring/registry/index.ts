export { type Bundle, type BundleFiles, filesSchema, MANIFEST, modelNameOf, openBundle, packBundle } from './bundle.ts';
export { findModels, type ModelFile, readBeside, readModelFile } from './find-models.ts';
