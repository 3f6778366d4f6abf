import { defineError } from '../../common/core/index.ts';

/** Thrown by `HttpWay`: the address of a server of bundles is none. */
export const badUrl = defineError(
  'delivery.bad-url',
  'Give the address under which blobs/sha256/ lies: https://host/path, or http:// where nothing between can be trusted less.',
  { exit: 2 },
);
