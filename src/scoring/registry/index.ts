export {
  type Bundle,
  type BundleFiles,
  clearSigning,
  filesSchema,
  MANIFEST,
  modelNameOf,
  type OpenBundle,
  openBundle,
  packBundle,
  requirePacked,
  writeSignature,
} from './bundle.ts';
export { findModels, type ModelFile, readBeside, readModelFile } from './find-models.ts';
export { readRootBytes, readRootFile, signersIn } from './root-file.ts';
