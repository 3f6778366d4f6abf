import type { Logger, Reading } from '../../common/core/index.ts';
import { createLink, type Link } from '../../common/link/index.ts';
import { createRig, type FaultName, RIG_TICK, type Rig } from '../../scoring/sources/index.ts';

/** Where the rigs publish, and what the gateway of the demo subscribes to. */
export const PLANT_TOPIC = 'factory/{line}/{asset}';
const LINE = 'line-1';
/** ms between two rounds of publishing. */
const ROUND_MS = 25;
/** Messages that may wait for the broker; with more the plant stands still rather than fill memory. */
const MAX_UNCONFIRMED = 500;

export interface FeederOptions {
  readonly url: string;
  readonly assets: readonly string[];
  readonly seed: number;
  /** Event time of the first reading. */
  readonly start: number;
  /** Event time that the machines have reached by now. */
  readonly now: () => number;
  readonly onReading: (reading: Reading, mode: string) => void;
  readonly logger: Logger;
}

/** The plant: simulated rigs, of which each sends each of its readings as an MQTT message. */
export class Feeder {
  readonly rigs: ReadonlyMap<string, Rig>;
  readonly #options: FeederOptions;
  readonly #link: Link;
  #timer: NodeJS.Timeout | undefined;
  #unconfirmed = 0;
  #settled: (() => void) | undefined;

  constructor(options: FeederOptions) {
    const { url, assets, seed, start, logger } = options;
    this.#options = options;
    this.rigs = new Map(assets.map((asset) => [asset, createRig({ seed, asset, start })]));
    this.#link = createLink(
      { url, version: 'auto', clientId: 'edgewright-demo-plant', clean: true, keepalive: 30, maxIncomingBytes: 1024 },
      { logger },
    );
  }

  /** Resolves when the plant is connected and has begun to send. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#link.listen({ connected: () => resolve() });
      this.#link.start();
    });
    this.#timer = setInterval(() => this.#round(), ROUND_MS);
  }

  /** Sends nothing more; resolves when the broker has confirmed all that was sent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#unconfirmed > 0 && this.#link.state === 'connected') {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
    }
    await this.#link.close();
  }

  switchOn(asset: string, fault: FaultName, growth: number): void {
    this.rigs.get(asset)?.switchOn(fault, { growth });
  }

  switchOff(asset: string, fault: FaultName): void {
    this.rigs.get(asset)?.switchOff(fault);
  }

  /** Machine time that the asset has reached. */
  timeOf(asset: string): number {
    return this.rigs.get(asset)?.t ?? Number.NaN;
  }

  #round(): void {
    const reached = this.#options.now() - RIG_TICK;
    for (const rig of this.rigs.values()) {
      while (rig.t <= reached && this.#unconfirmed < MAX_UNCONFIRMED) this.#send(rig);
    }
  }

  #send(rig: Rig): void {
    const { asset, t, values } = rig.next();
    const topic = PLANT_TOPIC.replace('{line}', LINE).replace('{asset}', asset);
    this.#unconfirmed += 1;
    const done = () => {
      this.#unconfirmed -= 1;
      if (this.#unconfirmed === 0) this.#settled?.();
    };
    this.#link.publish(topic, Buffer.from(JSON.stringify({ t, values })), { qos: 1 }).then(done, done);
    this.#options.onReading({ asset, t, values }, rig.mode);
  }
}
