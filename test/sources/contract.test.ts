import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { sourceContract } from './contract.ts';
import { folderOf, hasMosquitto, makeSource } from './support.ts';

const seconds = (count: number) => Array.from({ length: count }, (_, i) => i);

sourceContract('simulator', async () => ({
  create: (deps) => makeSource({ type: 'simulator', assets: 2, speed: 'max', start: '2024-05-01', for: '3s' }, deps),
  count: 2 * 60,
  refused: [],
  ends: true,
  resumes: false,
  grain: 1,
}));

sourceContract('file, csv', async () => {
  const rows = seconds(40).map((i) => `pump-${i % 2},${1714521600 + i},${i / 10},${i}`);
  rows.splice(
    10,
    0,
    'pump-0,soon,1,2',
    'pump-0,1714521600',
    '"pump-0,1714521600,1,2',
    `pump-0,1,${'x'.repeat(5000)},2`,
  );
  const folder = await folderOf({ 'day.csv.gz': `asset,t,flow,speed\n${rows.join('\r\n')}\n\n` });
  const config = {
    type: 'file',
    path: `${folder}/day.csv.gz`,
    asset: '{asset}',
    time: { column: 't', unit: 's' },
    maxLine: '4KB',
    speed: 'max',
  };
  return {
    create: (deps) => makeSource(config, deps),
    count: 40,
    refused: ['bad-time', 'malformed-row', 'malformed-row', 'line-too-long'],
    ends: true,
    resumes: true,
    grain: 1,
  };
});

sourceContract('file, raw signals', async () => {
  const samples = Float32Array.from({ length: 20_000 }, (_, i) => (i === 3000 ? Number.NaN : i));
  const folder = await folderOf({ 'a.f32': new Uint8Array(samples.buffer, 0, 79_998), 'b.f32': new Uint8Array(8) });
  const config = { type: 'file', path: folder, format: 'f32', rate: 12_000, tags: ['vibration'], speed: 'max' };
  return {
    create: (deps) => makeSource(config, deps),
    count: 21,
    refused: ['non-finite', 'truncated-signal'],
    ends: true,
    resumes: true,
    grain: 1,
  };
});

sourceContract('file, a folder of JSON Lines', async () => {
  const line = (i: number) => JSON.stringify({ asset: 'a', t: 1e12 + i, values: { x: i } });
  const pair = (i: number) => JSON.stringify([i, i + 1].map((n) => ({ asset: 'b', t: 1e12 + n, values: { x: n } })));
  const folder = await folderOf({
    '1.jsonl': [...seconds(10).map(line), '{', '{"asset":"a","t":1,"values":{"x":[]}}'].slice(0, 11).join('\n'),
    '2.ndjson.gz': seconds(10)
      .map((i) => pair(2 * i))
      .join('\n'),
    'ignored.pdf': '%PDF',
  });
  return {
    create: (deps) => makeSource({ type: 'file', path: folder, speed: 'max' }, deps),
    count: 30,
    refused: ['malformed-json'],
    ends: true,
    resumes: true,
    grain: 1,
  };
});

sourceContract('file, wide', async () => {
  const folder = await folderOf({
    'slow.txt': ['1\t2', '3\t4', '5', '7\t8'].join('\n'),
    'fast.txt.gz': ['1\t2\t3\t4', '5\t6\t7\t8', '9\t10\t11\t12', '13\t14\t15\t16'].join('\n'),
    'profile.txt': 'not a tag',
  });
  const config = {
    type: 'file',
    path: folder,
    format: 'wide',
    asset: 'rig',
    separator: 'tab',
    tags: ['slow', { tag: 'fast', rate: 4 }],
    time: { period: '1s' },
    speed: 'max',
  };
  return {
    create: (deps) => makeSource(config, deps),
    count: 16,
    refused: ['malformed-row'],
    ends: true,
    resumes: true,
    grain: 1,
  };
});

describe.skipIf(!hasMosquitto)('with a real broker (skipped without mosquitto)', () => {
  let broker: Mosquitto;
  let opened = 0;
  beforeAll(async () => {
    broker = await startMosquitto();
  });
  afterAll(() => broker.stop());

  for (const version of ['5', '3.1.1'] as const) {
    sourceContract(`mqtt ${version}`, async () => {
      opened += 1;
      const run = `run${opened}`;
      const publisher = await mqtt.connectAsync(broker.url, { protocolVersion: version === '5' ? 5 : 4 });
      onTestFinished(() => publisher.endAsync());
      let made = 0;
      return {
        create(deps) {
          made += 1;
          const topic = `${run}/{line}/{asset}`;
          const clientId = `${run}-${made}`;
          return makeSource({ type: 'mqtt', url: broker.url, version, topic, clientId, session: '30s' }, deps);
        },
        async feed() {
          const send = (asset: string, payload: string) =>
            publisher.publishAsync(`${run}/line1/${asset}`, payload, { qos: 1 });
          for (const i of seconds(10)) {
            await send(
              `pump-${i % 2}`,
              JSON.stringify(seconds(3).map((k) => ({ t: 1e12 + 3 * i + k, values: { x: i } }))),
            );
          }
          await send('pump-0', '{');
          await send('pump-0', '{"t":"soon","values":{"x":1}}');
          await send('pump-0', '7');
        },
        count: 30,
        refused: ['malformed-json', 'bad-time', 'unknown-shape'],
        ends: false,
        resumes: false,
        grain: 3,
      };
    });
  }
});
