import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, readings } from '../integration/support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from '../integration/support/scene.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from './support/program.ts';
import { PYTHON, pythonTakes } from './support/python.ts';

const MOST_LINES = 45;
const DEVICE = 'plant/gateway-1';
const TOPIC = `edgewright/v1/${DEVICE}`;
const [FIRST, SECOND] = ['1'.repeat(32), '2'.repeat(32)];

const hasPaho = pythonTakes('from paho.mqtt.client import CallbackAPIVersion');
const consumers = [
  { file: 'examples/consumer.mjs', command: process.execPath, runs: true, without: 'mosquitto' },
  { file: 'examples/consumer.py', command: PYTHON, runs: hasPaho, without: 'mosquitto, or Python with paho-mqtt 2' },
];

interface Line {
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  readonly record: { readonly seq: number };
}

const event = (seq: number) => ({ type: 'event', t: 1, event: 'start', detail: {}, seq, clock: true });
const loss = (seq: number, boot: string, first: number, last: number) => ({
  ...{ type: 'loss', t: 1, boot, first, last, from: 1, to: 1, cause: 'outbox-full', counts: [], seq, clock: true },
});

function batch(boot: string, records: readonly { seq: number }[]): string {
  const seqs = records.map(({ seq }) => seq);
  const [site, device] = DEVICE.split('/');
  const ends = { first: Math.min(...seqs), last: Math.max(...seqs) };
  return JSON.stringify({ schema: 'edgewright.records/1', site, device, boot, ...ends, records });
}

