import { connectAsync, type MqttClient } from 'mqtt';
import type { Reading, ReadingValue } from '../../../src/common/core/index.ts';

export const TAGS = Array.from({ length: 14 }, (_, index) => `v${index}`);
export const FIRST_TIME = Date.UTC(2026, 0, 1);
export const PERIOD_MS = 1_000;
/** Messages on their way to the broker without acknowledgement. */
const IN_FLIGHT = 20;

/** Numbers that differ from asset to asset, time to time and tag to tag, the same ones always. */
export function valuesAt(asset: number, round: number): Record<string, ReadingValue> {
  return Object.fromEntries(
    TAGS.map((tag, index) => [tag, Number(Math.sin(asset * 1.7 + index * 0.9 + round * 0.31).toFixed(6))]),
  );
}

export function reading(asset: number, round: number): Reading {
  return { asset: `machine-${asset}`, t: FIRST_TIME + round * PERIOD_MS, values: valuesAt(asset, round) };
}

/** `rounds` readings of every asset, round by round: the assets take turns. */
export function readings(assets: number, rounds: number, from = 0): Reading[] {
  return Array.from({ length: assets * rounds }, (_, i) => reading(i % assets, from + Math.floor(i / assets)));
}

/** What real machines send: values that are no numbers, tags left out, repetitions, times that go back. */
export function withFlaws(all: readonly Reading[]): Reading[] {
  return all.flatMap((one, index) => {
    const { v0: _, ...others } = one.values;
    if (index % 211 === 17) return [{ ...one, values: { ...one.values, v3: null } }];
    if (index % 211 === 40) return [{ ...one, values: { ...one.values, v3: 'broken', v99: 1 } }];
    if (index % 211 === 60) return [{ ...one, values: others }];
    if (index % 211 === 83) return [{ ...one, values: others }, one];
    if (index % 211 === 120) return [one, one];
    if (index % 211 === 160) return [one, { ...one, t: one.t - 5 * PERIOD_MS, values: { v1: 0.5 } }];
    if (index % 211 === 190) return [];
    return [one];
  });
}

export function jsonLines(all: readonly Reading[]): string {
  return all.map((one) => `${JSON.stringify(one)}\n`).join('');
}

/** Publishes readings as machines do. */
export class Plant {
  readonly #client: MqttClient;
  readonly #inFlight = new Set<Promise<unknown>>();

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async open(url: string): Promise<Plant> {
    return new Plant(await connectAsync(url, { protocolVersion: 5 }));
  }

  /** Resolves when there is room for the next message. */
  async send(topic: string, payload: string | Buffer): Promise<void> {
    const sent: Promise<unknown> = this.#client
      .publishAsync(topic, payload, { qos: 1 })
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
    if (this.#inFlight.size >= IN_FLIGHT) await Promise.race(this.#inFlight);
  }

  /** Messages of as many readings as `sizes` says, again and again; one alone goes as an object. Resolves when all are taken. */
  async publish(topic: string, all: readonly Reading[], sizes: readonly number[] = [50]): Promise<void> {
    for (let at = 0, message = 0; at < all.length; message += 1) {
      const size = sizes[message % sizes.length] ?? 1;
      const some = all.slice(at, at + size);
      await this.send(topic, JSON.stringify(some.length === 1 ? some[0] : some));
      at += size;
    }
    await this.settled();
  }

  /** Resolves when the broker has everything. */
  async settled(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
