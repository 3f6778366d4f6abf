import { basename, resolve } from 'node:path';
import { EdgewrightError } from '../../common/core/index.ts';
import { bundleSignature, type PrivateKey, type PublicKey, signModel } from '../../common/trust/index.ts';
import { type Bundle, clearSigning, openBundle, requirePacked, writeSignature } from '../../scoring/registry/index.ts';

/** A bundle that somebody signed. */
export interface SignedBundle {
  readonly digest: string;
  /** ID of the key. */
  readonly signer: string;
  readonly files: Bundle['files'];
}

/**
 * Signs a bundle that was packed: writes its model.sig, in the place of another. Throws what `openBundle` throws, and
 * `registry.bundle-unpacked`.
 */
export async function signBundle(folder: string, key: PrivateKey): Promise<SignedBundle> {
  await clearSigning(folder);
  const bundle = await openBundle(folder);
  requirePacked(bundle);
  const files = Object.entries(bundle.files).map(([name, { sha256 }]) => ({ name, sha256 }));
  const text = signModel({ name: basename(resolve(folder)), files, key });
  return signedBundle(await writeSignature(folder, text, key.publicKey), key.publicKey.id);
}

/**
 * Verifies that one of these keys signed a bundle as it is. Throws `bundle.signature` where none did, and what
 * `openBundle` throws.
 */
export async function verifyBundle(folder: string, signers: readonly PublicKey[]): Promise<SignedBundle> {
  const bundle = await openBundle(folder, { signers }).catch((error: unknown) => {
    // What cannot be in any bundle is not what was signed.
    if (!(error instanceof EdgewrightError) || error.code !== 'registry.bundle-invalid') throw error;
    throw bundleSignature(folder, error.message, { cause: error });
  });
  return signedBundle(bundle, bundle.signer ?? '');
}

function signedBundle({ digest, files }: Bundle, signer: string): SignedBundle {
  return { digest, signer, files };
}
