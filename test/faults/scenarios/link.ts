import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { settle } from '../audit.ts';
import { needsRootAnd } from '../commands.ts';
import type { Gateway } from '../gateway.ts';
import { Network } from '../network.ts';
import type { Figures, Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import { AT_REST, outboxOf } from './kill.ts';

const ROUNDS = { tiny: 1, short: 2, long: 4 } as const;
/** A dead connection is found within one and a half of it. */
const KEEPALIVE = '2s';
const MISSING = () => needsRootAnd('ip', 'nft', 'tc');

const cut: Scenario = {
  name: 'link-cut',
  title: 'the connection ends and comes back, again and again; half of the times it is half-open first',
  trials: { tiny: 1, short: 1, long: 6 },
  run: async (trial): Promise<Figures> => {
    const { random } = trial;
    const broker = await trial.broker();
    const cable = await trial.cable(broker);
    await trial.setUp({ url: cable.url, outbox: outboxOf(trial), uplink: { keepalive: KEEPALIVE } });
    const consumer = await trial.consumer(broker);
    const gateway = trial.start();
    await gateway.whenReady();
    const rounds = ROUNDS[trial.form];
    for (let count = 0; count < rounds; count += 1) {
      await delay(random.int(50, 800));
      if (random.chance(0.5)) cable.freeze();
      else cable.cut();
      await delay(random.int(50, 1_500));
      cable.mend();
    }
    await gateway.kill();
    return settle(trial, trial.start(AT_REST), consumer, rounds);
  },
};

/** A gateway in a network of its own, to which each round does something. */
function networked(round: (network: Network, trial: Trial, gateway: Gateway) => Promise<void>): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const network = new Network();
    trial.onEnd(() => network.close());
    const port = await freePort();
    const broker = await trial.broker(`max_queued_messages 0\nlistener ${port} ${network.host}`);
    const url = `mqtt://${network.host}:${port}`;
    await trial.setUp({ url, outbox: outboxOf(trial), uplink: { keepalive: KEEPALIVE } });
    const consumer = await trial.consumer(broker);
    const { prefix } = network;
    const gateway = trial.start({ prefix });
    await gateway.whenReady();
    const rounds = ROUNDS[trial.form];
    for (let count = 0; count < rounds; count += 1) {
      await delay(trial.random.int(100, 800));
      await round(network, trial, gateway);
    }
    await gateway.kill();
    return settle(trial, trial.start({ ...AT_REST, prefix }), consumer, rounds);
  };
}

const unplugged: Scenario = {
  name: 'unplugged',
  title: 'the network cable is pulled: packets vanish, sockets stay open',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: MISSING,
  run: networked(async (network, { random }) => {
    network.cut();
    await delay(random.int(500, 5_000));
    network.join();
    await delay(random.int(500, 2_000));
  }),
};

const lossy: Scenario = {
  name: 'lossy',
  title: 'a network that loses up to a third of its packets',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: MISSING,
  run: networked(async (network, { random }) => {
    network.lose(random.int(5, 33));
    await delay(random.int(2_000, 5_000));
    network.loseNothing();
  }),
};

const slow: Scenario = {
  name: 'slow',
  title: 'a network of 64 to 256 kbit/s, less than what is predicted',
  trials: { tiny: 0, short: 1, long: 4 },
  missing: MISSING,
  run: networked(async (network, { random }) => {
    network.slow(random.int(64, 256));
    await delay(random.int(3_000, 6_000));
    network.slowNoMore();
  }),
};

export const LINK: readonly Scenario[] = [cut, unplugged, lossy, slow];
