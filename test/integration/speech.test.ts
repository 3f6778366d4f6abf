import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

const MODELS = resolve('../shared/models/rnn');
const MODEL = join(MODELS, 'silero_vad_16k_op15.onnx');
const FIXTURE = resolve('test/integration/fixtures/speech.json');
const RATE = 16_000;
const SECONDS = 2;
const WINDOW = 512;

/** The state's batch is its second axis, and the sampling rate a whole number that never changes. */
const MANIFEST = {
  schema: 'edgewright.manifest/1',
  name: 'speech',
  version: '1.0.0',
  release: 1,
  description: 'Whether somebody speaks.',
  tags: { sound: { unit: '1' } },
  window: { count: WINDOW, every: WINDOW },
  input: {
    tensors: { input: { layout: 'CT', tags: ['sound'], shape: [WINDOW] } },
    constants: { sr: { datatype: 'INT64', shape: [], data: [RATE] } },
  },
  state: { tensors: { state: { output: 'stateN', shape: [2, -1, 128], initial: 0 } }, maxGap: '1s' },
  outputs: { speech: { kind: 'score', tensor: 'output', threshold: 0.5 } },
  files: {},
};

/** As make_speech.py makes it: two vowels that take turns. */
function sound(): Float32Array {
  return Float32Array.from({ length: RATE * SECONDS }, (_, i) => {
    const t = i / RATE;
    const turn = Math.sin(2 * Math.PI * 2 * t) > 0;
    const vowel = turn ? [700, 1200, 2500] : [300, 2300, 3000];
    return 0.3 * voiced(t, vowel) * (0.5 + 0.5 * Math.sin(2 * Math.PI * 5 * t));
  });
}

function voiced(t: number, formants: readonly number[]): number {
  const sway = 2 * Math.PI * 120 * t + 3 * Math.sin(2 * Math.PI * 4 * t);
  let sum = 0;
  for (let k = 1; k < 30; k += 1) {
    const loud = formants.reduce((all, formant) => all + Math.exp(-(((120 * k - formant) / 120) ** 2)), 0);
    sum += loud * Math.sin(k * sway);
  }
  return sum;
}

describe.skipIf(!existsSync(MODEL)).each(engines)(
  'a recurrent net of others on %s (skipped without shared models)',
  (engine) => {
    it('is given its own state from window to window, and says what it says when that is done by hand', async () => {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'bundle'));
      await copyFile(MODEL, join(folder, 'bundle/model.onnx'));
      await copyFile(MODEL.replace('.onnx', '.golden.json'), join(folder, 'bundle/golden.json'));
      await writeFile(join(folder, 'bundle/manifest.json'), JSON.stringify(MANIFEST));
      await writeFile(join(folder, 'sound.f32'), Buffer.from(sound().buffer));
      const config = {
        ...{ site: 'hall', device: 'ear', outbox: { path: 'data' }, inference: { engine } },
        sources: { microphone: { type: 'file', path: 'sound.f32', format: 'f32', rate: RATE, tags: ['sound'] } },
        pipelines: { speech: { source: 'microphone', model: 'bundle' } },
      };
      await writeFile(join(folder, 'gateway.yaml'), JSON.stringify(config));
      expect(await cli(['model', 'pack', join(folder, 'bundle')])).toMatchObject({ status: 0 });
      const ended = await cli(['replay', join(folder, 'gateway.yaml'), '--input', join(folder, 'sound.f32')]);
      const said = linesOf<{ output: { score: number } | null }>(ended).map(
        ({ output }) => output?.score ?? Number.NaN,
      );
      const { scores }: { scores: number[] } = JSON.parse(await readFile(FIXTURE, 'utf8'));
      expect(said).toHaveLength(scores.length);
      for (const [window, score] of scores.entries()) expect(said[window]).toBeCloseTo(score, 5);
    });
  },
);
