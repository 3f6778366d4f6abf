import { setTimeout as delay } from 'node:timers/promises';
import type { Cable } from '../../support/cable.ts';
import { settle } from '../audit.ts';
import type { Gateway } from '../gateway.ts';
import { LiveFeed, type Machine, TOPIC } from '../live/feed.ts';
import { fedBy, LONGEST_MS, SINGLE, truthOf, windowed, writePipelines } from '../live/pipelines.ts';
import type { Figures, Form, Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';

const CYCLES = { tiny: 1, short: 2, long: 3 } as const;
const ASSETS = ['press-1', 'press-2'];
/** ms. A checkpoint is made every 5 s: of the lives, every second one ends before it. */
const LIVES = [5_800, 400] as const;
/** ms by which readings of the counted windows may be late: less than a life, or more than a checkpoint and a life. */
const LATENESS = [300, 6_500] as const;
/** ms in which an alarm is told that was raised or cleared just before. */
const TELLING_MS = 250;
const GATE = 'tags.run > 0.0';
/** ms that a gate is closed before a kill: with and without a checkpoint. */
const AT_REST_MS = [300, 5_500] as const;
/** Of the readings at the end, which are some two hundred a machine, after 30 that may be late. */
const LEAST_ANSWERS = 50;

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
  /** Before the first start. */
  readonly begin?: (parts: LiveParts) => void;
  /** How a life ends: the gateway is gone when it resolves, or goes on. */
  readonly end: (gateway: Gateway, parts: LiveParts) => Promise<unknown>;
  /** While nobody listens. */
  readonly meanwhile?: (parts: LiveParts, cycle: number) => void;
  /** As soon as the next start is ready. */
  readonly after?: (parts: LiveParts) => Promise<unknown>;
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
    const lateness = trial.form === 'long' ? random.pick(LATENESS) : LATENESS[0];
    const all = [SINGLE, ...windowed(lateness)];
    const pipelines = await writePipelines(trial.folder, all, when);
    await trial.setUp({
      url: broker.url,
      config: { sources: { live: source }, pipelines, ...config },
      readings: 0,
    });
    const feed = new LiveFeed({ url: broker.url, assets: ASSETS, qos });
    trial.onEnd(() => feed.close());
    const consumer = await trial.consumer({ url: broker.url, truth: truthOf(() => feed) });
    const parts = { trial, feed, cable };
    options.begin?.(parts);
    let gateway = trial.start();
    await gateway.whenReady();
    const cycles = CYCLES[trial.form];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await stir(trial, feed, (LIVES[cycle % LIVES.length] ?? 0) + random.int(0, 800));
      for (const [index, machine] of feed.machines.entries()) machine.alarming = (index + cycle) % 2 === 0;
      await delay(TELLING_MS);
      await end(gateway, parts);
      feed.unheard();
      options.meanwhile?.(parts, cycle);
      for (const machine of feed.machines) if (random.chance(0.7)) machine.alarming = !machine.alarming;
      await delay(random.int(300, 1_200) + (qos === 1 ? 1_500 : 0));
      feed.heard();
      cable.mend();
      if (!gateway.running) gateway = trial.start();
      await gateway.whenReady();
      await options.after?.(parts);
    }
    for (const machine of feed.machines) machine.alarming = false;
    const { boot, seq } = await gateway.status();
    await delay(LONGEST_MS + lateness + 1_000);
    const [stands] = feed.machines;
    if (stands) stands.alarming = true;
    await delay(1_000);
    await feed.close();
    await gateway.until('an empty queue', ({ outbox }) => outbox.pending === 0);
    const figures = await settle(trial, gateway, consumer, cycles, { fed: fedBy(feed, all, honest) });
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

/** Machines stand still, and the gate knows it: it has closed before the gateway is killed. */
async function killedAtRest(gateway: Gateway, { feed, trial }: LiveParts): Promise<void> {
  for (const machine of feed.machines) machine.running = false;
  await delay(trial.random.pick(AT_REST_MS));
  await gateway.kill();
}

/** Machines stand still for a moment, as the gateway hears. */
async function startMachines({ feed }: LiveParts): Promise<void> {
  await delay(AT_REST_MS[0]);
  for (const machine of feed.machines) machine.running = true;
}

const gated: Scenario = {
  name: 'live-gate',
  title: 'kill -9 while the gate of the pipelines is closed; it opens before or after the next start',
  trials: TRIALS,
  run: live({
    when: GATE,
    end: killedAtRest,
    meanwhile: ({ feed, trial }) => {
      for (const machine of feed.machines) machine.running = trial.random.chance(0.3);
    },
    after: startMachines,
  }),
};

const HOUR = 3_600_000;
const IN_2000 = () => Date.UTC(2000, 0, 1) - Date.now();
/** By machine and life: ms by which its clock is ahead from then on. */
const CLOCKS = [
  [() => 0, () => -2 * HOUR, IN_2000],
  [IN_2000, () => HOUR, () => 0],
] as const;

const clocks: Scenario = {
  name: 'live-clock',
  title: 'clocks of machines start in 2000, jump ahead by an hour and back while their gate is closed and it is killed',
  trials: TRIALS,
  run: live({
    when: GATE,
    honest: false,
    config: { time: { tolerance: '2h' } },
    begin: (parts) => setClocks(parts, 0),
    end: killedAtRest,
    meanwhile: (parts, cycle) => setClocks(parts, cycle + 1),
    after: startMachines,
    check: ({ feed, trial }, answered) => {
      for (const machine of feed.machines) {
        const count = answered(machine);
        const message = `${machine.asset} is mute: ${count} answers since the last start, its clock at ${machine.newest}`;
        trial.expect(count >= LEAST_ANSWERS, message);
      }
    },
  }),
};

function setClocks({ feed }: LiveParts, life: number): void {
  for (const [index, machine] of feed.machines.entries()) {
    const offsets = CLOCKS[index % CLOCKS.length] ?? CLOCKS[0];
    machine.clockOffset = (offsets[life % offsets.length] ?? IN_2000)();
  }
}

export const LIVE: readonly Scenario[] = [killed, stopped, outage, gated, clocks];
