import { existsSync, readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { silentLogger } from '../../../src/common/observability/index.ts';
import {
  BUILD_TIME,
  createSystemClock,
  findInstallation,
  type Installation,
} from '../../../src/device/runtime/index.ts';
import { type PackedModel, packModel } from '../../../src/tools/modeltools/index.ts';
import { temporaryFolder } from '../../cli/support/cli.ts';

/** Bundles that `make_fixtures.py` made, with the answers that Python gave. */
const FOLDER = resolve('test/models/python');

export interface Fixture {
  readonly folder: string;
  readonly manifest: Record<string, unknown> & { readonly outputs: Readonly<Record<string, Record<string, unknown>>> };
  readonly tags: readonly string[];
  readonly rows: readonly (readonly number[])[];
  /** What onnxruntime in Python answered for the rows, by output. */
  readonly outputs: Readonly<Record<string, readonly unknown[]>>;
  /** What the library that made the model says of them itself. */
  readonly python: {
    readonly label: readonly string[];
    readonly classes?: readonly string[];
    readonly probabilities?: readonly (readonly number[])[];
  };
}

export function fixture(name: string): Fixture {
  const folder = join(FOLDER, name);
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return { folder, manifest: read('manifest.json'), ...read('rows.json'), ...read('answers.json') };
}

export function modelOf(name: string): Uint8Array {
  const [onnx, ort] = ['model.onnx', 'model.ort'].map((file) => join(FOLDER, name, file));
  return readFileSync(existsSync(onnx ?? '') ? (onnx ?? '') : (ort ?? ''));
}

/** A copy of a fixture's bundle; `target` replaces what its manifest says of its output, `files` are added. */
export async function bundleOf(
  name: string,
  target?: object,
  files: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { folder, manifest } = fixture(name);
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  const outputs = target ? { state: target } : manifest.outputs;
  const all = { 'manifest.json': { ...manifest, outputs }, ...files };
  for (const [file, content] of Object.entries(all)) await writeFile(join(copy, file), JSON.stringify(content));
  return copy;
}

/** Packs a bundle in this process, as `edgewright model pack` does. */
export function pack(folder: string, installation: Installation = findInstallation()): Promise<PackedModel> {
  return packModel(folder, { installation, logger: silentLogger, clock: createSystemClock(BUILD_TIME) });
}

/** The error of a promise that has to fail. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; hint: string; path: string }> {
  return work.then(
    () => {
      throw new Error('it was not refused');
    },
    (error) => error,
  );
}
