export { conditionErrors } from './asset/conditions.ts';
export type { AssetSnapshot } from './asset/snapshots.ts';
export * from './model/model.ts';
export { readModel } from './model/read.ts';
export * from './outcome/counts.ts';
export * from './outcome/effect.ts';
export * from './pipeline.ts';
export * from './schema/config.ts';
export * from './schema/manifest.ts';
