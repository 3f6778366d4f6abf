export { type Condition, compileCondition } from './condition.ts';
export type { Path } from './references.ts';
export type { ScalarType, Variables, VariableType } from './variables.ts';