describe.each(consumers)('$file', ({ file }) => {
  it(`has at most ${MOST_LINES} lines beside comments and blanks`, () => {
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.filter((line) => !/^\s*(\/\/.*|#.*|""".*)?$/.test(line)).length).toBeLessThanOrEqual(MOST_LINES);
  });
});

for (const { file, command, runs, without } of consumers) {
  describe.skipIf(!hasMosquitto || !runs)(`${file} (skipped without ${without})`, () => {
    let scene: Scene;
    let port: number;

    beforeEach(async () => {
      scene = new Scene();
      port = await freePort();
    });
    afterEach(() => scene.close());

    async function follow(url: string, device: string, ...options: string[]): Promise<Program> {
      const program = new Program(command, [file, url, device, ...options]);
      scene.undo(() => program.kill());
      await program.until('the subscription', () => program.stderr.includes(`following ${device}`));
      return program;
    }

    async function stranger(url: string): Promise<MqttClient> {
      const client = await connectAsync(url);
      scene.undo(() => client.endAsync(true));
      return client;
    }

    const linesOf = (program: Program): Line[] => program.stdout.map((line) => JSON.parse(line));
    const namesOf = (program: Program) => linesOf(program).map(({ boot, record }) => [boot, record.seq]);

    it('writes each record once, says which are missing, and goes on after what it cannot read', async () => {
      const { url } = await scene.broker({ port });
      const program = await follow(url, DEVICE);
      const device = await stranger(url);
      const send = (payload: string | Buffer) => device.publishAsync(`${TOPIC}/records`, payload, { qos: 1 });
      const status = (boot: string, seq: number) =>
        device.publishAsync(`${TOPIC}/status`, JSON.stringify({ schema: 'edgewright.status/1', boot, seq }), {
          qos: 1,
        });

      const packed = gzipSync(batch(FIRST, [event(3), event(4), event(5)]));
      await send(packed);
      await send(batch(FIRST, [event(1), event(2)]));
      await send(packed);
      await send(batch(FIRST, [event(6), event(4), event(12)]));
      const broken = ['hello', packed.subarray(0, 40), 'null', '{}', batch(SECOND, [event(1)]).replace('/1"', '/9"')];
      for (const payload of broken) await send(payload);
      await send(batch(SECOND, [event(1)]).replace(/("records":\[.*)\]/, '$1,null]'));
      await send(batch(SECOND, [event(2), loss(1, FIRST, 8, 9)]));
      await send(batch(FIRST, [event(9)]));
      await status(FIRST, 14);
      await status(SECOND, 2);

      const said = (boot: string, missing: RegExp) => () =>
        program.stderr.some((line) => line.includes(boot) && missing.test(line));
      await program.until('what is missing', said(FIRST, /missing \[\[7, ?7\], ?\[10, ?11\], ?\[13, ?14\]\]$/));
      await program.until('that nothing is', said(SECOND, /missing \[\]$/));
      // Lines of stdout may come later than those of stderr that were written after them.
      await program.until('the last record', () => program.stdout.length >= 10);
      expect(namesOf(program)).toEqual([
        ...[3, 4, 5, 1, 2, 6, 12].map((seq) => [FIRST, seq]),
        ...[2, 1].map((seq) => [SECOND, seq]),
        [FIRST, 9],
      ]);
      expect(linesOf(program)[0]).toEqual({ site: 'plant', device: 'gateway-1', boot: FIRST, record: event(3) });
      expect(program.stderr.filter((line) => line.startsWith(`${TOPIC}/records: `)).length).toBe(broken.length + 1);
    }, 60_000);

    it('sends no receipts unless it shall, and then one of each message, also of one that comes again', async () => {
      const { url } = await scene.broker({ port });
      const device = await stranger(url);
      const receipts: unknown[] = [];
      const three = new Promise<void>((resolve) => {
        device.on('message', (_, payload) => {
          if (receipts.push(JSON.parse(payload.toString())) === 3) resolve();
        });
      });
      await device.subscribeAsync(`${TOPIC}/receipt`, { qos: 1 });
      const send = (text: string) => device.publishAsync(`${TOPIC}/records`, text, { qos: 1 });

      const silent = await follow(url, DEVICE);
      // A receipt of the first would have gone before the second was read.
      for (const seq of [1, 4]) await send(batch(FIRST, [event(seq)]));
      await silent.until('the records', () => silent.stdout.length === 2);
      await silent.kill();
      const program = await follow(url, 'plant/+', '--receipts');
      for (const seqs of [[5, 2, 3], [2, 3, 5], [7]]) await send(batch(FIRST, seqs.map(event)));
      await three;
      const both = {
        boot: FIRST,
        ranges: [
          [2, 3],
          [5, 5],
        ],
      };
      expect(receipts).toEqual([both, both, { boot: FIRST, ranges: [[7, 7]] }]);
      // The records were written before their receipts went; the pipe may deliver them later.
      await program.until('the records', () => program.stdout.length === 4);
    }, 60_000);

    it('takes everything from a gateway that waits for receipts, and goes on when the broker was away', async () => {
      const broker = await scene.broker({ port });
      const program = await follow(broker.url, DEVICE, '--receipts');
      const witness = await scene.consumer(broker);
      const input = join(await scene.folder(), 'readings.jsonl');
      await writeFile(input, jsonLines(readings(3, 60)));
      const gateway = await scene.gateway({
        ...{ site: 'plant', device: 'gateway-1' },
        sources: { plant: { type: 'file', path: input, speed: 'max' } },
        pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
        uplink: { url: broker.url, receipts: 'required', receiptTimeout: '1s', linger: '20ms' },
      });
      const { boot } = gateway;
      const { seq } = await gateway.until('nothing waits', ({ outbox, sources }) => {
        return sources[0]?.state === 'ended' && outbox.pending === 0;
      });
      await program.until('all records', () => program.stdout.length >= seq);
      const inOrder = linesOf(program).sort((a, b) => a.record.seq - b.record.seq);
      expect(inOrder.map((line) => [line.boot, line.record.seq])).toEqual(
        Array.from({ length: seq }, (_, index) => [boot, index + 1]),
      );
      expect(inOrder.filter(({ record }) => 'output' in record).map(({ record }) => record)).toEqual(
        witness.records('gateway-1', 'prediction'),
      );
      expect(witness.faults).toEqual([]);
      expect(witness.channels).toContain('receipt');

      await broker.kill();
      program.stderr.length = 0;
      await scene.broker({ port });
      await program.until('the status after it', () => program.stderr.some((line) => line.endsWith('missing []')));
      expect((await gateway.status()).link).toMatchObject({ receipts: { refused: {} } });
    }, 120_000);
  });
}
