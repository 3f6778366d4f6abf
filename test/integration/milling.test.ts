import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmRecord, PredictionRecord } from '../../src/common/core/index.ts';
import type { Reply } from '../../src/common/protocol/index.ts';
import contributions from './fixtures/milling-contributions.json' with { type: 'json' };
import { replay } from './support/answers.ts';
import { hasMosquitto, Scene } from './support/scene.ts';
import { AI4I, hasMilling } from './support/shared-data.ts';

const CONFIG = 'device-config/milling.yaml';
const ORIGIN = Date.UTC(2000, 0, 1);
const MINUTE = 60_000;
/** Rows that go over a broker, and what they take at most. */
const SENT = 300;
const DEADLINE = 60_000;
const TAGS = [
  'Type',
  'Air temperature [K]',
  'Process temperature [K]',
  'Rotational speed [rpm]',
  'Torque [Nm]',
  'Tool wear [min]',
];

const text = () => readFileSync(AI4I, 'utf8');
const rows = (): Record<string, string>[] => parse(text(), { bom: true, columns: true });

/** Of a model's card: what stopping by it gives on the rows of the recording, all of which it was trained on. */
function countsOfCard(model: string): unknown {
  return JSON.parse(readFileSync(`models/${model}/model-card.json`, 'utf8')).decision.onTrainingRows;
}

function countsOf(records: readonly PredictionRecord[], failed: readonly boolean[]): unknown {
  const stopped = records.map(({ output }) => output !== null && 'action' in output && output.action === 'stop');
  const missed = failed.filter((fails, row) => fails && !stopped[row]).length;
  const falseAlarms = failed.filter((fails, row) => !fails && stopped[row]).length;
  const cost = 50 * missed + falseAlarms;
  return { rows: records.length, stopped: stopped.filter(Boolean).length, missed, falseAlarms, cost };
}

/** The answer to a command, as whoever stands at the broker gets it. */
async function asked(url: string, command: object): Promise<Reply> {
  const client = await connectAsync(url);
  try {
    const device = 'edgewright/v1/plant/gateway-milling';
    await client.subscribeAsync(`${device}/reply`, { qos: 1 });
    const reply = new Promise<Reply>((resolve) => {
      client.once('message', (_topic, payload) => resolve(JSON.parse(payload.toString())));
    });
    await client.publishAsync(`${device}/command`, JSON.stringify({ id: randomUUID(), ...command }), { qos: 1 });
    return await reply;
  } finally {
    await client.endAsync(true);
  }
}

const alarmsOf = (records: readonly object[]) =>
  records.filter((record): record is AlarmRecord => 'type' in record && record.type === 'alarm');

describe.skipIf(!hasMilling)('a milling machine (skipped without shared data or model)', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.close());

  it('is stopped as often, and at the cost, that both cards say, one by one or in batches', async () => {
    const [together, alone] = await Promise.all([
      replay(CONFIG, AI4I, {}, ['--alarms']),
      replay(CONFIG, AI4I, { 'inference.batch.size': 1 }, ['--alarms']),
    ]);
    expect(together.stdout === alone.stdout).toBe(true);
    const failed = rows().map((row) => row['Machine failure'] === '1');
    for (const [pipeline, model] of [
      ['failure', 'machine-failure'],
      ['failure_mlp', 'machine-failure-mlp'],
    ] as const) {
      const records = together.records.filter((record) => record.type === 'prediction' && record.pipeline === pipeline);
      expect(countsOf(records, failed), model).toEqual(countsOfCard(model));
    }
  }, 120_000);

  it('is told which sensors an alarm is about as an independent computation tells it', async () => {
    const input = join(await scene.folder(), 'ai4i.csv');
    await writeFile(
      input,
      text()
        .split('\n')
        .slice(0, 2 + (contributions.at(-1)?.row ?? 0))
        .join('\n'),
    );
    const { records } = await replay(CONFIG, input, {}, ['--alarms']);
    const raised = alarmsOf(records).filter(({ state }) => state === 'raised');
    expect(raised.map(({ t }) => (t - ORIGIN) / MINUTE)).toEqual(contributions.map(({ row }) => row));
    for (const [index, alarm] of raised.entries()) {
      const expected: Readonly<Record<string, number>> = contributions[index]?.contributions ?? {};
      expect(alarm.contributions).toHaveLength(6);
      for (const { sensor, contribution } of alarm.contributions ?? [])
        expect(contribution, sensor).toBeCloseTo(expected[sensor] ?? Number.NaN, 5);
      const sum = alarm.contributions?.reduce((total, { contribution }) => total + contribution, 0) ?? 0;
      const { value = 0, reference = 0 } = alarm.explained ?? {};
      expect(sum).toBeCloseTo(value - reference, 12);
      expect(value).toBeCloseTo(contributions[index]?.value ?? Number.NaN, 5);
    }
  });

  it.skipIf(!hasMosquitto)(
    'is given the same answers and alarms over a broker as by replay',
    async () => {
      const broker = await scene.broker();
      const consumer = await scene.consumer(broker);
      const input = join(await scene.folder(), 'ai4i.csv');
      await writeFile(
        input,
        text()
          .split('\n')
          .slice(0, SENT + 1)
          .join('\n'),
      );
      const expected = await replay(CONFIG, input, {}, ['--alarms']);
      await scene.gateway(CONFIG, {
        'uplink.url': broker.url,
        'outbox.path': join(await scene.folder(), 'data'),
      });
      const readings = rows()
        .slice(0, SENT)
        .map((row, index) => ({
          t: ORIGIN + index * MINUTE,
          values: Object.fromEntries(TAGS.map((tag) => [tag, tag === 'Type' ? row[tag] : Number(row[tag])])),
        }));
      const plant = await scene.plant(broker);
      await plant.send('milling/mill', JSON.stringify(readings));
      await plant.settled();
      const alarms = alarmsOf(expected.records);
      const device = 'gateway-milling';
      await consumer.until(
        'all answers and alarms',
        () => consumer.count(device, 'prediction') >= 2 * SENT && consumer.count(device, 'alarm') >= alarms.length,
        DEADLINE,
      );
      const bare = ({ t, state, contributions: given, explained }: AlarmRecord) => ({ t, state, given, explained });
      expect(consumer.records(device, 'alarm').map(bare)).toEqual(alarms.map(bare));
      const decisions = (records: readonly PredictionRecord[]) =>
        records
          .filter(({ pipeline }) => pipeline === 'failure')
          .map(({ t, output, decision }) => ({ t, output, decision }));
      const predicted = expected.records.filter(({ type }) => type === 'prediction');
      expect(decisions(consumer.records(device, 'prediction'))).toEqual(decisions(predicted));
      const { explanation } = await asked(broker.url, { command: 'explain', pipeline: 'failure', asset: 'mill' });
      expect(explanation).toMatchObject({ to: ORIGIN + (SENT - 1) * MINUTE, explained: { method: 'shapley' } });
      const last = predicted.findLast(({ pipeline }) => pipeline === 'failure')?.output;
      expect(last).toMatchObject({ probabilities: { failure: explanation?.explained.value } });
      expect(await asked(broker.url, { command: 'explain', pipeline: 'failure', asset: 'lathe' })).toMatchObject({
        ok: false,
        reason: 'failure has no answer about lathe since the gateway started',
      });
    },
    120_000,
  );
});
