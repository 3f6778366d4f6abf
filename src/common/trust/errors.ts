import { defineError } from '../core/index.ts';

/** A list of files has no digest: it is empty, or has names or digests that cannot be in a bundle. */
export const digestInvalid = defineError(
  'trust.digest-invalid',
  'Give the folder of a bundle: regular files with plain names, each once, and at least one.',
  { exit: 2 },
);
/** A key is none that signs or verifies here. */
export const keyInvalid = defineError(
  'trust.key-invalid',
  'Give a PEM file with an ECDSA key on P-256, P-384 or P-521; `edgewright model keygen NAME` makes one.',
  { exit: 2 },
);
/** A private key is encrypted, and its passphrase is missing or wrong. */
export const passphraseWrong = defineError(
  'trust.passphrase',
  'Give the file with the passphrase of this key: `--passphrase-file FILE`.',
  { exit: 2 },
);
/** What should be a signed object (DSSE) is none, or is larger than one may be. */
export const envelopeInvalid = defineError(
  'trust.envelope-invalid',
  'Copy the file again from where it was signed: it is a DSSE envelope, {"payload","payloadType","signatures"}.',
);
/** A bundle that has to be signed is not as a known key signed it. */
export const bundleSignature = defineError(
  'bundle.signature',
  'Copy the bundle again from where it was signed; after a wanted change pack it, then run `edgewright model sign FOLDER --key FILE`.',
);
/** A file or message is no root: its form, its keys or its roles are not as they have to be. */
export const rootInvalid = defineError(
  'trust.root-invalid',
  'Copy the root again from where it was signed; `edgewright trust init` makes one.',
  { exit: 2 },
);
/** A root lacks signatures by its own keys, or by those of the root before it. */
export const rootThreshold = defineError(
  'trust.root-threshold',
  'Let further holders of root keys sign it: `edgewright trust sign ROOT --key FILE`.',
);
/** A root is newer than the one after the trusted root: roots are taken one by one. */
export const rootGap = defineError(
  'trust.root-gap',
  'Give the roots in between, too, in order of version; all of them stay retained under _trust/root/.',
);
/** A root is older than the trusted one. */
export const rootRollback = defineError(
  'trust.root-rollback',
  'Give the newest root; `edgewright trust show ROOT` says which version a file has.',
);
/** A root has expired, or would be made so. */
export const rootExpired = defineError(
  'trust.root-expired',
  'Make the next root with a later expiry: `edgewright trust rotate ROOT --out FILE --expires 365d`.',
);
/** What should be an order is none, or no device would take it. */
export const orderInvalid = defineError(
  'trust.order-invalid',
  'Make the order with the keys and values of edgewright.order/1, in at most 256 KiB.',
);
