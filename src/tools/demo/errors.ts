import { defineError } from '../../common/core/index.ts';

/** The shipped configuration of the demo was changed, so that the story does not fit it. */
export const brokenConfig = defineError(
  'demo.config-changed',
  'Take device-config/demo.yaml as it is shipped; copy it for a gateway of your own.',
  { exit: 2 },
);
/** Something that had to happen in the story did not. */
export const storyFailed = defineError(
  'demo.story-failed',
  'A busy machine may be too slow for a short demo: try --for 60s. Otherwise please report it.',
);
/** `--for` leaves no time for the story. */
export const tooShort = defineError('demo.too-short', 'Give --for 10s or more.', { exit: 2 });
