import { setTimeout as delay } from 'node:timers/promises';
import { settle } from '../audit.ts';
import type { Figures, Scenario } from '../scenario.ts';
import { needsShim } from '../shim.ts';
import type { Trial } from '../trial.ts';
import { AT_REST, outboxOf, uplinkOf } from './kill.ts';

const CUTS = { tiny: 3, short: 6, long: 20 } as const;
/** Points that a process passes when it starts, and in its first seconds. */
const STARTING = 150;
const RUNNING = 2_500;
/** ms */
const LONGEST_LIFE = 1_500;

async function run(trial: Trial): Promise<Figures> {
  const { random } = trial;
  const broker = await trial.broker();
  await trial.setUp({ url: broker.url, outbox: outboxOf(trial), uplink: uplinkOf(trial) });
  const consumer = await trial.consumer(broker);
  const steering = trial.steering();
  const cuts = CUTS[trial.form];
  for (let count = 0; count < cuts; count += 1) {
    await trial.mirrorState();
    const gateway = trial.start({
      at: `any:${random.chance(0.3) ? random.int(1, STARTING) : random.int(STARTING, RUNNING)}`,
      cut: random.int(0, 2 ** 30),
      steering,
    });
    await Promise.race([gateway.ready, gateway.ended]);
    await Promise.race([gateway.ended, delay(LONGEST_LIFE)]);
    // Where it did not come so far: at the next point that it passes.
    steering.set('actNow', 1);
    const { status, signal } = await gateway.ended;
    steering.set('actNow', 0);
    trial.expect(signal === 'SIGKILL', `it ended by itself with ${status ?? signal}: ${gateway.log}`);
    const point = (await trial.pointReached()) ?? 'nowhere';
    trial.note(`at ${point.replace(/\.(before|after)$/, '')}`);
    await trial.restoreMirror();
    if (trial.failures.length > 0) break;
  }
  return settle(trial, trial.start(AT_REST), consumer, cuts);
}

export const powerCut: Scenario = {
  name: 'power-cut',
  title: 'the power fails at a random write: what was not synced is gone, or part of it',
  trials: { tiny: 1, short: 2, long: 10 },
  missing: needsShim,
  run,
};
