import { setTimeout as sleep } from 'node:timers/promises';
import { Follower, totalsOf, type WatchedBook } from '../../center/operator/index.ts';
import type { AlarmRecord, EdgewrightError } from '../../common/core/index.ts';
import { DEFAULT_PREFIX, type StatusMessage } from '../../common/protocol/index.ts';
import {
  BUILD_TIME,
  createSystemClock,
  type Gateway,
  type GatewayStatus,
  type Installation,
  startGateway,
} from '../../device/runtime/index.ts';
import type { RecordEffect } from '../../scoring/pipeline/index.ts';
import type { FaultLog } from './fault-log.ts';
import { Feeder } from './feeder.ts';
import type { RecentLogs } from './logs.ts';
import { type Reporter, seconds } from './reporter.ts';
import type { LinkView, Scene } from './scene.ts';
import type { Testbed } from './testbed.ts';

const SEED = 7;
/** ms that the last messages may take from broker to consumer, all in this process. */
const FAREWELL_MS = 1_000;
/** ms */
const SUBSCRIBE_MS = 5_000;

export interface CastDeps {
  readonly testbed: Testbed;
  readonly scene: Scene;
  readonly faultLog: FaultLog;
  readonly reporter: Reporter;
  readonly installation: Installation;
  readonly logger: RecentLogs;
}

/** Runs the plant, the gateway and the consumer, and shows in the scene what they do. */
export class Cast {
  /** What made it impossible for the gateway to go on. */
  failure: EdgewrightError | undefined;
  readonly #deps: CastDeps;
  readonly #consumer: Follower;
  /** Resolves when the consumer has the gateway's last status message: everything sent before it has come then. */
  readonly #farewell: Promise<void>;
  #heard: (status: StatusMessage) => void = () => {};
  #gateway: Gateway | undefined;
  #plant: Feeder | undefined;

  constructor(deps: CastDeps) {
    const { testbed, logger } = deps;
    const { site, device, uplink } = testbed.config;
    this.#deps = deps;
    this.#farewell = new Promise((resolve) => {
      this.#heard = ({ online, boot }) => {
        if (!online && boot === this.boot) resolve();
      };
    });
    const target = { url: testbed.broker.url, prefix: uplink?.prefix ?? DEFAULT_PREFIX, site, device };
    const listener = { records: () => this.#received(), status: (status: StatusMessage) => this.#heard(status) };
    this.#consumer = new Follower(target, listener, { logger });
  }

  /** Starts the consumer, then the gateway, so that the consumer misses nothing. */
  async start(): Promise<void> {
    const { testbed, installation, logger } = this.#deps;
    await this.#consumer.start(SUBSCRIBE_MS);
    this.#gateway = await startGateway(testbed.config, {
      installation,
      logger,
      clock: createSystemClock(BUILD_TIME),
      onRecord: (effect) => this.#decided(effect),
      onFailure: (error) => {
        this.failure = error;
      },
    });
  }

  /** Lets the machines run; `now` is their time. */
  async runPlant(now: () => number): Promise<void> {
    const { testbed, scene, logger } = this.#deps;
    this.#plant = new Feeder({
      url: testbed.broker.url,
      assets: testbed.assets,
      seed: SEED,
      start: Math.floor(now() / 1000) * 1000,
      now,
      onReading: (reading, mode) => scene.reading(reading, mode),
      logger,
    });
    await this.#plant.start();
  }

  async stopPlant(): Promise<void> {
    await this.#plant?.stop();
    this.#plant = undefined;
  }

  get plant(): Feeder | undefined {
    return this.#plant;
  }

  get boot(): string {
    return this.#gateway?.boot ?? '';
  }

  /** Asks the gateway how it is and shows it. */
  async look(): Promise<GatewayStatus> {
    if (this.#gateway === undefined) throw new TypeError('the gateway has not been started');
    const { scene, testbed } = this.#deps;
    const status = await this.#gateway.status();
    scene.link = testbed.uplink.cut ? 'cut' : linkView(status);
    scene.queued(status.outbox.pending, status.outbox.bytes, status.seq);
    this.#received();
    return status;
  }

  /** Whether the consumer has every record up to this one, or knows that it is lost. */
  consumerHas(seq: number): boolean {
    const book = this.#book();
    return book !== undefined && book.highest >= seq && book.missing.every(([from]) => from > seq);
  }

  /** Stops the gateway in order, and waits for its last records. */
  async stopGateway(): Promise<void> {
    const { scene } = this.#deps;
    if (this.#gateway === undefined) return;
    const { pending } = await this.#gateway.stop();
    await Promise.race([this.#farewell, sleep(FAREWELL_MS, undefined, { ref: false })]);
    scene.queued(pending, scene.bytes, Math.max(scene.committed, this.#book()?.highest ?? 0));
    this.#received();
  }

  /** Ends plant, gateway and consumer, in this order. A second call does nothing. */
  async close(): Promise<void> {
    await this.stopPlant();
    await this.stopGateway();
    await this.#consumer.close();
  }

  #book(): WatchedBook | undefined {
    return this.#consumer.books().find(({ boot }) => boot === this.boot);
  }

  #received(): void {
    const { scene } = this.#deps;
    const { received, duplicates, lost } = totalsOf(this.#consumer.books());
    scene.consumer = { received, duplicates, missing: Math.max(0, scene.committed - received - lost) };
  }

  #decided({ record }: RecordEffect): void {
    if (record.type === 'prediction') this.#deps.scene.prediction(record);
    else if (record.type === 'alarm') this.#alarm(record);
  }

  #alarm(record: AlarmRecord): void {
    const { scene, faultLog, reporter } = this.#deps;
    const { asset, alarm, state, severity, contributions } = record;
    scene.alarm(record);
    const delay = faultLog.alarm(record);
    const explained = delay === undefined ? {} : { delaySeconds: seconds(delay) };
    reporter.report({
      event: 'alarm',
      asset,
      alarm,
      state,
      severity,
      ...explained,
      ...(contributions && { contributions }),
    });
  }
}

function linkView({ link }: GatewayStatus): LinkView {
  if (link.state === 'connected') return 'online';
  return link.state === 'connecting' ? 'connecting' : 'offline';
}
