export { describeModel, type ModelDescription } from './describe.ts';
export { type Edits, editModel } from './edit.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { isOrtFormat } from './sniff.ts';
export type { Quantization } from './traits.ts';
export { withoutDeclaredShapes } from './undeclare.ts';
export type { ValueInfo } from './value-info.ts';
