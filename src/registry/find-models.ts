import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { reasonOf } from '../core/index.ts';
import { modelMissing } from './errors.ts';

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
  const names = await readdir(path, { recursive: true });
  const files = names.filter((name) => EXTENSIONS.has(extname(name))).sort();
  if (files.length === 0) throw modelMissing(path, 'holds no .onnx or .ort file');
  if (files.length > MAX_MODELS) throw modelMissing(path, `holds ${files.length} models, at most ${MAX_MODELS} are tested at once`);
  return files.map((name) => withGolden(join(path, name)));
}

function withGolden(file: string): ModelFile {
  const stem = basename(file, extname(file));
  const named = join(dirname(file), `${stem}.golden.json`);
  const beside = join(dirname(file), 'golden.json');
  if (existsSync(named)) return { file, golden: named };
  return { file, golden: stem === 'model' && existsSync(beside) ? beside : undefined };
}
