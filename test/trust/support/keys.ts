import { type CurveName, generateKey, type PrivateKey, readPrivateKey } from '../../../src/common/trust/index.ts';

/** A new key, of which nothing is kept. */
export function newKey(curve: CurveName = 'p256'): PrivateKey {
  return readPrivateKey(generateKey(curve).key, 'a key of the test');
}
