export { bundleDigest, type FileDigest, SIGNATURE_FILE } from './bundle-digest.ts';
export { type Envelope, withSignature, writeEnvelope } from './dsse.ts';
export { bundleSignature, rootExpired } from './errors.ts';
export {
  CURVE_NAMES,
  type CurveName,
  generateKey,
  type PrivateKey,
  type PublicKey,
  readPrivateKey,
  readPublicKey,
} from './keys.ts';
export { GIT_NAMES, requireSigned, signModel, verifyModelSignature } from './model-signature.ts';
export {
  MAX_ROOT_BYTES,
  makeRoot,
  parseRoot,
  ROLES,
  type Role,
  type RoleName,
  type Root,
  type RootData,
  readNextRoot,
  readRoot,
  rootDataOf,
  rootEnvelope,
  rootSigners,
} from './root.ts';
