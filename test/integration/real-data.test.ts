import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from '../support/consumer.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { WHOLE } from '../support/whole.ts';
import { answersOf, expectAnswers, type Replayed, replay } from './support/answers.ts';
import { hasMosquitto, Scene } from './support/scene.ts';
import {
  HYDRAULIC,
  hasHydraulic,
  hasTurbofans,
  hydraulicCycles,
  hydraulicLabels,
  turbofans,
} from './support/shared-data.ts';

const ENGINES = WHOLE ? 100 : 8;
const CYCLES = WHOLE ? 1_689 : 90;
const DEADLINE = WHOLE ? 600_000 : 120_000;
const CARD = 'models/hydraulic-condition/model-card.json';
const BATCHES = [32, 1] as const;

interface MetricOfCard {
  readonly name: string;
  readonly target?: string;
  readonly split: string;
  readonly interval: readonly [number, number];
}

let scene: Scene;
let broker: Mosquitto;
let consumer: Consumer;

beforeEach(async () => {
  scene = new Scene();
  if (!hasMosquitto) return;
  broker = await scene.broker();
  consumer = await scene.consumer(broker);
});

afterEach(() => scene.close());

const deviceOf = (batch: number) => `batch-${batch}`;

/** A shipped configuration in a folder of its own, with nothing else changed than where things are. */
async function startShipped(file: string, batch: number, more: Record<string, string | number> = {}) {
  return scene.gateway(file, {
    device: deviceOf(batch),
    'inference.batch.size': batch,
    'uplink.url': broker.url,
    'outbox.path': join(await scene.folder(), 'data'),
    ...more,
  });
}

async function expectSameAnswers(expected: Replayed, gateways: readonly GatewayProcess[]): Promise<void> {
  for (const [index, batch] of BATCHES.entries()) {
    const wanted = expected.records.length;
    await consumer.until(
      `${wanted} predictions`,
      () => consumer.count(deviceOf(batch), 'prediction') >= wanted,
      DEADLINE,
    );
    expectAnswers(answersOf(consumer.records(deviceOf(batch), 'prediction')), expected.answers);
    await gateways[index]?.until('nothing waits', ({ outbox }) => outbox.pending === 0);
    expect(consumer.books(deviceOf(batch))).toMatchObject([{ missing: [], lost: 0 }]);
  }
}

async function expectSameBytes(expected: Replayed, config: string, input: string): Promise<void> {
  expect((await replay(config, input)).stdout === expected.stdout).toBe(true);
  expect((await replay(config, input, { 'inference.batch.size': 1 })).stdout === expected.stdout).toBe(true);
}

describe.skipIf(!hasTurbofans)(`${ENGINES} turbofans (skipped without shared data or model)`, () => {
  const config = 'device-config/turbofan.yaml';

  it.skipIf(!hasMosquitto)(
    'are given the same predictions over MQTT, one by one or together, as by replay',
    async () => {
      const { text, flights } = await turbofans(ENGINES);
      const input = join(await scene.folder(), 'fleet.txt');
      await writeFile(input, text);
      const [expected, ...gateways] = await Promise.all([
        replay(config, input),
        ...BATCHES.map((batch) => startShipped(config, batch)),
      ]);
      const plant = await scene.plant(broker);
      for (const { asset, readings } of flights) await plant.send(`fleet/${asset}`, JSON.stringify(readings));
      await plant.settled();
      await expectSameAnswers(expected, gateways);
      expect(Object.keys(expected.answers)).toHaveLength(ENGINES);
      await expectSameBytes(expected, config, input);
    },
    2 * DEADLINE,
  );
});

describe.skipIf(!hasHydraulic)('cycles of the hydraulic rig (skipped without shared data or model)', () => {
  const config = 'device-config/hydraulic.yaml';

  it.skipIf(!hasMosquitto)(
    `are given the same predictions by a gateway that plays them as by replay (${CYCLES} cycles)`,
    async () => {
      const input = join(await scene.folder(), 'rig');
      await hydraulicCycles(input, CYCLES);
      const [expected, ...gateways] = await Promise.all([
        replay(config, input),
        ...BATCHES.map((batch) =>
          startShipped(config, batch, { 'sources.rig.path': input, 'sources.rig.speed': 6_000 }),
        ),
      ]);
      expect(expected.answers['rig']).toHaveLength(CYCLES);
      await expectSameAnswers(expected, gateways);
      await expectSameBytes(expected, config, input);
    },
    2 * DEADLINE,
  );

  it(
    'are judged, all of them, as often right as the model card says',
    async () => {
      const [labels, { answers }] = await Promise.all([hydraulicLabels(), replay(config, HYDRAULIC)]);
      const { metrics }: { metrics: MetricOfCard[] } = JSON.parse(readFileSync(CARD, 'utf8'));
      expect(answers['rig']).toHaveLength(labels.length);
      for (const [column, target] of ['cooler', 'valve', 'pump'].entries()) {
        const right = answers['rig']?.filter(({ output }, cycle) => {
          const answer = output && 'outputs' in output ? output.outputs[target] : undefined;
          return answer && 'label' in answer && answer.label === labels[cycle]?.[column];
        });
        const metric = metrics.find((one) => one.target === target && one.split === 'unseen combinations');
        expect((right?.length ?? 0) / labels.length, target).toBeGreaterThanOrEqual(metric?.interval[0] ?? 1);
      }
    },
    DEADLINE,
  );
});
