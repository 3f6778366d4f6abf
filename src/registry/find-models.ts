import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { reasonOf } from '../core/index.ts';
import { modelMissing, modelUnreadable } from './errors.ts';

const MAX_MODELS = 10_000;
const EXTENSIONS = new Set(['.onnx', '.ort']);

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
export function readModelFile(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw modelUnreadable(file, reasonOf(error), { cause: error });
  });
}

function withGolden(file: string): ModelFile {
  const stem = basename(file, extname(file));
  const named = join(dirname(file), `${stem}.golden.json`);
  const beside = join(dirname(file), 'golden.json');
  if (existsSync(named)) return { file, golden: named };
  return { file, golden: stem === 'model' && existsSync(beside) ? beside : undefined };
}
