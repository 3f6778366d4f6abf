export { type ClearRule, Debouncer, type RaiseRule } from './debounce.ts';
export { createDecider, type Decider, type DecisionOverrides, type Verdict } from './decider.ts';
export { type AlarmConfig, alarmSchema, type Target, targetSchema } from './schema.ts';
