import { createHash } from 'node:crypto';
import { digestInvalid } from './errors.ts';

/** Digest of one file of a bundle. */
export interface FileDigest {
  /** Path inside the bundle with `/` between its parts, such as `models/part-1.onnx`. */
  readonly name: string;
  /** Hex SHA-256 of the file's content. */
  readonly sha256: string;
}

/** Name of the signature's file in a bundle. The signature covers all other files, and cannot cover itself. */
export const SIGNATURE_FILE = 'model.sig';

const SHA256_HEX = /^[0-9a-f]{64}$/;
/** Matches half a surrogate pair, which has no UTF-8 form of its own: two such names could be one file. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Files in the order of their names by code point, as UTF-8 has it; JavaScript's own order of UTF-16 units differs beyond
 * the basic plane.
 */
export function inCodePointOrder(files: readonly FileDigest[]): FileDigest[] {
  return files.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/**
 * Computes the digest that identifies a bundle, in hex: the root digest of OpenSSF Model Signing 1.0 (method `files`,
 * SHA-256), that is SHA-256 over the raw digests of all files but the signature, in code-point order of their names.
 * Files may come in any order. Throws `trust.digest-invalid` for no file, a name outside the bundle, a name that comes
 * twice, and a digest that is none.
 */
export function bundleDigest(files: readonly FileDigest[]): string {
  const signed = inCodePointOrder(files.filter((file) => file.name !== SIGNATURE_FILE));
  if (signed.length === 0) throw digestInvalid('bundle', 'has no file');
  const root = createHash('sha256');
  signed.forEach((file, index) => {
    checkName(file.name);
    if (file.name === signed[index - 1]?.name) throw digestInvalid(file.name, 'is named twice');
    if (!SHA256_HEX.test(file.sha256)) throw digestInvalid(file.name, 'has no hex SHA-256 digest');
    root.update(Buffer.from(file.sha256, 'hex'));
  });
  return root.digest('hex');
}

function checkName(name: string): void {
  if (!isPlainName(name)) throw digestInvalid(JSON.stringify(name), 'is no path inside the bundle');
}

/** Whether a name can be that of a file in a bundle: relative, without `..`, backslash or NUL. */
export function isPlainName(name: string): boolean {
  const outside = name.split('/').some((part) => part === '' || part === '.' || part === '..');
  return !outside && !name.includes('\0') && !name.includes('\\') && !LONE_SURROGATE.test(name);
}
