import { defineError } from '../core/index.ts';

/** Another program has the port. */
export const portInUse = defineError(
  'web.port-in-use',
  'Stop the program that has the port, or set another one (`http.port` for the API of a gateway; 0 takes a free one).',
);
/** The address is not one of this machine, or not for this user. */
export const listenFailed = defineError(
  'web.listen-failed',
  'Set http.host and http.port to an address of this machine that this user may listen on.',
);
/** The token of the API cannot be written down. */
export const tokenNotWritten = defineError(
  'web.token-not-written',
  'Let the user of the gateway write to its state folder (state.path, or else outbox.path), or set http.tokenFile.',
);
/** The file of the token cannot be read, or holds none. */
export const tokenUnreadable = defineError(
  'web.token-unreadable',
  'Let http.tokenFile name a file that this user may read.',
  { exit: 2 },
);
