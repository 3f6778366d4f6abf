import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, model, node, number, text, value } from '../../onnx/protobuf.ts';

/** Above it a window is an anomaly. */
export const THRESHOLD = 50;
const FEATURES = 2;

/** Answers with the greater of two features. */
function peakModel(): Uint8Array {
  const axes = [...text(1, 'axes'), ...number(20, 7), ...bytes(8, [1])];
  const keep = [...text(1, 'keepdims'), ...number(3, 1), ...number(20, 2)];
  const reduce = [...text(1, 'x'), ...text(2, 'peak'), ...node('ReduceMax', axes, keep)];
  return model([
    ...bytes(1, reduce),
    ...text(2, 'peak'),
    ...bytes(11, value('x', ['N', FEATURES])),
    ...bytes(12, value('peak', ['N', 1])),
  ]);
}

export interface LiveModel {
  readonly name: string;
  /** One, whose greatest value counts, or two. */
  readonly tags: readonly [string] | readonly [string, string];
  readonly window: object;
}

/** Writes a bundle whose score is the greatest value in a window. */
export async function writeModel(folder: string, { name, tags, window }: LiveModel): Promise<void> {
  const features = tags.length === 1 ? ['max', 'min'] : ['max'];
  const names = tags.flatMap((tag) => features.map((feature) => `${tag}.${feature}`));
  const empty = { counts: [0], underflow: 0, overflow: 0, missing: 0, n: 0, mean: 0, m2: 0, min: null, max: null };
  const reference = { edges: [0, 100], distribution: empty };
  const profile = {
    schema: 'edgewright.profile/1',
    rows: 0,
    features: Object.fromEntries(names.map((one) => [one, reference])),
    outputs: { peak: reference },
  };
  const manifest = {
    schema: 'edgewright.manifest/1',
    name,
    version: '1.0.0',
    release: 1,
    description: 'Answers with the greatest value in its window.',
    tags: Object.fromEntries(tags.map((tag) => [tag, { unit: '1' }])),
    window,
    input: { tensor: 'x', statistics: [{ tags, features }] },
    outputs: { peak: { kind: 'score', tensor: 'peak', threshold: THRESHOLD } },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), peakModel());
  await writeFile(join(folder, 'profile.json'), JSON.stringify(profile));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}
