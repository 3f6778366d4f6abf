import { defineError } from '../../common/core/index.ts';

/** Something in the storage thread threw what is no error of ours. */
export const threadFailed = defineError(
  'outbox.thread-failed',
  'This is a defect of edgewright: please report it with the log around it.',
  { retry: true },
);
/** The storage thread ended, though nobody closed it. */
export const threadStopped = defineError(
  'outbox.thread-stopped',
  'Nothing more is stored: restart the gateway, and report the error that the log has before this one.',
);
/** The storage thread was called by a name that it does not know. */
export const unknownAside = defineError(
  'outbox.unknown-aside',
  'This is a defect of edgewright: please report it with the log around it.',
);
/** The outbox was closed before the call. */
export const closed = defineError('outbox.closed', 'Ask the outbox before it is closed.');
/** There is no telemetry.db in the folder. */
export const noOutbox = defineError(
  'outbox.absent',
  'Let outbox.path name the folder of telemetry.db, or start the gateway once with `edgewright run CONFIG`.',
  { exit: 2 },
);
