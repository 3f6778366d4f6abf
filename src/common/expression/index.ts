export { type Condition, compileCondition } from './condition.ts';
export { compileFormula, type Formula } from './formula.ts';
export type { Path } from './references.ts';
export type { ScalarType, Variables, VariableType } from './variables.ts';
