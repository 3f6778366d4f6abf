export { conditionErrors } from './conditions.ts';
export * from './counts.ts';
export * from './effect.ts';
export * from './manifest.ts';
export * from './model.ts';
export * from './pipeline.ts';
export * from './schema.ts';
export type { AssetSnapshot } from './snapshots.ts';
