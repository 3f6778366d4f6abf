export { bundleDigest, type FileDigest, SIGNATURE_FILE } from './bundle-digest.ts';
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
