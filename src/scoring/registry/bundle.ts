import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { EdgewrightError, reasonOf } from '../../common/core/index.ts';
import {
  bundleDigest,
  bundleSignature,
  type FileDigest,
  GIT_NAMES,
  type PublicKey,
  requireSigned,
  SIGNATURE_FILE,
  verifyModelSignature,
} from '../../common/trust/index.ts';
import { bundleInvalid, bundleMissing, bundleTampered, bundleUnpacked, bundleUnreadable } from './errors.ts';

/** Most files of a bundle. */
const MAX_FILES = 64;
/** Most bytes of one file. */
const MAX_FILE_BYTES = 512 * 1024 ** 2;
/** Name of the manifest's file in a bundle. */
export const MANIFEST = 'manifest.json';
/** Names that the model's file may have. */
const MODELS = ['model.onnx', 'model.ort'];

/** Schema of the key `files` in a manifest: digest and size of each file by name. */
export const filesSchema = z.record(
  z.string(),
  z.strictObject({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Digest of the file, in hex.'),
    length: z.int().min(0).max(MAX_FILE_BYTES).describe('Size of the file in bytes.'),
  }),
);
/** Digest (hex SHA-256) and size (bytes) of each file by name. */
export type BundleFiles = z.output<typeof filesSchema>;

/** Bundle that was read whole from its folder, so that the bytes that were hashed are the bytes that are used. */
export interface Bundle {
  readonly folder: string;
  /** Root digest of OpenSSF Model Signing, in hex: it identifies the bundle. */
  readonly digest: string;
  /** ID of the key that signed it, where it was opened with those that may have; undefined where nobody asked. */
  readonly signer?: string;
  /** Every file of the folder, manifest and signature included. */
  readonly files: BundleFiles;
  /** Gives the content of a file. Throws `registry.bundle-missing` where there is none. */
  read(name: string): Uint8Array;
  has(name: string): boolean;
  /** Parses a file as JSON. Throws `registry.bundle-missing`, `.bundle-invalid`. */
  json(name: string): unknown;
}

/** How a bundle is opened. */
export interface OpenBundle {
  /** False leaves out the check of each file against the manifest's list. */
  readonly listed?: boolean;
  /** Keys of which one has to have signed it; without them nobody asks who did. */
  readonly signers?: readonly PublicKey[];
}

/**
 * Reads a bundle from its folder, verifies its signature, and only then looks into a file of it: each is checked against
 * the manifest's list, where it has one. What belongs to git is no part of a bundle. Throws `registry.bundle-missing`,
 * `.bundle-unreadable`, `.bundle-invalid`, `.bundle-tampered`, `trust.digest-invalid`, and `bundle.signature`.
 */
export async function openBundle(folder: string, { listed = true, signers }: OpenBundle = {}): Promise<Bundle> {
  const contents = await readFolder(folder);
  const files: BundleFiles = Object.fromEntries(
    [...contents].map(([name, bytes]) => [name, { sha256: sha256(bytes), length: bytes.length }]),
  );
  const digests = Object.entries(files).map(([name, { sha256 }]) => ({ name, sha256 }));
  const signer = signers && signerOf(folder, contents, digests, signers);
  if (!contents.has(MANIFEST)) throw bundleMissing(folder, `has no ${MANIFEST}`);
  const digest = bundleDigest(digests);
  const bundle: Bundle = {
    folder,
    digest,
    ...(signer === undefined ? {} : { signer }),
    files,
    ...reader(folder, contents),
  };
  if (listed) verifyListed(bundle);
  return bundle;
}

function signerOf(
  folder: string,
  contents: ReadonlyMap<string, Uint8Array>,
  digests: readonly FileDigest[],
  signers: readonly PublicKey[],
): string {
  const signature = contents.get(SIGNATURE_FILE);
  if (signature === undefined) throw bundleSignature(folder, `has no ${SIGNATURE_FILE}`, { hint: UNSIGNED });
  const { signer, files } = verifyModelSignature(signature, signers, join(folder, SIGNATURE_FILE));
  requireSigned(files, digests, folder);
  return signer;
}

const UNSIGNED = 'Sign the bundle: `edgewright model sign FOLDER --key FILE`, with a key that may sign models.';

/**
 * Name of the bundle's model file: `model.onnx`, else `model.ort`. Throws `registry.bundle-missing` where it has
 * neither.
 */
export function modelNameOf(bundle: Bundle): string {
  const name = MODELS.find((model) => bundle.has(model));
  if (name === undefined) throw bundleMissing(bundle.folder, `has neither ${MODELS.join(' nor ')}`);
  return name;
}

