export { bundleDigest, type FileDigest, SIGNATURE_FILE } from './bundle-digest.ts';
export { certificateRequest } from './certificate-request.ts';
export {
  afterCommit,
  afterOrder,
  afterRoot,
  type DeviceTrust,
  type LastOrder,
  type RememberedTrust,
} from './device-trust.ts';
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
  type AcceptedOrder,
  judgeOrder,
  MAX_ORDER_BYTES,
  makeOrder,
  ORDER_TYPE,
  orderEnvelope,
  type RefusedOrder,
} from './order.ts';
export { type Order, type OrderData, type OrderEntry, type OrderedModel, orderJsonSchema } from './order-schema.ts';
export { REFUSAL_CODES, REFUSALS, type RefusalCode } from './refusals.ts';
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
  rootJsonSchema,
  rootSigners,
} from './root.ts';
