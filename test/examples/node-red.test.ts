import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import vm from 'node:vm';
import zlib from 'node:zlib';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, readings } from '../integration/support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from '../integration/support/scene.ts';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly broker?: string;
  readonly topic?: string;
  readonly datatype?: string;
  readonly func?: string;
  readonly outputs?: number;
  readonly libs?: readonly { readonly var: string; readonly module: string }[];
  readonly wires?: readonly (readonly string[])[];
}

interface Message {
  readonly topic: string;
  readonly payload: unknown;
}

const flow: readonly FlowNode[] = JSON.parse(readFileSync('examples/node-red/flow.json', 'utf8'));
const byId = new Map(flow.map((node) => [node.id, node]));
const ofType = (type: string) => flow.filter((node) => node.type === type);
const named = (name: string) => {
  const found = flow.find((node) => node.name === name);
  if (found === undefined) throw new Error(`the flow has no node ${name}`);
  return found;
};

/** A function node as Node-RED runs it: its code as the body of a function, with what it was promised beside it. */
class FunctionNode {
  readonly warnings: string[] = [];
  readonly #script: vm.Script;
  readonly #context: vm.Context;

  constructor({ func = '', libs = [] }: FlowNode) {
    const kept = new Map<string, unknown>();
    const modules: Readonly<Record<string, unknown>> = { zlib };
    this.#script = new vm.Script(`(function (msg) {${func}\n})(msg)`);
    this.#context = vm.createContext({
      Buffer,
      node: { warn: (text: string) => this.warnings.push(text) },
      context: { get: (key: string) => kept.get(key), set: (key: string, value: unknown) => kept.set(key, value) },
      ...Object.fromEntries(libs.map((lib) => [lib.var, modules[lib.module]])),
    });
  }

  run(msg: Message): unknown {
    // Values of another realm are equal to none of this one.
    return JSON.parse(JSON.stringify(this.#script.runInContext(Object.assign(this.#context, { msg })) ?? null));
  }
}

/** What goes into the two debug nodes. */
class Flow {
  readonly records: unknown[] = [];
  readonly missing: unknown[] = [];
  readonly #unpack = new FunctionNode(named('unpack'));
  readonly #once = new FunctionNode(named('each record once'));

  get warnings(): readonly string[] {
    return [...this.#unpack.warnings, ...this.#once.warnings];
  }

  take(topic: string, payload: Buffer): void {
    const unpacked = this.#unpack.run({ topic, payload }) as Message | null;
    if (unpacked === null) return;
    const [records, missing] = this.#once.run(unpacked) as [Message[], Message | null];
    this.records.push(...records.map((message) => message.payload));
    if (missing !== null) this.missing.push(missing.payload);
  }
}

const topic = (channel: string) => `edgewright/v1/plant/gateway-1/${channel}`;
const batch = (boot: string, records: readonly object[]) =>
  Buffer.from(JSON.stringify({ schema: 'edgewright.records/1', boot, records }));
const status = (boot: string, seq: number) => Buffer.from(JSON.stringify({ schema: 'edgewright.status/1', boot, seq }));

describe('the wiring of flow.json', () => {
  it('names nodes that are there, in the same tab, as many outputs as a node has', () => {
    const wired = flow.filter(({ wires }) => wires !== undefined);
    expect(wired.length).toBeGreaterThan(5);
    for (const { id, z, wires = [], outputs } of wired) {
      if (outputs !== undefined) expect({ id, outputs: wires.length }).toEqual({ id, outputs });
      for (const target of wires.flat()) expect({ id, z: byId.get(target)?.z }).toEqual({ id, z });
      expect(byId.get(z ?? '')?.type).toBe('tab');
    }
    expect(byId.size).toBe(flow.length);
  });

  it('leads from both topics, as buffers, through both functions into the debug list', () => {
    const inputs = ofType('mqtt in');
    expect(inputs.map(({ topic }) => topic)).toEqual(['edgewright/v1/+/+/records', 'edgewright/v1/+/+/status']);
    for (const { datatype, broker = '', wires } of inputs) {
      expect([datatype, byId.get(broker)?.type, wires]).toEqual(['buffer', 'mqtt-broker', [[named('unpack').id]]]);
    }
    expect(named('unpack').wires).toEqual([[named('each record once').id]]);
    const debug = ofType('debug');
    expect(named('each record once').wires).toEqual(debug.map(({ id }) => [id]));
    expect(debug.length).toBe(2);
  });

  it('keeps ranges by the same code as consumer.mjs', () => {
    const consumer = readFileSync('examples/consumer.mjs', 'utf8');
    const ranges = consumer.slice(consumer.indexOf('// Adds to ranges'), consumer.indexOf('\nconst client'));
    expect(ranges.split('\n').length).toBeGreaterThan(10);
    expect(named('each record once').func).toContain(ranges);
  });
});

describe('the functions of flow.json', () => {
  it('give each record once, and tell what is missing', () => {
    const flow = new Flow();
    for (const seqs of [[2, 3], [1], [2, 3], [6]]) {
      flow.take(
        topic('records'),
        batch(
          'a',
          seqs.map((seq) => ({ seq })),
        ),
      );
    }
    flow.take(topic('records'), batch('b', [{ seq: 1, type: 'loss', boot: 'a', first: 4, last: 4 }]));
    flow.take(topic('status'), status('a', 7));
    flow.take(topic('status'), status('b', 1));
    const record = (boot: string, rest: object) => ({ site: 'plant', device: 'gateway-1', boot, record: rest });
    expect(flow.records.slice(0, 4)).toEqual([2, 3, 1, 6].map((seq) => record('a', { seq })));
    expect(flow.records.length).toBe(5);
    const of = { site: 'plant', device: 'gateway-1' };
    expect(flow.missing).toEqual([
      {
        ...of,
        boot: 'a',
        missing: [
          [5, 5],
          [7, 7],
        ],
      },
      { ...of, boot: 'b', missing: [] },
    ]);
  });

  it('warn of what they cannot read, and go on', () => {
    const flow = new Flow();
    const broken = ['hello', zlib.gzipSync('{}').subarray(0, 12), 'null', '{}', batch('a', [{ type: 'event' }])];
    for (const payload of broken) flow.take(topic('records'), Buffer.from(payload));
    expect([flow.warnings.length, flow.records.length]).toEqual([broken.length, 0]);
    flow.take(topic('records'), batch('a', [{ seq: 1 }]));
    expect(flow.records.length).toBe(1);
  });
});

describe.skipIf(!hasMosquitto)(
  'the functions of flow.json, on what a gateway sends (skipped without mosquitto)',
  () => {
    let scene: Scene;
    beforeEach(() => {
      scene = new Scene();
    });
    afterEach(() => scene.close());

    it('give the records that a consumer of the protocol finds', async () => {
      const broker = await scene.broker();
      const consumer = await scene.consumer(broker);
      const client = await connectAsync(broker.url);
      scene.undo(() => client.endAsync(true));
      const flow = new Flow();
      const zipped: boolean[] = [];
      const last = 'edgewright/v1/plant/another/status';
      const all = new Promise<void>((resolve) => {
        client.on('message', (topic, payload) => {
          zipped.push(payload[0] === 0x1f);
          flow.take(topic, payload);
          if (topic === last) resolve();
        });
      });
      await client.subscribeAsync(
        ofType('mqtt in').map(({ topic = '' }) => topic),
        { qos: 1 },
      );
      const input = join(await scene.folder(), 'readings.jsonl');
      await writeFile(input, jsonLines(readings(3, 60)));
      const gateway = await scene.gateway({
        ...{ site: 'plant', device: 'gateway-1' },
        sources: { plant: { type: 'file', path: input, speed: 'max' } },
        pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
        uplink: { url: broker.url },
      });
      await gateway.until(
        'nothing waits',
        ({ outbox, sources }) => sources[0]?.state === 'ended' && outbox.pending === 0,
      );
      await gateway.terminate();
      await consumer.until('its end', ({ statuses }) => statuses.at(-1)?.online === false);
      await client.publishAsync(last, status('b', 0), { qos: 1 });
      await all;

      const records = consumer.deliveries.map(({ device, boot, record }) => ({ site: 'plant', device, boot, record }));
      expect(flow.records).toEqual(JSON.parse(JSON.stringify(records)));
      expect(zipped).toContain(true);
      expect(flow.warnings).toEqual([]);
      expect(flow.missing.at(-2)).toMatchObject({
        boot: gateway.boot,
        missing: consumer.books('gateway-1')[0]?.missing,
      });
    }, 60_000);
  },
);