/** Lists the files that the manifest has to list: all but the manifest itself and the signature. */
export function listedFiles(bundle: Bundle): BundleFiles {
  return Object.fromEntries(
    Object.entries(bundle.files).filter(([name]) => name !== MANIFEST && name !== SIGNATURE_FILE),
  );
}

/** Throws `registry.bundle-unpacked` where the manifest lists no files, which nobody should sign. */
export function requirePacked(bundle: Bundle): void {
  if (!listOf(bundle)) throw bundleUnpacked(bundle.folder, `its ${MANIFEST} lists no files`);
}

/** The manifest's list of files; undefined where it has none that can be read. */
function listOf(bundle: Bundle): BundleFiles | undefined {
  return z.object({ files: filesSchema }).safeParse(bundle.json(MANIFEST)).data?.files;
}

/**
 * Writes the list of files with their digests into the manifest on disk. Resolves with the bundle read anew; throws as
 * `openBundle` does.
 */
export async function packBundle(bundle: Bundle): Promise<Bundle> {
  const path = join(bundle.folder, MANIFEST);
  const manifest = { ...(bundle.json(MANIFEST) as Record<string, unknown>), files: listedFiles(bundle) };
  await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${path}.part`, path);
  return openBundle(bundle.folder);
}

/**
 * Writes the signature of a bundle, whole or not at all. Resolves with the bundle read anew, its signer known; throws as
 * `openBundle` does.
 */
export async function writeSignature(folder: string, text: string, signer: PublicKey): Promise<Bundle> {
  const path = join(folder, SIGNATURE_FILE);
  await writeFile(`${path}.part`, text, { flush: true });
  await rename(`${path}.part`, path);
  return openBundle(folder, { signers: [signer] });
}

/** Takes away what a signing that was cut off has left. Throws raw errors. */
export async function clearSigning(folder: string): Promise<void> {
  await rm(join(folder, `${SIGNATURE_FILE}.part`), { force: true });
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const absent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    throw (absent ? bundleMissing : bundleUnreadable)(folder, reasonOf(error), { cause: error });
  });
  const names = found.filter((name) => !GIT_NAMES.includes(name));
  if (names.length > MAX_FILES)
    throw bundleInvalid(folder, `has ${names.length} files, at most ${MAX_FILES} are allowed`);
  const contents = new Map<string, Uint8Array>();
  for (const name of names.sort()) {
    contents.set(name, await readPlainFile(join(folder, name)));
  }
  return contents;
}

async function readPlainFile(path: string): Promise<Uint8Array> {
  try {
    const info = await lstat(path);
    if (!info.isFile()) throw bundleInvalid(path, 'is not a plain file; a bundle has no folders and no links');
    if (info.size > MAX_FILE_BYTES) {
      throw bundleInvalid(path, `has ${info.size} bytes, at most ${MAX_FILE_BYTES} are allowed`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof EdgewrightError) throw error;
    throw bundleUnreadable(path, reasonOf(error), { cause: error });
  }
}

function reader(folder: string, contents: ReadonlyMap<string, Uint8Array>): Pick<Bundle, 'read' | 'has' | 'json'> {
  const read = (name: string): Uint8Array => {
    const bytes = contents.get(name);
    if (!bytes) throw bundleMissing(folder, `has no ${name}`);
    return bytes;
  };
  return {
    read,
    has: (name) => contents.has(name),
    json: (name) => {
      const text = new TextDecoder().decode(read(name));
      try {
        return JSON.parse(text);
      } catch (error) {
        throw bundleInvalid(join(folder, name), `is not JSON: ${reasonOf(error)}`, { cause: error });
      }
    },
  };
}

/** Throws `registry.bundle-tampered` where the files are not those that the manifest lists. */
function verifyListed(bundle: Bundle): void {
  const list = listOf(bundle);
  if (!list) return;
  const listed = new Map(Object.entries(list));
  const present = new Map(Object.entries(listedFiles(bundle)));
  for (const [name, expected] of listed) {
    const actual = present.get(name);
    const path = join(bundle.folder, name);
    if (!actual) throw bundleTampered(path, 'is listed in the manifest and missing');
    if (actual.sha256 !== expected.sha256) {
      throw bundleTampered(
        path,
        `has SHA-256 ${actual.sha256.slice(0, 12)}…, the manifest lists ${expected.sha256.slice(0, 12)}…`,
      );
    }
  }
  for (const name of present.keys()) {
    if (!listed.has(name)) throw bundleTampered(join(bundle.folder, name), 'is not listed in the manifest');
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
