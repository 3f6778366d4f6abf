import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayStatus } from '../../src/device/runtime/index.ts';
import type { Consumer } from '../support/consumer.ts';
import { freePort } from '../support/free-port.ts';
import { edgewright, type GatewayProcess, writeConfig } from '../support/gateway.ts';
import { type Answer, type Answers, answersOf, type Replayed, replay } from './support/answers.ts';
import { bundleWith, SCORED } from './support/bundles.ts';
import { jsonLines, type Plant, reading } from './support/plant.ts';
import { hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'assaulted';
const ROUNDS = 75;
/** The round in which each machine sends something that is no number. */
const BAD_ROUND = 35;
const BAD_TIME = reading(0, BAD_ROUND).t;
const YEAR_2099 = Date.UTC(2099, 0, 1);

/** What stands in place of the values of `BAD_ROUND`, as text, with the quality of the windows that hold it. */
const BAD_VALUES = {
  'not-a-number': ['null', 'BadSensorFailure'],
  'not-finite': ['1e999', 'BadSensorFailure'],
  'nan-token': ['NaN', 'BadSensorFailure'],
  'decimal-comma': ['1,5', 'BadSensorFailure'],
  'nan-as-text': ['"NaN"', 'BadDecodingError'],
  'wrong-type': ['[0.5]', 'BadSensorFailure'],
} as const;
const BAD_MACHINES = [...Object.keys(BAD_VALUES), 'missing-tag'];

/** Whole messages that hold no reading at all, with the reason that each is counted under. */
const REFUSED: readonly (readonly [string, string | Buffer, string])[] = [
  ['good', '{', 'malformed-json'],
  ['good', 'oops', 'malformed-json'],
  ['good', Buffer.from([0xff, 0xfe, 0x00]), 'malformed-json'],
  ['good', '42', 'unknown-shape'],
  ['good', '[[1,2]]', 'unknown-shape'],
  ['good', '{"values":{}}', 'unknown-shape'],
  ['good', '{"t":"yesterday","values":{"v0":1}}', 'bad-time'],
  ['good', JSON.stringify({ t: YEAR_2099, values: reading(0, 0).values }), 'future-time'],
  ['good', Buffer.alloc(10e6, 0x20), 'payload-too-large'],
  ['a'.repeat(257), '{"values":{"v0":1}}', 'bad-asset'],
];

describe.skipIf(!hasMosquitto)('bad input over MQTT (skipped without mosquitto)', () => {
  const scene = new Scene();
  let consumer: Consumer;
  let gateway: GatewayProcess;
  let status: GatewayStatus;
  let undisturbed: Replayed;
  let answers: Answers;

  beforeAll(async () => {
    const broker = await scene.broker();
    consumer = await scene.consumer(broker);
    const folder = await scene.folder();
    const model = await bundleWith(folder, 'scored', SCORED);
    const port = await freePort();
    const base = { site: 'plant', device: DEVICE, pipelines: { scores: { source: 'plant', model } } };
    const input = join(folder, 'good.jsonl');
    const good = Array.from({ length: ROUNDS }, (_, round) => ({ ...reading(0, round), asset: 'good' }));
    await writeFile(input, jsonLines(good));
    const recorded = await writeConfig(
      folder,
      { ...base, sources: { plant: { type: 'file', path: input } } },
      'r.yaml',
    );
    const file = await writeConfig(folder, {
      ...base,
      http: { port },
      sources: { plant: { type: 'mqtt', url: broker.url, topic: 'plant/{asset}' } },
      uplink: { url: broker.url },
    });
    [undisturbed, gateway] = await Promise.all([replay(recorded, input), scene.gateway(file, { 'http.port': port })]);
    const wanted = undisturbed.records.length * (BAD_MACHINES.length + 2);
    await disturb(await scene.plant(broker));
    await consumer.until(`${wanted} predictions`, () => consumer.count(DEVICE, 'prediction') >= wanted);
    answers = answersOf(consumer.records(DEVICE, 'prediction'));
    const asked = await edgewright(['status', file, '--json'], { 'http.port': port });
    status = JSON.parse(asked.stdout);
  }, 120_000);

  afterAll(() => scene.close());

  async function disturb(plant: Plant): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { t, values } = reading(0, round);
      await plant.send('plant/good', JSON.stringify({ t, values }));
      const refused = REFUSED[round];
      if (refused) await plant.send(`plant/${refused[0]}`, refused[1]);
      for (const machine of BAD_MACHINES) await plant.send(`plant/${machine}`, payloadOf(machine, round));
      await plant.send('plant/unknown-tag', JSON.stringify({ t, values: { ...values, v99: 1, colour: 'red' } }));
    }
    await plant.settled();
  }

  function payloadOf(machine: string, round: number): string {
    const { t, values } = reading(0, round);
    const text = JSON.stringify({ t, values });
    if (round !== BAD_ROUND) return text;
    const [bad] = BAD_VALUES[machine as keyof typeof BAD_VALUES] ?? [];
    return text.replace(/"v3":[^,]+,/, bad === undefined ? '' : `"v3":${bad},`);
  }

  const holdsBad = ({ from, to }: Answer) => from <= BAD_TIME && BAD_TIME <= to;

  it('is counted by reason, each message and value once', () => {
    const expected: Record<string, number> = { 'wrong-type': 1, 'non-finite': 2, 'malformed-json': 1 };
    for (const [, , reason] of REFUSED) expected[reason] = (expected[reason] ?? 0) + 1;
    expect(status.sources).toMatchObject([{ name: 'plant', state: 'open', rejected: expected }]);
    expect(status.pipelines).toMatchObject([{ name: 'scores', ignoredTags: { v99: ROUNDS, colour: ROUNDS } }]);
  });

  it('leaves the predictions of good readings between as they are', () => {
    expect(answers['good']).toEqual(undisturbed.answers['good']);
    expect(answers['unknown-tag']).toEqual(undisturbed.answers['good']);
    const decisions = new Set(answers['good']?.map(({ decision }) => decision));
    expect(decisions).toEqual(new Set(['normal', 'anomaly']));
  });

  it.each(BAD_MACHINES)('never becomes a decision where it lies in the window (%s)', (machine) => {
    const all = answers[machine] ?? [];
    const touched = all.filter(holdsBad);
    expect(touched).toHaveLength(30);
    const [, code = 'BadDataLost'] = BAD_VALUES[machine as keyof typeof BAD_VALUES] ?? [];
    for (const { decision, output, quality } of touched) {
      expect([decision, output, quality.code]).toEqual(['abstain', null, code]);
      expect(quality.reasons).toEqual([expect.stringMatching(/^v3: /)]);
    }
    const apart = (some: readonly Answer[] | undefined) => some?.filter((answer) => !holdsBad(answer));
    expect(apart(all)).toEqual(apart(undisturbed.answers['good']));
  });

  it('is told in the log, whatever else is told often', () => {
    const messages = gateway.log.split('\n').filter((line) => line.includes('refused: '));
    const reasons = new Set(messages.map((line) => JSON.parse(line).msg.replace('refused: ', '')));
    expect([...reasons].sort()).toEqual(Object.keys(status.sources[0]?.rejected ?? {}).sort());
  });
});
