import { connectAsync, type MqttClient } from 'mqtt';
import { decodeBatch } from '../../src/common/protocol/index.ts';

/** The plant and its consumer, in a process of their own: publishes readings, counts what comes back. */
export interface PlantOptions {
  readonly url: string;
  readonly assets: number;
  readonly tags: number;
  /** Readings in a message. */
  readonly perMessage: number;
  /** Messages on their way without acknowledgement. */
  readonly inFlight: number;
}

export interface PlantRun {
  readonly seconds: number;
  readonly predictions: number;
  /** From the publishing of a reading to its prediction at the consumer, ms, in no order. */
  readonly latencies: readonly number[];
  /** From the closing of the window to its decision on the device, ms. */
  readonly decisions: readonly number[];
}

/** Rounds of readings that are sent without end: so many are remembered. */
const KEPT_ROUNDS = 10_000;
const FIRST_TIME = Date.UTC(2026, 0, 1);

export class Plant {
  readonly #options: PlantOptions;
  readonly #client: MqttClient;
  /** Publishing time, by the reading's number in time. */
  readonly #publishedAt = new Map<number, number>();
  readonly #latencies: number[] = [];
  readonly #decisions: number[] = [];
  #round = 0;
  #predictions = 0;
  #onPrediction: () => void = () => {};

  private constructor(options: PlantOptions, client: MqttClient) {
    this.#options = options;
    this.#client = client;
    client.on('message', (_, payload) => this.#received(payload));
  }

  static async open(options: PlantOptions): Promise<Plant> {
    const client = await connectAsync(options.url, { protocolVersion: 5, properties: { receiveMaximum: 1000 } });
    await client.subscribeAsync('edgewright/v1/bench/gateway/records', { qos: 1 });
    return new Plant(options, client);
  }

  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  get predictions(): number {
    return this.#predictions;
  }

  /** Publishes `rounds` readings of every asset, `perSecond` in all or as fast as they are taken; resolves when all predictions are back. */
  async run(rounds: number, expected: number, perSecond?: number): Promise<PlantRun> {
    const before = this.#predictions;
    this.#latencies.length = 0;
    this.#decisions.length = 0;
    const began = performance.now();
    await this.#publish(rounds, perSecond);
    await this.received(before + expected);
    const seconds = (performance.now() - began) / 1000;
    return {
      seconds,
      predictions: this.#predictions - before,
      latencies: [...this.#latencies],
      decisions: [...this.#decisions],
    };
  }

  /** As `run`, without waiting for what comes back. */
  async send(rounds: number, perSecond: number): Promise<void> {
    this.#latencies.length = 0;
    this.#decisions.length = 0;
    await this.#publish(rounds, perSecond);
    for (const t of this.#publishedAt.keys()) {
      if (this.#publishedAt.size <= KEPT_ROUNDS) break;
      this.#publishedAt.delete(t);
    }
  }

  /** Resolves when so many predictions have come in all. */
  async received(predictions: number): Promise<void> {
    while (this.#predictions < predictions) {
      await new Promise<void>((resolve) => {
        this.#onPrediction = resolve;
      });
    }
  }

  async #publish(rounds: number, perSecond: number | undefined): Promise<void> {
    const { assets, perMessage, inFlight } = this.#options;
    const pending = new Set<Promise<unknown>>();
    const began = performance.now();
    let sent = 0;
    let message: string[] = [];
    for (let i = 0; i < rounds * assets; i += 1) {
      message.push(this.#reading(i % assets));
      if (message.length < perMessage && i + 1 < rounds * assets) continue;
      sent += message.length;
      const payload = perMessage === 1 ? (message[0] ?? '') : `[${message.join(',')}]`;
      message = [];
      const publishing: Promise<void> = this.#client.publishAsync('plant/readings', payload, { qos: 1 }).then(() => {
        pending.delete(publishing);
      });
      pending.add(publishing);
      if (pending.size >= inFlight) await Promise.race(pending);
      if (perSecond !== undefined) await until(began + (sent / perSecond) * 1000);
    }
    await Promise.all(pending);
  }

  /** Readings of one asset that fill a window, as JSON Lines. */
  recording(length: number): string {
    return Array.from({ length: length * this.#options.assets }, (_, i) =>
      this.#reading(i % this.#options.assets),
    ).join('\n');
  }

  #reading(asset: number): string {
    if (asset === 0) this.#round += 1;
    const t = FIRST_TIME + this.#round * 1000;
    if (asset === 0) this.#publishedAt.set(t, performance.now());
    const values = Array.from(
      { length: this.#options.tags },
      (_, i) => `"v${i}":${(((this.#round * 31 + i * 17 + asset) % 997) / 500 - 1).toFixed(5)}`,
    );
    return `{"asset":"machine-${asset}","t":${t},"values":{${values.join(',')}}}`;
  }

  #received(payload: Uint8Array): void {
    const now = performance.now();
    for (const record of decodeBatch(payload).records) {
      const publishedAt = this.#publishedAt.get(record.t);
      // A backlog from before is none of this plant's.
      if (record.type !== 'prediction' || publishedAt === undefined) continue;
      this.#predictions += 1;
      this.#latencies.push(now - publishedAt);
      this.#decisions.push(record.latencyMs ?? 0);
    }
    this.#onPrediction();
  }
}

async function until(time: number): Promise<void> {
  const wait = time - performance.now();
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
}
