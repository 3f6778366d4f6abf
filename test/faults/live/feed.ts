import mqtt from 'mqtt';

export const TOPIC = 'live';
/** ms between two readings of an asset. */
const PERIOD_MS = 20;
/** ms by which `load` lags behind `n`. */
const LAG_MS = 240;
const CALM = 10;
const ALARMING = 90;
const LOAD = 20;

/** One machine, and what is wrong with it at present. */
export class Machine {
  readonly asset: string;
  alarming = false;
  /** The gate's condition. */
  running = true;
  /** ms by which its clock is ahead. */
  clockOffset = 0;
  /** Values of `n` by time. */
  readonly sent = new Map<number, number>();
  readonly lost: Record<string, number[]> = { n: [], load: [] };
  /** Newest time of a reading, as the machine has it. */
  newest = 0;

  constructor(asset: string) {
    this.asset = asset;
  }
}

export interface LiveFeedOptions {
  readonly url: string;
  readonly assets: readonly string[];
  readonly qos: 0 | 1;
}

/**
 * Machines that publish what they measure now, and never again: what is sent while nobody listens is gone. Whoever uses
 * it says when that is for sure.
 */
export class LiveFeed {
  readonly machines: readonly Machine[];
  readonly #client: mqtt.MqttClient;
  readonly #qos: 0 | 1;
  readonly #timer: NodeJS.Timeout;
  #deaf = false;

  constructor({ url, assets, qos }: LiveFeedOptions) {
    this.machines = assets.map((asset) => new Machine(asset));
    this.#qos = qos;
    this.#client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 100 });
    this.#client.on('error', () => undefined);
    this.#timer = setInterval(() => this.#measure(), PERIOD_MS);
  }

  /** Nobody listens, and nobody will get what is sent until `heard`. */
  unheard(): void {
    this.#deaf = true;
  }

  /** Somebody may listen from now on. */
  heard(): void {
    this.#deaf = false;
  }

  machine(asset: string): Machine | undefined {
    return this.machines.find((one) => one.asset === asset);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.endAsync(true);
  }

  #measure(): void {
    if (!this.#client.connected) return;
    for (const machine of this.machines) {
      const t = Date.now() + machine.clockOffset;
      const n = machine.alarming ? ALARMING : CALM;
      machine.sent.set(t, n);
      machine.newest = t;
      this.#publish(machine, t, { n, run: machine.running ? 1 : 0 });
      this.#publish(machine, t - LAG_MS, { load: LOAD });
    }
  }

  #publish({ asset, lost, running }: Machine, t: number, values: Readonly<Record<string, number>>): void {
    if (this.#deaf && running) for (const tag of Object.keys(values)) lost[tag]?.push(t);
    this.#client.publish(`${TOPIC}/${asset}`, JSON.stringify({ t, values }), { qos: this.#qos }, () => undefined);
  }
}
