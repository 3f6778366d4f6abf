export * from './bundle.ts';
export * from './find-models.ts';
export * from './pack.ts';
