import { defineError } from '../../common/core/index.ts';

export const threadFailed = defineError(
  'outbox.thread-failed',
  'This is a defect of edgewright: please report it with the log around it.',
  { retry: true },
);
export const threadStopped = defineError(
  'outbox.thread-stopped',
  'Nothing more is stored: restart the gateway, and report the error that the log has before this one.',
);
export const unknownAside = defineError(
  'outbox.unknown-aside',
  'This is a defect of edgewright: please report it with the log around it.',
);
export const closed = defineError('outbox.closed', 'Ask the outbox before it is closed.');
export const noOutbox = defineError(
  'outbox.absent',
  'Let outbox.path name the folder of telemetry.db, or start the gateway once with `edgewright run CONFIG`.',
  { exit: 2 },
);
