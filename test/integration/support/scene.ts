import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Cable, startCable } from '../../support/cable.ts';
import { Consumer } from '../../support/consumer.ts';
import { GatewayProcess, type Overrides, writeConfig } from '../../support/gateway.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { HASTE } from './haste.ts';
import { Plant } from './plant.ts';

/** Windows of 30 readings of the tags v0 to v13, one regression. */
export const BENCH_MODEL = resolve('test/bench/model');

export const hasMosquitto = spawnSync('mosquitto', ['-h']).error === undefined;

/** What a test sets up; `close` takes it down again, the last first, also after a failure. */
export class Scene {
  readonly #undo: (() => Promise<unknown>)[] = [];

  async close(): Promise<void> {
    for (const step of this.#undo.splice(0)) await step();
  }

  /** Runs at the end, before what was set up earlier is taken down. */
  undo(step: () => Promise<unknown>): void {
    this.#undo.unshift(step);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'edgewright-'));
    this.#undo.unshift(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  async broker(options?: Parameters<typeof startMosquitto>[0]): Promise<Mosquitto> {
    const broker = await startMosquitto(options);
    this.#undo.unshift(() => broker.stop());
    return broker;
  }

  async cable(broker: Mosquitto): Promise<Cable> {
    const cable = await startCable(broker.port);
    this.#undo.unshift(() => cable.close());
    return cable;
  }

  async consumer({ url }: { readonly url: string }, options?: { receipts?: boolean }): Promise<Consumer> {
    const consumer = await Consumer.open(url, options);
    this.#undo.unshift(() => consumer.close());
    return consumer;
  }

  async plant({ url }: { readonly url: string }): Promise<Plant> {
    const plant = await Plant.open(url);
    this.#undo.unshift(() => plant.close());
    return plant;
  }

  /** A configuration of its own folder, or the file of one. */
  async gateway(
    config: string | object,
    overrides: Overrides = {},
    env: NodeJS.ProcessEnv = {},
  ): Promise<GatewayProcess> {
    const file = typeof config === 'string' ? config : await writeConfig(await this.folder(), config);
    const gateway = await GatewayProcess.start(file, { ...HASTE, ...overrides }, env);
    this.#undo.unshift(() => gateway.kill());
    return gateway;
  }
}
