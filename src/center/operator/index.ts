export * from './clock-corrections.ts';
export * from './describe.ts';
export * from './errors.ts';
export * from './follower.ts';
export * from './record-account.ts';
