import { existsSync, type Stats } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { reasonOf } from '../../common/core/index.ts';
import { modelMissing, modelUnreadable } from './errors.ts';

const MAX_MODELS = 10_000;
const EXTENSIONS = new Set(['.onnx', '.ort']);
const HINT = 'Give a regular file: the .onnx or .ort file itself, or one that it was written into.';

export interface ModelFile {
  readonly file: string;
  /** `golden.json` beside `model.*`, or `NAME.golden.json`; absent where there is none. */
  readonly golden: string | undefined;
}

/** Every model file at or below a path, in order of name. */
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

/** Content of a model or of its golden cases. */
export async function readModelFile(file: string): Promise<Buffer> {
  await requireRegular(file);
  return readFile(file).catch((error: unknown) => {
    throw modelUnreadable(file, reasonOf(error), { cause: error });
  });
}

/** Content of files that a model names, as far as they lie beside it as plain files: no folders, no links. */
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

/** Refuses what is no regular file and does not open it: a FIFO has no end until somebody writes to it, a device may have none. */
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
