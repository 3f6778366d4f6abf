import { defineError } from '../../common/core/index.ts';

export const notRunning = defineError(
  'cli.not-running',
  'Start the gateway with `edgewright run CONFIG`, or check http.host and http.port.',
  { retry: true },
);
export const refused = defineError(
  'cli.refused',
  'Run this as the user of the gateway, or give the token in EDGEWRIGHT_TOKEN.',
);
export const noConfig = defineError('cli.no-config', 'Give the path: `edgewright status CONFIG`.', { exit: 2 });
export const noAudit = defineError(
  'cli.no-audit',
  'Start the gateway once with `edgewright run CONFIG`, or let state.path (else outbox.path) name the folder of its control.db.',
  { exit: 2 },
);
export const cannotWrite = defineError(
  'cli.cannot-write',
  'Give a path in a folder that exists, has room, and that this user may write to. Nothing was confirmed.',
);
export const usage = defineError('cli.usage', 'See `edgewright help`.', { exit: 2 });

export const requestUnreadable = defineError(
  'cli.request-unreadable',
  'Give the path of a JSON file that this user may read, or - for stdin.',
  { exit: 2 },
);
