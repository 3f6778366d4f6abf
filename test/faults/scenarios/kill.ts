import { setTimeout as delay } from 'node:timers/promises';
import { settle } from '../audit.ts';
import type { Gateway } from '../gateway.ts';
import { POINTS } from '../points.ts';
import type { Random } from '../random.ts';
import type { Figures, Scenario } from '../scenario.ts';
import type { Start, Trial } from '../trial.ts';

const CYCLES = { tiny: 4, short: 8, long: 25 } as const;
/** ms, from the moment it is ready. */
const LONGEST_LIFE = 800;
/** ms, from the start of the process, for those that do not get ready: it takes some 600. */
const LONGEST_START = 700;
/** Points that a life of a second passes a few times at most. */
const RARE = /truncate|connect|\.db\.(write|sync)/;
const SLOWEST_SPEED = 0.001;

/** Nothing new comes, so that what there is can be sent to its end. */
export const AT_REST: Start = { overrides: { 'sources.feed.speed': SLOWEST_SPEED } };

/** Settings that make a difference to what is under way when the process dies. */
export function outboxOf(trial: Trial): object {
  const { random } = trial;
  return {
    lossWindow: random.pick(['10ms', '10ms', '50ms', '250ms']),
    keepAcked: random.pick(['0ms', '200ms', '1h']),
    max: random.pick(['1MiB', '1MiB', '4MiB', '2GiB']),
  };
}

export function uplinkOf({ random }: Trial): object {
  return {
    gzip: random.chance(0.7),
    window: random.pick([1, 4, 16]),
    batch: { records: random.pick([1, 20, 1_000]) },
    version: random.pick(['auto', '5', '3.1.1']),
  };
}

/** The n-th time that a point is passed. Files are made at the first start, or after an orderly stop. */
function moment(random: Random, first: boolean): string {
  const point = random.pick(POINTS.filter((name) => name.includes('.create.') === first));
  if (first) return `${point}:1`;
  return `${point}:${random.scale(1, RARE.test(point) ? 2 : 15)}`;
}

/** Where the process does not come to its point in time, a random moment has to do. */
async function endOf(gateway: Gateway, at: string | undefined, random: Random): Promise<void> {
  if (at === undefined && random.chance(0.3)) await delay(random.int(20, LONGEST_START));
  else {
    await Promise.race([gateway.ready, gateway.ended]);
    await Promise.race([gateway.ended, delay(at === undefined ? random.int(0, LONGEST_LIFE) : 2 * LONGEST_LIFE)]);
  }
  await gateway.kill();
}

async function run(trial: Trial): Promise<Figures> {
  const { random } = trial;
  const broker = await trial.broker();
  await trial.setUp({ url: broker.url, outbox: outboxOf(trial), uplink: uplinkOf(trial) });
  const consumer = await trial.consumer(broker);
  const cycles = CYCLES[trial.form];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const at =
      trial.shim !== undefined && (cycle === 0 || random.chance(0.8)) ? moment(random, cycle === 0) : undefined;
    const gateway = trial.start({ at });
    await endOf(gateway, at, random);
    const { status, signal } = await gateway.ended;
    trial.note((await trial.pointReached()) ?? 'at a random moment');
    trial.expect(signal === 'SIGKILL', `it ended by itself with ${status ?? signal}: ${gateway.log}`);
    if (trial.failures.length > 0) break;
  }
  return settle(trial, trial.start(AT_REST), consumer, cycles);
}

export const kill: Scenario = {
  name: 'kill',
  title: 'kill -9, at random moments and at every point of store and drain',
  trials: { tiny: 1, short: 2, long: 40 },
  run,
};
