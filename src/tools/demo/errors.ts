import { defineError } from '../../common/core/index.ts';

export const brokenConfig = defineError(
  'demo.config-changed',
  'Take device-config/demo.yaml as it is shipped; copy it for a gateway of your own.',
  { exit: 2 },
);
export const storyFailed = defineError(
  'demo.story-failed',
  'A busy machine may be too slow for a short demo: try --for 60s. Otherwise please report it.',
);
export const tooShort = defineError('demo.too-short', 'Give --for 10s or more.', { exit: 2 });
