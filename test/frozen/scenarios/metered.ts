import { resolve } from 'node:path';
import { goOn, toTheEnd } from '../answers.ts';
import { Broker } from '../broker.ts';
import { configure, must, NUMBERS, numbering, numbers, type Scenario, writeIn } from '../scenario.ts';

/** Part of a program's environment: its clock says 2040, and leaps by so many ms at a signal. */
const LEAP = 11 * 60_000;
const CLOCK = { NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'clock.mjs')}` };
/** ms. Some ticks of a second each. */
const TICKS = 3_000;

/**
 * The day in control.db is one of 2040, and so is the time that had proved itself: no clock before then is trusted, no
 * other day begins, and what was used counts on whenever it is looked at.
 */
export const metered: Scenario = {
  name: 'metered',
  about: 'Part of the budget of a day in 2040 is used up, and the time of that day is remembered.',
  async make(program, folder) {
    const uplink = { url: 'mqtt://127.0.0.1:1', version: '3.1.1', budget: '64KiB' };
    await configure(folder, { ...numbering('max'), uplink });
    await writeIn(folder, NUMBERS, numbers(20));
    const broker = await Broker.open();
    try {
      const gateway = await program.start(folder, { ...CLOCK, EDGEWRIGHT__UPLINK__URL: broker.url });
      try {
        await toTheEnd(gateway);
        const before = await gateway.until('everything to be sent', ({ outbox }) => outbox.pending === 0);
        gateway.signal('SIGUSR2');
        const after = before.uptimeMs + LEAP + TICKS;
        await gateway.until('the time to be remembered', ({ uptimeMs }) => uptimeMs > after);
        await gateway.stop();
      } finally {
        await gateway.kill();
      }
    } finally {
      await broker.close();
    }
  },
  check({ kept }) {
    must((kept?.lines ?? 0) > 20, 'records were sent');
  },
  goOn: (program, folder) =>
    goOn(program, folder, {}, async (gateway) => {
      const { link, clockTrusted } = await gateway.status();
      must(
        (link.budget?.used ?? 0) > 1_000 && !clockTrusted,
        `part of the budget is used, and the time remembered: ${JSON.stringify([link, clockTrusted])}`,
      );
      return { budget: link.budget, clockTrusted, ...(await toTheEnd(gateway)) };
    }),
};
