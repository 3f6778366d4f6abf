import { defineError } from '../../common/core/index.ts';

/** A file that would be made is there already. */
export const fileExists = defineError(
  'keys.exists',
  'Give another name: nothing is written over, since a key that is gone cannot be made again.',
  { exit: 2 },
);
/** The file of a key, a passphrase or a certificate cannot be read. */
export const fileUnreadable = defineError(
  'keys.unreadable',
  'Give a file that this user may read: a key in PEM, or a passphrase on one line.',
  { exit: 2 },
);
/** The file of a key, a root or a request cannot be written. */
export const cannotWrite = defineError(
  'keys.cannot-write',
  'Give a path in a folder that exists, has room, and that this user may write to.',
);
/** What is asked for makes no root. */
export const badRoot = defineError('keys.bad-root', 'See `edgewright help trust`.', { exit: 2 });
/** A certificate is not the one of this device. */
export const badCertificate = defineError(
  'keys.bad-certificate',
  'Let the CA sign identity/device.csr of this device, and give the certificate that it makes of it.',
);
