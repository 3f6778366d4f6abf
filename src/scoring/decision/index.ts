export {
  contributionsOf,
  MAX_GROUPS,
  MAX_SHAPLEY_GROUPS,
  masksOf,
  ranked,
  squaredErrorShares,
} from './contributions.ts';
export { type ClearRule, Debouncer, type RaiseRule, readDebouncer, type SavedDebouncer } from './debounce.ts';
export { createDecider, type Decider, type DeciderContext, type Verdict } from './decider.ts';
export { type ExplanationSpec, explanationSchema } from './explanation-schema.ts';
export type { DecisionOverrides } from './overrides.ts';
export type { Answered, InputPlace } from './parts/part.ts';
export { OUTLIER, type Witness, type Witnesses } from './parts/witness.ts';
export { type Costs, costsSchema } from './schema/costs.ts';
export { type AlarmConfig, alarmSchema, type Target, targetSchema } from './schema/schema.ts';
export { polesOf } from './targets/binary.ts';
