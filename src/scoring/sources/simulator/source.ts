import { Pacer } from '../pacer.ts';
import { type Emission, play } from '../playback.ts';
import type { Source, SourceDeps, SourceSink } from '../source.ts';
import { createRig, type Rig } from './rig.ts';
import type { SimulatorConfig } from './schema.ts';

/** Merges the readings of the rigs in order of event time, one chunk an instant. */
function* merged(rigs: readonly Rig[], end: number): Generator<Emission[]> {
  const first = rigs[0];
  while (first !== undefined && first.t < end) yield rigs.map((rig) => ({ reading: rig.next() }));
}

/** Readings of pump rigs that are not there, at the pace of their event time. */
export class SimulatorSource implements Source {
  /** The rigs by asset, once started: to switch faults on and off. */
  readonly rigs = new Map<string, Rig>();
  readonly #config: SimulatorConfig;
  readonly #deps: SourceDeps;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(config: SimulatorConfig, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async start(sink: SourceSink): Promise<void> {
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    const { assets, seed, speed, faults } = this.#config;
    const start = this.#config.start ?? Math.floor(this.#deps.clock.now() / 1000) * 1000;
    const names = typeof assets === 'number' ? Array.from({ length: assets }, (_, i) => `pump-${i + 1}`) : assets;
    for (const asset of names) {
      const own = Object.values(faults).filter((fault) => fault.asset === undefined || fault.asset === asset);
      this.rigs.set(asset, createRig({ seed, asset, start, faults: own }));
    }
    const end = start + (this.#config.for ?? Number.POSITIVE_INFINITY);
    const chunks = merged([...this.rigs.values()], end);
    this.#running = play(chunks, new Pacer(speed), sink, this.#deps, this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
