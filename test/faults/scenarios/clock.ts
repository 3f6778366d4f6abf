import { setTimeout as delay } from 'node:timers/promises';
import { settle } from '../audit.ts';
import type { Figures, Scenario } from '../scenario.ts';
import { needsShim } from '../shim.ts';
import { AT_REST, outboxOf } from './kill.ts';

const STEPS = { tiny: 1, short: 3, long: 6 } as const;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const OFFSETS = [-20 * YEAR, -YEAR, -26 * HOUR, -2 * HOUR, -5_000, 5_000, 2 * HOUR, 26 * HOUR, YEAR, 20 * YEAR];

export const clock: Scenario = {
  name: 'clock',
  title: 'it starts in 1970, and the wall clock steps by seconds, hours and years, both ways',
  trials: { tiny: 0, short: 1, long: 6 },
  missing: needsShim,
  run: async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    await trial.setUp({ url: broker.url, outbox: outboxOf(trial) });
    const consumer = await trial.consumer(broker);
    const steering = trial.steering();
    steering.clockOffset = -Date.now();
    let gateway = trial.start({ steering });
    await gateway.whenReady();
    await delay(500);
    trial.expect(!(await gateway.status()).clockTrusted, 'a clock in 1970 is trusted');
    steering.clockOffset = 0;
    await gateway.until('a trusted clock', ({ clockTrusted }) => clockTrusted);
    const steps = STEPS[trial.form];
    for (let count = 0; count < steps; count += 1) {
      await delay(random.int(100, 1_200));
      steering.clockOffset = random.pick(OFFSETS);
      if (random.chance(0.3)) {
        await gateway.kill();
        gateway = trial.start({ steering });
        await gateway.whenReady();
      }
    }
    await delay(1_200);
    await gateway.kill();
    steering.clockOffset = 0;
    const figures = await settle(trial, trial.start({ ...AT_REST, steering }), consumer, steps + 1);
    trial.note('records of an untrusted clock', consumer.books.untrusted);
    trial.note('clock-step events', consumer.books.events.get('clock-step') ?? 0);
    trial.expect(consumer.books.untrusted > 0, 'no record of 1970 says that its clock was not trusted');
    return figures;
  },
};
