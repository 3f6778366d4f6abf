import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

const BUNDLE = resolve('test/integration/fixtures/keywords');
const FRAMES = 49;
const COEFFICIENTS = 10;
/** As the golden cases have no tolerance of their own. */
const DIGITS = 4;

interface Golden {
  readonly cases: readonly { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }[];
}

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Prediction {
  readonly output: { readonly label: string; readonly probabilities: Readonly<Record<string, number>> };
}

/** The case's rows as readings, one a frame, each coefficient a tag. */
function recording({ shape, data }: Tensor): string {
  const frames = (shape[0] ?? 0) * FRAMES;
  return Array.from({ length: frames }, (_, frame) => {
    const row = data.slice(frame * COEFFICIENTS, (frame + 1) * COEFFICIENTS);
    const values = Object.fromEntries(row.map((value, index) => [`mfcc${index}`, value]));
    return `${JSON.stringify({ asset: 'microphone', t: frame * 20, values })}\n`;
  }).join('');
}

describe.each(engines)('a depthwise-separable int8 net over a block of frames, on %s', (engine) => {
  it('answers in a replay what ONNX Runtime answered to its maker', async () => {
    const golden = JSON.parse(await readFile(join(BUNDLE, 'golden.json'), 'utf8')) as Golden;
    const [{ inputs, outputs } = { inputs: [], outputs: [] }] = golden.cases;
    const [[input], [expected]] = [inputs, outputs];
    if (input === undefined || expected === undefined) throw new Error('the golden case has no tensors');
    const folder = await temporaryFolder();
    const recorded = join(folder, 'frames.jsonl');
    await writeFile(recorded, recording(input));
    const config = {
      site: 'lab',
      device: 'gateway',
      sources: { microphone: { type: 'file', path: recorded } },
      pipelines: { words: { source: 'microphone', model: BUNDLE } },
      uplink: { url: 'mqtt://127.0.0.1:1883' },
      outbox: { path: join(folder, 'outbox') },
    };
    const file = join(folder, 'gateway.yaml');
    await writeFile(file, JSON.stringify(config));
    const replayed = await cli(['replay', file, '--input', recorded], {
      env: { EDGEWRIGHT__INFERENCE__ENGINE: engine },
    });
    expect(replayed.stderr).not.toContain('error');
    const answers = linesOf<Prediction>(replayed).map(({ output }) => Object.values(output.probabilities));
    const rows = Array.from({ length: 3 }, (_, row) => expected.data.slice(row * 4, (row + 1) * 4));
    expect(answers).toHaveLength(rows.length);
    for (const [row, answer] of answers.entries()) {
      for (const [column, value] of answer.entries())
        expect(value).toBeCloseTo(rows[row]?.[column] ?? Number.NaN, DIGITS);
    }
  });
});
