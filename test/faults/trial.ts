import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cable, startCable } from '../support/cable.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { Consumer, type ConsumerOptions } from './consumer.ts';
import { SUMMARY_MS } from './fed.ts';
import { writeFeed } from './feed.ts';
import { Gateway, type Launch } from './gateway.ts';
import { Random, seedOf } from './random.ts';
import type { Form } from './scenario.ts';
import { Steering } from './steering.ts';

const MODEL = resolve(import.meta.dirname, 'model');
const FEED = 'feed.jsonl';
/** What a gateway reads in a minute and a half. */
const READINGS = 90_000;
/** The broker's own limits are not what is tried. */
const BROKER = 'max_queued_messages 0\nmax_inflight_messages 100';

export interface TrialOptions {
  readonly scenario: string;
  readonly index: number;
  readonly seed: number;
  readonly form: Form;
  /** Empty. */
  readonly folder: string;
  readonly shim: string | undefined;
}

export interface Setup {
  /** The uplink; without one the gateway has none. */
  readonly url: string;
  readonly outbox?: object;
  readonly uplink?: object;
  readonly config?: object;
  /** That the feed holds. */
  readonly readings?: number;
}

/** How a gateway is started: what the shim does to it, and what its configuration is overridden with. */
export interface Start {
  /** `<point>:<n>`, or `any:<n>`. */
  readonly at?: string | undefined;
  /** The shim cuts the power instead of killing. */
  readonly cut?: number | undefined;
  /** Steers it while it runs. */
  readonly steering?: Steering;
  readonly overrides?: Readonly<Record<string, string | number>>;
  readonly prefix?: readonly string[];
  /** Without the shim, whatever else is asked. */
  readonly plain?: boolean;
}

/** One trial: a gateway with a state of its own, what it is connected to, and everything that must be cleared away. */
export class Trial {
  readonly random: Random;
  readonly device: string;
  readonly form: Form;
  readonly folder: string;
  /** What is not as promised. */
  readonly failures: string[] = [];
  /** Counts that the report adds up by name. */
  readonly notes: Record<string, number> = {};
  readonly shim: string | undefined;
  readonly #undo: (() => Promise<unknown>)[] = [];
  #last: Gateway | undefined;
  #closed = false;

  constructor({ scenario, index, seed, form, folder, shim }: TrialOptions) {
    this.random = new Random(seedOf(seed, scenario, index));
    this.device = `${scenario}-${index}`;
    this.form = form;
    this.folder = folder;
    this.shim = shim;
  }

  /** Folder of the outbox and the state. */
  get data(): string {
    return join(this.folder, 'data');
  }

  get config(): string {
    return join(this.folder, 'gateway.yaml');
  }

  /** What the gateway said last. */
  get log(): string {
    return this.#last?.log ?? '';
  }

  note(name: string, count = 1): void {
    this.notes[name] = (this.notes[name] ?? 0) + count;
  }

  most(name: string, value: number): void {
    this.notes[name] = Math.max(this.notes[name] ?? 0, value);
  }

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.failures.push(otherwise);
  }

  onEnd(step: () => Promise<unknown>): void {
    this.#undo.unshift(step);
  }

  /** Nothing can be started any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const step of this.#undo.splice(0)) await step();
  }

  async broker(config = BROKER, port?: number): Promise<Mosquitto> {
    const broker = await startMosquitto({ config, ...(port === undefined ? {} : { port }) });
    this.onEnd(() => broker.kill());
    return broker;
  }

  /** A network between the gateway and its broker that can be cut, and frozen. */
  async cable(broker: Mosquitto): Promise<Cable> {
    const cable = await startCable(broker.port);
    this.onEnd(() => cable.close());
    return cable;
  }

  async consumer(options: Omit<ConsumerOptions, 'device'>): Promise<Consumer> {
    const consumer = new Consumer({ ...options, device: this.device });
    this.onEnd(() => consumer.close());
    await consumer.listening();
    return consumer;
  }

  steering(): Steering {
    const steering = new Steering(join(this.folder, 'steering'));
    this.onEnd(async () => steering.close());
    return steering;
  }

  /** Writes the configuration and the feed. Readings come at `config.sources.feed.speed`, 1,000 a second by default. */
  async setUp({ url, outbox = {}, uplink = {}, config = {}, readings = READINGS }: Setup): Promise<void> {
    await mkdir(this.data, { recursive: true });
    const whole = {
      site: 'faults',
      device: this.device,
      http: { port: 0 },
      sources: { feed: { type: 'file', path: FEED, speed: 1_000 } },
      pipelines: {
        numbers: {
          source: 'feed',
          model: MODEL,
          alarms: { late: { clear: { k: 1, n: 1 } } },
          summaries: { every: `${SUMMARY_MS}ms` },
        },
      },
      inference: { warmup: '0ms', batch: { size: 8 } },
      outbox: { path: 'data', lossWindow: '50ms', ...outbox },
      uplink: { url, linger: '20ms', ...uplink },
      ...config,
    };
    await writeFile(this.config, JSON.stringify(whole, undefined, 2));
    await writeFeed(join(this.folder, FEED), readings);
  }

  start({ at, cut, steering, overrides = {}, prefix = [], plain = false }: Start = {}): Gateway {
    if (this.#closed) throw new Error('the trial is over');
    const preload =
      this.shim === undefined || plain
        ? {}
        : {
            LD_PRELOAD: this.shim,
            FAULTS_ROOT: this.data,
            FAULTS_REPORT: this.#report,
            ...(at === undefined ? {} : { FAULTS_AT: at }),
            ...(cut === undefined ? {} : { FAULTS_MIRROR: this.mirror, FAULTS_SEED: String(cut) }),
            ...(steering === undefined ? {} : { FAULTS_CONTROL: steering.file }),
          };
    const given = Object.entries(overrides).map(([path, value]) => [
      `EDGEWRIGHT__${path.replaceAll('.', '__').toUpperCase()}`,
      String(value),
    ]);
    const env = { ...preload, ...Object.fromEntries(given) };
    const gateway = new Gateway({ config: this.config, data: this.data, env, prefix } satisfies Launch);
    this.#last = gateway;
    this.onEnd(() => gateway.kill());
    return gateway;
  }

  /** The point at which the shim ended the last gateway; undefined where it did not. */
  async pointReached(): Promise<string | undefined> {
    const text = await readFile(this.#report, 'utf8').catch(() => '');
    return text === '' ? undefined : text.split(' ')[0];
  }

  get mirror(): string {
    return join(this.folder, 'mirror');
  }

  /** What is on the disk now is on it for good. */
  async mirrorState(): Promise<void> {
    await rm(this.mirror, { recursive: true, force: true });
    await cp(this.data, this.mirror, { recursive: true });
  }

  /** What the power cut left becomes the state. */
  async restoreMirror(): Promise<void> {
    await rm(join(this.mirror, '.inodes'), { recursive: true, force: true });
    await rm(this.data, { recursive: true, force: true });
    await cp(this.mirror, this.data, { recursive: true });
  }

  get #report(): string {
    return join(this.folder, 'report');
  }
}
