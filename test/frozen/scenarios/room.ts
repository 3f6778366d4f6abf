import { goOn, toTheEnd } from '../answers.ts';
import { appendNumbers, configure, must, NUMBERS, numbering, numbers, type Scenario, writeIn } from '../scenario.ts';
import { runOnce } from './stops.ts';

const FLOOD = 4_000;

export const thinned: Scenario = {
  name: 'thinned',
  about: 'More than there is room for: predictions are thinned and folded into summaries, and losses say so.',
  async make(program, folder) {
    await configure(folder, numbering('max'), { max: '1MiB' });
    await writeIn(folder, NUMBERS, numbers(FLOOD));
    await runOnce(program, folder);
  },
  check({ waiting }) {
    must((waiting.types['loss'] ?? 0) > 0 && (waiting.types['prediction'] ?? 0) < FLOOD, 'predictions gave way');
  },
  async goOn(program, folder) {
    await appendNumbers(folder, 5, FLOOD);
    return goOn(program, folder, {}, async (gateway) => {
      const { level, next } = (await gateway.status()).outbox;
      must(level > 0, 'the outbox goes on where it stood');
      return { level, next, ...(await toTheEnd(gateway)) };
    });
  },
};
