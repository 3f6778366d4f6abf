import { existsSync, type Stats } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { reasonOf } from '../../common/core/index.ts';
import { modelMissing, modelUnreadable } from './errors.ts';

/** Most models that are found at one path. */
const MAX_MODELS = 10_000;
const EXTENSIONS = new Set(['.onnx', '.ort']);
const HINT = 'Give a regular file: the .onnx or .ort file itself, or one that it was written into.';

/** Model file, and its golden cases. */
export interface ModelFile {
  /** Path of the model. */
  readonly file: string;
  /**
   * Path of its golden cases: `NAME.golden.json` beside it, or `golden.json` beside `model.*`; undefined where there
   * are none.
   */
  readonly golden: string | undefined;
}

/**
 * Finds every .onnx and .ort file at or below a path, in order of name; a path that is a file is taken as a model.
 * Throws `registry.model-missing` and `.model-unreadable`.
 */
export async function findModels(path: string): Promise<ModelFile[]> {
  const info = await stat(path).catch((error: unknown) => {
    throw modelMissing(path, reasonOf(error), { cause: error });
  });
  if (info.isFile()) return [withGolden(path)];
  if (!info.isDirectory()) throw notRegular(path, info);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw modelUnreadable(path, reasonOf(error), { cause: error });
  });
  const files = entries
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw modelMissing(path, 'holds no .onnx or .ort file');
  if (files.length > MAX_MODELS) {
    throw modelMissing(path, `holds ${files.length} models, at most ${MAX_MODELS} are tested at once`);
  }
  return files.map(withGolden);
}

/** Reads a model or its golden cases whole. Throws `registry.model-unreadable` for what is no regular file, too. */
export async function readModelFile(file: string): Promise<Buffer> {
  await requireRegular(file);
  return readFile(file).catch((error: unknown) => {
    throw modelUnreadable(file, reasonOf(error), { cause: error });
  });
}

/**
 * Reads those of the files that a model names which lie beside it as plain files; names that lead into folders or to
 * links are left out. Content by name. Throws `registry.model-unreadable`.
 */
export async function readBeside(file: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const name of names) {
    const path = join(dirname(file), name);
    const plain = name !== '' && basename(name) === name && !name.includes('\0');
    const info = plain ? await lstat(path).catch(() => undefined) : undefined;
    if (info?.isFile()) found.set(name, await readModelFile(path));
  }
  return found;
}

function withGolden(file: string): ModelFile {
  const stem = basename(file, extname(file));
  const named = join(dirname(file), `${stem}.golden.json`);
  const beside = join(dirname(file), 'golden.json');
  if (existsSync(named)) return { file, golden: named };
  return { file, golden: stem === 'model' && existsSync(beside) ? beside : undefined };
}

/**
 * Refuses a file that is not regular without opening it: a FIFO has no end until somebody writes to it, a device may
 * have none.
 */
async function requireRegular(file: string): Promise<void> {
  const info = await stat(file).catch((error: unknown) => {
    throw modelUnreadable(file, reasonOf(error), { cause: error });
  });
  if (!info.isFile()) throw notRegular(file, info);
}

function notRegular(file: string, info: Stats) {
  return modelUnreadable(file, `is a ${kindOf(info)}, not a regular file`, { hint: HINT });
}

function kindOf(info: Stats): string {
  if (info.isFIFO()) return 'FIFO';
  if (info.isSocket()) return 'socket';
  return info.isDirectory() ? 'directory' : 'device';
}
