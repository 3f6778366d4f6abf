import { defineError } from '../../common/core/index.ts';

/** No gateway answers at the HTTP address of the configuration. */
export const notRunning = defineError(
  'cli.not-running',
  'Start the gateway with `edgewright run CONFIG`, or check http.host and http.port.',
  { retry: true },
);
/** The gateway does not take the token. */
export const refused = defineError(
  'cli.refused',
  'Run this as the user of the gateway, or give the token in EDGEWRIGHT_TOKEN.',
);
/** `status` names no configuration, and none is at the usual places. */
export const noConfig = defineError('cli.no-config', 'Give the path: `edgewright status CONFIG`.', { exit: 2 });
/** The gateway has no control.db yet. */
export const noAudit = defineError(
  'cli.no-audit',
  'Start the gateway once with `edgewright run CONFIG`, or let state.path (else outbox.path) name the folder of its control.db.',
  { exit: 2 },
);
/** The file of an export cannot be written. */
export const cannotWrite = defineError(
  'cli.cannot-write',
  'Give a path in a folder that exists, has room, and that this user may write to. Nothing was confirmed.',
);
/** What a command writes does not arrive. */
export const outputLost = defineError(
  'cli.output-lost',
  'Look at where the output goes: whether its reader still runs, and whether the disk has room.',
);
/** An argument or option is wrong in a way that the parser does not see. */
export const usage = defineError('cli.usage', 'See `edgewright help`.', { exit: 2 });

/** The request for `model run` cannot be read. */
export const requestUnreadable = defineError(
  'cli.request-unreadable',
  'Give the path of a JSON file that this user may read, or - for stdin.',
  { exit: 2 },
);
/** The running gateway did not take its configuration. */
export const notReloaded = defineError(
  'cli.not-reloaded',
  'Nothing has changed. Mend the configuration (`edgewright check` names all that is wrong), then reload again.',
);
