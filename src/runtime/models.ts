import { EdgewrightError } from '../core/index.ts';
import { type EngineName, type ModelVerdict as EngineVerdict, ModelTester, parseGolden } from '../inference/index.ts';
import { readModel } from '../pipeline/index.ts';
import { type Bundle, findModels, type ModelFile, openBundle, packBundle, readModelFile } from '../registry/index.ts';
import { bundleFailed } from './errors.ts';
import type { Installation } from './package-root.ts';
import { createSystemClock } from './system-clock.ts';

/** What one threaded engine may take of memory while a model is tested, MiB. */
const TEST_MEMORY_MIB = 512;

export interface ModelVerdict extends EngineVerdict {
  readonly file: string;
}

/** Tests every model found at the paths against its golden cases; one model costs its own thread and a bounded time. */
export async function* testModels(
  paths: readonly string[],
  { engine, installation }: { engine: EngineName; installation: Installation },
): AsyncGenerator<ModelVerdict> {
  const tester = createTester(engine, installation);
  for (const path of paths) {
    for (const model of await findModels(path)) yield { file: model.file, ...(await test(tester, model)) };
  }
}

async function test(tester: ModelTester, { file, golden }: ModelFile): Promise<EngineVerdict> {
  try {
    const cases =
      golden === undefined ? {} : { golden: parseGolden((await readModelFile(golden)).toString('utf8'), golden) };
    return await tester.test({ name: file, bytes: await readModelFile(file), ...cases });
  } catch (error) {
    if (!(error instanceof EdgewrightError) || error.code === 'inference.engine-unavailable') throw error;
    return { verdict: 'refused', code: error.code, reason: error.message, hint: error.hint };
  }
}

export interface PackedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly files: Bundle['files'];
}

/** Checks a bundle whole, golden cases included, and writes its digests. */
export async function packModel(folder: string, installation: Installation): Promise<PackedModel> {
  const bundle = await openBundle(folder, { listed: false });
  const model = readModel(bundle);
  const cases = model.golden ? { golden: model.golden } : {};
  const verdict = await createTester('wasm', installation).test({ name: model.file, bytes: model.bytes, ...cases });
  if (verdict.verdict === 'differs' || verdict.verdict === 'refused') {
    throw bundleFailed(
      folder,
      verdict.reason ?? verdict.verdict,
      verdict.hint === undefined ? {} : { hint: verdict.hint },
    );
  }
  const packed = await packBundle(bundle);
  const { name, version } = model.identity;
  return { name, version, digest: packed.digest, files: packed.files };
}

function createTester(engine: EngineName, installation: Installation): ModelTester {
  return new ModelTester({
    engine,
    ...installation.inference,
    memoryMiB: TEST_MEMORY_MIB,
    clock: createSystemClock(0),
  });
}
