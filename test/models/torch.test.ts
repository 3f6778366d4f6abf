import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

/** Made by make_torch.py. */
const BUNDLE = resolve('test/models/torch');
const WINDOW = 16;
/** What one step of the last quantized tensor is worth in the logit: rounding may fall to either side on another engine. */
const STEP = 0.09;

interface Prediction {
  readonly output: { readonly label: string; readonly probabilities: Readonly<Record<string, number>> };
}

const json = async <T>(file: string) => JSON.parse(await readFile(join(BUNDLE, file), 'utf8')) as T;

const logit = (p: number) => Math.log(p / (1 - p));

describe.each(engines)('a net of PyTorch in int8, replayed on %s', (engine) => {
  it('answers each window as onnxruntime in Python does, and names what PyTorch says', {
    timeout: 120_000,
  }, async () => {
    const folder = await temporaryFolder();
    const rows = await json<Record<string, number>[]>('rows.json');
    const recorded = join(folder, 'rows.jsonl');
    const lines = rows.map((values, n) => JSON.stringify({ asset: 'pump-1', t: n * 1_000, values }));
    await writeFile(recorded, `${lines.join('\n')}\n`);
    const file = join(folder, 'gateway.yaml');
    await writeFile(
      file,
      JSON.stringify({
        ...{ site: 'lab', device: 'gateway', outbox: { path: join(folder, 'outbox') } },
        sources: { rows: { type: 'file', path: recorded } },
        pipelines: { wear: { source: 'rows', model: BUNDLE } },
      }),
    );
    const ended = await cli(['replay', file, '--input', recorded], { env: { EDGEWRIGHT__INFERENCE__ENGINE: engine } });
    expect(ended.stderr).not.toContain('error');
    const predictions = linesOf<Prediction>(ended);
    const answers = await json<{ int8: number[]; float: number[] }>('answers.json');
    expect(predictions).toHaveLength(rows.length - WINDOW + 1);
    for (const [n, { output }] of predictions.entries()) {
      const given = logit(output.probabilities['worn'] ?? Number.NaN);
      expect(Math.abs(given - (answers.int8[n] ?? Number.NaN)), `window ${n}`).toBeLessThanOrEqual(STEP);
      expect(output.label).toBe((answers.float[n] ?? 0) > 0 ? 'worn' : 'sound');
    }
  });
});
