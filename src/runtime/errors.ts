import { defineError } from '../core/index.ts';

export const bundleFailed = defineError(
  'runtime.bundle-failed',
  'The model does not answer its golden cases; make it or the cases again.',
);
