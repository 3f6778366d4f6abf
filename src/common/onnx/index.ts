export { describeModel, externalFilesOf, type ModelDescription } from './describe-model.ts';
export { type Edits, editModel } from './edit-model.ts';
export { goldenInvalid } from './errors.ts';
export { isOrtFormat } from './file-format.ts';
export { oipTensorSchema, parseGolden } from './golden.ts';
export { DEFAULT_READ_LIMITS, type ReadLimits } from './read-limits.ts';
export type { Quantization } from './traits.ts';
export type { ValueInfo } from './value-info.ts';
export { withoutDeclaredShapes } from './without-declared-shapes.ts';
