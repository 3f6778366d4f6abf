import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { EdgewrightError, reasonOf } from '../../common/core/index.ts';
import { bundleDigest, SIGNATURE_FILE } from '../../common/trust/index.ts';
import { bundleInvalid, bundleMissing, bundleTampered, bundleUnreadable } from './errors.ts';

const MAX_FILES = 64;
const MAX_FILE_BYTES = 512 * 1024 ** 2;
export const MANIFEST = 'manifest.json';
const MODELS = ['model.onnx', 'model.ort'];

export const filesSchema = z.record(
  z.string(),
  z.strictObject({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Digest of the file, in hex.'),
    length: z.int().min(0).describe('Size of the file in bytes.'),
  }),
);
export type BundleFiles = z.output<typeof filesSchema>;

/** A bundle folder read whole: what is hashed is what is used. */
export interface Bundle {
  readonly folder: string;
  /** OpenSSF Model Signing root digest, hex. */
  readonly digest: string;
  readonly files: BundleFiles;
  /** Content of a file; an error names it where it is missing. */
  read(name: string): Uint8Array;
  has(name: string): boolean;
  json(name: string): unknown;
}

/** Reads a bundle and checks each file against the manifest's list, where it has one; `listed: false` leaves that out. */
export async function openBundle(folder: string, { listed = true } = {}): Promise<Bundle> {
  const contents = await readFolder(folder);
  const files: BundleFiles = Object.fromEntries(
    [...contents].map(([name, bytes]) => [name, { sha256: sha256(bytes), length: bytes.length }]),
  );
  const digest = bundleDigest(Object.entries(files).map(([name, { sha256 }]) => ({ name, sha256 })));
  const bundle = { folder, digest, files, ...reader(folder, contents) };
  if (listed) verifyListed(bundle);
  return bundle;
}

/** Name of the bundle's model. */
export function modelNameOf(bundle: Bundle): string {
  const name = MODELS.find((model) => bundle.has(model));
  if (name === undefined) throw bundleMissing(bundle.folder, `has neither ${MODELS.join(' nor ')}`);
  return name;
}

/** The list that belongs into the manifest: every file but the manifest itself and the signature. */
export function listedFiles(bundle: Bundle): BundleFiles {
  return Object.fromEntries(
    Object.entries(bundle.files).filter(([name]) => name !== MANIFEST && name !== SIGNATURE_FILE),
  );
}

/** Writes the list of files with their digests into the manifest; returns the bundle as it is then. */
export async function packBundle(bundle: Bundle): Promise<Bundle> {
  const path = join(bundle.folder, MANIFEST);
  const manifest = { ...(bundle.json(MANIFEST) as Record<string, unknown>), files: listedFiles(bundle) };
  await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${path}.part`, path);
  return openBundle(bundle.folder);
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const absent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    throw (absent ? bundleMissing : bundleUnreadable)(folder, reasonOf(error), { cause: error });
  });
  if (names.length > MAX_FILES)
    throw bundleInvalid(folder, `has ${names.length} files, at most ${MAX_FILES} are allowed`);
  const contents = new Map<string, Uint8Array>();
  for (const name of names.sort()) {
    contents.set(name, await readPlainFile(join(folder, name)));
  }
  if (!contents.has(MANIFEST)) throw bundleMissing(folder, `has no ${MANIFEST}`);
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

function verifyListed(bundle: Bundle): void {
  const parsed = z.object({ files: filesSchema }).safeParse(bundle.json(MANIFEST));
  if (!parsed.success) return;
  const listed = new Map(Object.entries(parsed.data.files));
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
