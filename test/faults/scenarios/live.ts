import { setTimeout as delay } from 'node:timers/promises';
import type { Cable } from '../../support/cable.ts';
import { settle } from '../audit.ts';
import type { Gateway } from '../gateway.ts';
import { LiveFeed, type Machine, TOPIC } from '../live/feed.ts';
import { fedBy, SINGLE, truthOf, WINDOWED, writePipelines } from '../live/pipelines.ts';
import type { Figures, Form, Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';

const CYCLES = { tiny: 1, short: 2, long: 3 } as const;
const ASSETS = ['press-1', 'press-2'];
/** ms. A checkpoint is made every 5 s: of the lives, every second one ends before it. */
const LIVES = [5_800, 400] as const;
const ALL = [SINGLE, ...WINDOWED];
/** ms in which whatever stands must be cleared, windows and lateness included. */
const CALM_MS = 2_500;

interface LiveParts {
  readonly trial: Trial;
  readonly feed: LiveFeed;
  /** Between the gateway's source and its broker. */
  readonly cable: Cable;
}

interface LiveOptions {
  readonly when?: string;
  /** Whether the clocks of the sources only go forward. */
  readonly honest?: boolean;
  readonly config?: object;
  /** How a life ends: the gateway is gone when it resolves, or goes on. */
  readonly end: (gateway: Gateway, parts: LiveParts) => Promise<unknown>;
  /** While nobody listens. */
  readonly meanwhile?: (parts: LiveParts) => void;
  /** From the next start on. */
  readonly after?: (parts: LiveParts) => void;
  /** At the end, from the books. */
  readonly check?: (parts: LiveParts, answered: (machine: Machine) => number) => void;
}

/** Machines that never say anything twice, and a gateway that misses some of it. */
function live(options: LiveOptions): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const { random } = trial;
    const { when, honest = true, config = {}, end } = options;
    const broker = await trial.broker();
    const cable = await trial.cable(broker);
    // QoS 0, or a session that is over before the gateway is back.
    const qos = random.pick([0, 0, 1] as const);
    const source = { type: 'mqtt', url: cable.url, topic: `${TOPIC}/{asset}`, qos, session: '1s' };
    const pipelines = await writePipelines(trial.folder, ALL, when);
    await trial.setUp({
      url: broker.url,
      config: { sources: { live: source }, pipelines, ...config },
      readings: 0,
    });
    const feed = new LiveFeed({ url: broker.url, assets: ASSETS, qos });
    trial.onEnd(() => feed.close());
    const consumer = await trial.consumer({ url: broker.url, truth: truthOf(() => feed) });
    const parts = { trial, feed, cable };
    let gateway = trial.start();
    await gateway.whenReady();
    const cycles = CYCLES[trial.form];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await stir(trial, feed, (LIVES[cycle % LIVES.length] ?? 0) + random.int(0, 800));
      await end(gateway, parts);
      feed.unheard();
      options.meanwhile?.(parts);
      for (const machine of feed.machines) if (random.chance(0.5)) machine.alarming = !machine.alarming;
      await delay(random.int(300, 1_200) + (qos === 1 ? 1_500 : 0));
      feed.heard();
      cable.mend();
      if (!gateway.running) gateway = trial.start();
      options.after?.(parts);
      await gateway.whenReady();
    }
    for (const machine of feed.machines) machine.alarming = false;
    const { boot, seq } = await gateway.status();
    await delay(CALM_MS);
    const [stands] = feed.machines;
    if (stands) stands.alarming = true;
    await delay(CALM_MS / 2);
    await feed.close();
    await gateway.until('an empty queue', ({ outbox }) => outbox.pending === 0);
    const figures = await settle(trial, gateway, consumer, cycles, { fed: fedBy(feed, ALL, honest) });
    options.check?.(parts, ({ asset }) => {
      const fresh = consumer.books.predictions.filter((one) => one.boot === boot && one.seq > seq);
      return fresh.filter((one) => one.asset === asset && one.pipeline === SINGLE.name).length;
    });
    return figures;
  };
}

/** Alarms come and go, the last of them shortly before the end. */
async function stir({ random }: Trial, { machines }: LiveFeed, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    for (const machine of machines) if (random.chance(0.5)) machine.alarming = !machine.alarming;
    await delay(random.int(100, 600));
  }
}

const TRIALS: Readonly<Record<Form, number>> = { tiny: 0, short: 1, long: 4 };

const killed: Scenario = {
  name: 'live-kill',
  title: 'kill -9 of a gateway whose machines never say anything twice, with alarms that stand',
  trials: TRIALS,
  run: live({ end: (gateway) => gateway.kill() }),
};

const stopped: Scenario = {
  name: 'live-stop',
  title: 'an orderly stop, while the machines go on and nobody keeps what they say',
  trials: TRIALS,
  run: live({ end: (gateway) => gateway.terminate() }),
};

const outage: Scenario = {
  name: 'live-outage',
  title: 'the gateway runs on, and its machines are out of reach for a while',
  trials: TRIALS,
  run: live({ end: async (_, { cable }) => cable.cut() }),
};

const gated: Scenario = {
  name: 'live-gate',
  title: 'kill -9 while the gate of the pipelines is closed',
  trials: TRIALS,
  run: live({
    when: 'tags.run > 0.0',
    end: async (gateway, { feed, trial }) => {
      for (const machine of feed.machines) machine.running = false;
      await delay(trial.random.pick([200, 5_500]));
      await gateway.kill();
    },
    after: ({ feed }) => {
      for (const machine of feed.machines) machine.running = true;
    },
  }),
};

export const LIVE: readonly Scenario[] = [killed, stopped, outage, gated];
