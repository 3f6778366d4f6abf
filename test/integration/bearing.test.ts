import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { type Answers, answersOf, replay } from './support/answers.ts';
import { hasMosquitto, Scene } from './support/scene.ts';
import { BEARINGS, hasBearings } from './support/shared-data.ts';

const CONFIG = 'device-config/bearing.yaml';
const SHIPPED = 'as shipped, on the recordings that it was trained on';
const RATE = 12_000;
const SPEED = 1797;
const RECORDINGS = ['1797_IR_14_DE12', '1797_B_7_DE12', '1797_OR_at_6_21_DE12'];
const DEADLINE = 60_000;

type Confusion = Readonly<Record<string, Readonly<Record<string, number>>>>;

const card: {
  readonly confusion: readonly { readonly split: string; readonly windows: Confusion }[];
  readonly slices: readonly { readonly where: string; readonly value: number; readonly n: number }[];
} = JSON.parse(readFileSync('models/bearing-envelope/model-card.json', 'utf8'));

/** Windows by recording and label; those without an answer are left out. */
function confusionOf(answers: Answers): Confusion {
  const counted: Record<string, Record<string, number>> = {};
  for (const [asset, all] of Object.entries(answers)) {
    const labels: Record<string, number> = {};
    for (const { output } of all) {
      const label = output && 'label' in output ? output.label : undefined;
      if (label !== undefined) labels[label] = (labels[label] ?? 0) + 1;
    }
    counted[asset] = labels;
  }
  return counted;
}

async function samplesOf(recording: string): Promise<Float32Array> {
  const bytes = await readFile(join(BEARINGS, `${recording}.f32`));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

describe.skipIf(!hasBearings)('recorded bearings (skipped without shared data or model)', () => {
  let scene: Scene;

  beforeEach(() => {
    scene = new Scene();
  });

  afterEach(() => scene.close());

  it(
    'are judged as the model card says, recording by recording, the same bytes each time',
    async () => {
      const first = await replay(CONFIG, BEARINGS);
      const expected = card.confusion.find(({ split }) => split === SHIPPED)?.windows;
      expect(confusionOf(first.answers)).toEqual(expected);
      const { value, n } = card.slices.find(({ where }) => where === SHIPPED) ?? { value: 0, n: 0 };
      const truth = (asset: string) =>
        asset.includes('Normal')
          ? 'normal'
          : asset.includes('_IR_')
            ? 'inner_race'
            : asset.includes('_OR_')
              ? 'outer_race'
              : 'ball';
      const right = Object.entries(expected ?? {}).reduce(
        (sum, [asset, labels]) => sum + (labels[truth(asset)] ?? 0),
        0,
      );
      expect(right / n).toBeCloseTo(value, 4);
      expect(first.summary).toMatchObject({ readings: 1180, rejected: {} });
      expect((await replay(CONFIG, BEARINGS)).stdout === first.stdout).toBe(true);
    },
    DEADLINE,
  );

  it(
    'are judged alike as WAVE of 24 bits, scaled by the configuration',
    async () => {
      const [recording = ''] = RECORDINGS;
      const samples = await samplesOf(recording);
      const file = new wavefile.WaveFile();
      const full = 8;
      file.fromScratch(
        1,
        RATE,
        '24',
        Array.from(samples, (x) => Math.round((x / full) * 2 ** 23)),
      );
      const input = join(await scene.folder(), `${recording}.wav`);
      await writeFile(input, file.toBuffer());
      const wav = {
        'sources.recorded.format': 'wav',
        'assets.motors.match': '*',
        'assets.motors.tags.vibration.scale': full,
      };
      const given = await replay(CONFIG, input, wav);
      const expected = await replay(CONFIG, join(BEARINGS, `${recording}.f32`));
      expect(confusionOf(given.answers)).toEqual(confusionOf(expected.answers));
      expect(given.answers[recording]).toHaveLength(10);
    },
    DEADLINE,
  );

  it.skipIf(!hasMosquitto)(
    'are given the same answers by a gateway that gets their blocks over MQTT as by replay',
    async () => {
      const broker = await scene.broker();
      const consumer = await scene.consumer(broker);
      const gateway = await scene.gateway(CONFIG, {
        'uplink.url': broker.url,
        'outbox.path': join(await scene.folder(), 'data'),
      });
      const plant = await scene.plant(broker);
      const start = Date.UTC(2000, 0, 1);
      const block = RATE / 4;
      for (const recording of RECORDINGS) {
        const samples = await samplesOf(recording);
        for (let at = 0; at < samples.length; at += block) {
          const values = { vibration: Array.from(samples.subarray(at, at + block)), speed: SPEED };
          await plant.send(
            `bearing/${recording}`,
            JSON.stringify({ t: start + (at * 1000) / RATE, rate: RATE, values }),
          );
        }
      }
      // The last window of each is still open: nothing says that it has ended.
      const wanted = RECORDINGS.length * 9;
      const count = () => consumer.count('gateway-bearing', 'prediction');
      await consumer.until(`${wanted} predictions`, () => count() >= wanted, DEADLINE);
      await gateway.until('nothing waits', ({ outbox }) => outbox.pending === 0);
      const given = answersOf(consumer.records('gateway-bearing', 'prediction'));
      const { answers } = await replay(CONFIG, BEARINGS);
      for (const recording of RECORDINGS) expect(given[recording]).toEqual(answers[recording]?.slice(0, 9));
    },
    2 * DEADLINE,
  );

  it.skipIf(!hasMosquitto)(
    'are played on where it was by a gateway that was killed: no window twice, none left out but the open one',
    async () => {
      const broker = await scene.broker();
      const consumer = await scene.consumer(broker);
      const played = {
        'uplink.url': broker.url,
        'outbox.path': join(await scene.folder(), 'data'),
        'pipelines.bearing.source': 'recorded',
        'sources.recorded.use': 'run',
        'sources.recorded.path': BEARINGS,
        'sources.recorded.speed': 40,
      };
      const before = await scene.gateway(CONFIG, played);
      const count = () => consumer.count('gateway-bearing', 'prediction');
      await consumer.until('40 predictions', () => count() >= 40, DEADLINE);
      await before.kill();
      const after = await scene.gateway(CONFIG, { ...played, 'sources.recorded.speed': 'max' });
      await after.until('the end', ({ sources, outbox, seq }) => {
        const ended = sources.some(({ name, state }) => name === 'recorded' && state === 'ended');
        return ended && outbox.pending === 0 && consumer.book('gateway-bearing', after.boot)?.received === seq;
      });
      const { answers: expected } = await replay(CONFIG, BEARINGS);
      const given = answersOf(consumer.records('gateway-bearing', 'prediction'));
      for (const [asset, all] of Object.entries(expected)) {
        const text = all.map((answer) => JSON.stringify(answer));
        const same = (given[asset] ?? []).map((answer) => text.indexOf(JSON.stringify(answer))).filter((at) => at >= 0);
        expect(same, asset).toEqual([...new Set(same)].sort((a, b) => a - b));
        // The one that was open when the gateway was killed.
        expect(all.length - same.length, asset).toBeLessThanOrEqual(1);
      }
    },
    2 * DEADLINE,
  );
});
