import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { level, puback, type RawPacket, Type, topicOf } from '../../link/scripted-broker.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { type Allowed, settle } from '../audit.ts';
import type { Consumer } from '../consumer.ts';
import type { Gateway } from '../gateway.ts';
import type { Figures, Scenario } from '../scenario.ts';
import { PASS, Tap } from '../tap.ts';
import type { Setup, Trial } from '../trial.ts';
import { AT_REST, outboxOf } from './kill.ts';

const ROUNDS = { tiny: 1, short: 2, long: 4 } as const;
const DISCONNECT_5 = (reason: number) => Buffer.from([0xe0, 1, reason]);
const CONNACK_5_REFUSED = (reason: number) => Buffer.from([0x20, 3, 0, reason, 0]);
const CONNACK_311_REFUSED = Buffer.from([0x20, 2, 0, 3]);

interface Parts {
  readonly trial: Trial;
  readonly broker: Mosquitto;
  readonly tap: Tap;
  readonly consumer: Consumer;
  readonly gateway: Gateway;
}

/** A gateway whose uplink goes through a tap; each round does something to it, then all must come to rest. */
function troubled(
  round: (parts: Parts) => Promise<void>,
  setup: (trial: Trial) => Partial<Setup> = () => ({}),
  allowed: Allowed = {},
  most = Number.POSITIVE_INFINITY,
): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const broker = await trial.broker();
    const tap = await Tap.open(broker.port);
    trial.onEnd(() => tap.close());
    const { uplink = {}, ...more } = setup(trial);
    const version = trial.random.pick(['5', '3.1.1']);
    await trial.setUp({ url: tap.url, outbox: outboxOf(trial), uplink: { version, ...uplink }, ...more });
    const consumer = await trial.consumer({ url: broker.url });
    const gateway = trial.start();
    await gateway.whenReady();
    const rounds = Math.min(most, ROUNDS[trial.form]);
    for (let count = 0; count < rounds; count += 1) {
      await delay(trial.random.int(100, 600));
      await round({ trial, broker, tap, consumer, gateway });
      tap.up = () => PASS;
      tap.down = () => PASS;
    }
    await delay(trial.random.int(0, 300));
    await gateway.kill();
    return settle(trial, trial.start(AT_REST), consumer, rounds, allowed);
  };
}

const isRecords = (packet: RawPacket) => packet.type === Type.publish && topicOf(packet).endsWith('/records');

/** Drops acknowledgements of records, at most so many; the birth of a connection has its own. */
function dropAcknowledgements(tap: Tap, most = Number.POSITIVE_INFINITY): void {
  const ids = new Set<number>();
  let dropped = 0;
  tap.up = (packet) => {
    if (isRecords(packet)) ids.add(puback(packet).readUInt16BE(2));
    return PASS;
  };
  tap.down = ({ type, body }) => {
    if (type !== Type.puback || dropped >= most || !ids.delete(body.readUInt16BE(0))) return PASS;
    dropped += 1;
    return { do: 'drop' };
  };
}

/** Waits for something new to have come. */
async function untilMore(consumer: Consumer, deadline = 40_000): Promise<void> {
  const { messages } = consumer;
  const end = performance.now() + deadline;
  while (consumer.messages === messages) {
    if (performance.now() > end) throw new Error(`nothing came in ${deadline} ms`);
    await delay(20);
  }
}

const refusing: Scenario = {
  name: 'broker-refuses',
  title: 'the broker refuses connections for a while: unavailable, not authorized, wrong password',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(async ({ trial, tap, consumer }) => {
    const reason = trial.random.pick([0x86, 0x87, 0x88, 0x89]);
    tap.up = (packet) => {
      if (packet.type !== Type.connect) return PASS;
      return { do: 'answer', bytes: level(packet) === 5 ? CONNACK_5_REFUSED(reason) : CONNACK_311_REFUSED };
    };
    tap.hangUp();
    await delay(trial.random.int(200, 1_500));
    tap.up = () => PASS;
    await untilMore(consumer);
  }),
};

const slow: Scenario = {
  name: 'puback-slow',
  title: 'acknowledgements take up to two seconds',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(async ({ trial, tap }) => {
    tap.down = ({ type }) => (type === Type.puback ? { do: 'delay', ms: trial.random.int(20, 400) } : PASS);
    await delay(2_000);
  }),
};

const lost: Scenario = {
  name: 'puback-lost',
  title: 'the broker has the batch, its acknowledgement is lost with the connection',
  trials: { tiny: 1, short: 1, long: 4 },
  run: troubled(async ({ trial, tap, consumer }) => {
    dropAcknowledgements(tap);
    await untilMore(consumer);
    await delay(trial.random.int(0, 500));
    tap.hangUp();
    tap.down = () => PASS;
    await untilMore(consumer);
  }),
};

const silent: Scenario = {
  name: 'puback-never',
  title: 'an acknowledgement stays out while the connection stands: it is given up after 30 s',
  trials: { tiny: 0, short: 0, long: 2 },
  run: troubled(
    async ({ tap, consumer }) => {
      dropAcknowledgements(tap, 1);
      await untilMore(consumer);
      // Looked at every 7.5 s.
      await delay(30_000 + 7_500);
      await untilMore(consumer);
    },
    () => ({ readings: 300_000 }),
  ),
};

const takenOver: Scenario = {
  name: 'taken-over',
  title: 'another client comes with the gateway’s client id',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(async ({ trial, broker, consumer }) => {
    const thief = await connectAsync(broker.url, { clientId: `edgewright-faults-${trial.device}`, reconnectPeriod: 0 });
    await delay(trial.random.int(0, 300));
    await thief.endAsync(true);
    await untilMore(consumer);
  }),
};

const quota: Scenario = {
  name: 'quota',
  title: 'the broker answers records with quota exceeded, or ends the connection with it',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(
    async ({ trial, tap, consumer }) => {
      const ends = trial.random.chance(0.3);
      tap.up = (packet) => {
        if (!isRecords(packet)) return PASS;
        return { do: 'answer', bytes: ends ? DISCONNECT_5(0x97) : puback(packet, 0x97) };
      };
      await delay(trial.random.int(500, 2_000));
      tap.up = () => PASS;
      await untilMore(consumer);
    },
    () => ({ uplink: { version: '5' } }),
  ),
};

const oversized: Scenario = {
  name: 'oversized',
  title: 'the broker takes less than was sealed: by reason code, by a closed connection',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(async ({ trial, tap, consumer }) => {
    const most = trial.random.int(2_000, 4_000);
    let version = 5;
    tap.up = (packet) => {
      if (packet.type === Type.connect) version = level(packet) ?? version;
      if (!isRecords(packet) || packet.body.length <= most) return PASS;
      return version === 5 ? { do: 'answer', bytes: puback(packet, 0x95) } : { do: 'hang-up' };
    };
    await untilMore(consumer);
    await untilMore(consumer);
  }),
};

/** A broker that takes messages of at most this many bytes, and says so where it can. */
const SMALL_BROKER = 'max_queued_messages 0\nmax_packet_size 2000';

const small: Scenario = {
  name: 'small-broker',
  title: 'a real broker with a small maximum packet size',
  trials: { tiny: 0, short: 1, long: 4 },
  run: async (trial) => {
    const broker = await trial.broker(SMALL_BROKER);
    await trial.setUp({ url: broker.url, outbox: outboxOf(trial), uplink: { version: '5' } });
    const consumer = await trial.consumer(broker);
    const gateway = trial.start();
    await gateway.whenReady();
    await delay(3_000);
    await gateway.kill();
    return settle(trial, trial.start(AT_REST), consumer, 1);
  },
};

/** What a real broker allows, and says at the connect. */
const RECEIVE_MAXIMUM = 4;
const NARROW_BROKER = `max_queued_messages 0\nmax_packet_size 4000\nmax_inflight_messages ${RECEIVE_MAXIMUM}\nmax_qos 1`;
/** Times that the gateway is asked for its status at once: it answers so many. */
const ASKED = 10;
/** ms by which acknowledgements are late, so that as much is on its way as is allowed. */
const SLOW_MS = 60;

/** Counts the messages of the gateway that are not acknowledged; returns the most of them so far. */
function countInFlight(tap: Tap): () => number {
  const inFlight = new Set<number>();
  let most = 0;
  tap.up = (packet) => {
    if (packet.type === Type.connect) inFlight.clear();
    if (packet.type === Type.publish && ((packet.flags >> 1) & 3) > 0) inFlight.add(puback(packet).readUInt16BE(2));
    most = Math.max(most, inFlight.size);
    return PASS;
  };
  tap.down = ({ type, body }) => {
    if (type !== Type.puback) return PASS;
    const id = body.readUInt16BE(0);
    // Before it arrives, so that what is sent in answer to it is never counted too early.
    setTimeout(() => inFlight.delete(id), SLOW_MS).unref();
    return { do: 'delay', ms: SLOW_MS };
  };
  return () => most;
}

/** A gateway that is asked much at once, at a broker with limits. */
function narrow(config: string): Scenario['run'] {
  return async (trial): Promise<Figures> => {
    const broker = await trial.broker(config);
    const tap = await Tap.open(broker.port);
    trial.onEnd(() => tap.close());
    const mostInFlight = countInFlight(tap);
    await trial.setUp({ url: tap.url, outbox: outboxOf(trial), uplink: { version: '5', window: 16 } });
    const consumer = await trial.consumer({ url: broker.url });
    const gateway = trial.start();
    await gateway.whenReady();
    await untilMore(consumer);
    const asked = Array.from({ length: ASKED }, (_, id) =>
      consumer.publish('command', { id: `${id}`, command: 'status' }),
    );
    await Promise.all(asked);
    await delay(trial.random.int(500, 1_500));
    await gateway.kill();
    const figures = await settle(trial, trial.start(AT_REST), consumer, 1);
    const most = mostInFlight();
    trial.most('most in flight', most);
    trial.expect(most <= RECEIVE_MAXIMUM, `${most} messages in flight, the broker allows ${RECEIVE_MAXIMUM}`);
    return figures;
  };
}
const narrowBroker: Scenario = {
  name: 'narrow-broker',
  title: 'a real broker that takes 4 messages at a time, of QoS 1 and 4,000 bytes at most',
  trials: { tiny: 0, short: 1, long: 4 },
  run: narrow(NARROW_BROKER),
};

const unretaining: Scenario = {
  name: 'no-retain',
  title: 'the same broker keeps no retained messages either',
  trials: { tiny: 0, short: 1, long: 4 },
  run: narrow(`${NARROW_BROKER}\nretain_available false`),
};

/** Attempts after which a policy allows what it forbade. */
const FORBIDDEN = 4;
/** ms in which it tries so often, most of which is its backoff; ms in which it comes back when it may. */
const FORBIDDEN_MS = 90_000;
const MENDED_MS = 60_000;

const forbidding: Scenario = {
  name: 'forbidden',
  title: 'the broker hangs up on what its policy forbids, until the policy is mended',
  trials: { tiny: 0, short: 1, long: 4 },
  run: troubled(
    async ({ trial, tap, consumer }) => {
      const forbidden = trial.random.pick(['/records', '/status']);
      let closed = 0;
      tap.up = (packet) => {
        if (packet.type !== Type.publish || !topicOf(packet).endsWith(forbidden) || closed >= FORBIDDEN) return PASS;
        closed += 1;
        return { do: 'hang-up' };
      };
      tap.hangUp();
      const end = performance.now() + FORBIDDEN_MS;
      while (closed < FORBIDDEN && performance.now() < end) await delay(50);
      trial.expect(closed === FORBIDDEN, `the gateway tried ${closed} times in ${FORBIDDEN_MS} ms`);
      await untilMore(consumer, MENDED_MS);
      const conflicts = consumer.books.events.get('identity-conflict') ?? 0;
      trial.expect(conflicts === 0, 'a policy is told as another device with the same identity');
    },
    undefined,
    undefined,
    // Connections that a broker closes soon make the waits longer, over all rounds.
    1,
  ),
};
/** kill -9 of the broker, which forgets everything; with receipts nothing is lost by that. */
async function killBroker(trial: Trial, receipts: boolean): Promise<Figures> {
  const { random } = trial;
  let broker = await trial.broker();
  const uplink = receipts ? { receipts: 'required' } : {};
  await trial.setUp({ url: broker.url, outbox: outboxOf(trial), uplink });
  const consumer = await trial.consumer({ url: broker.url, receipts });
  const rounds = ROUNDS[trial.form];
  for (let count = 0; count < rounds; count += 1) {
    const gateway = trial.start();
    await gateway.whenReady();
    await delay(random.int(100, 900));
    await broker.kill();
    if (random.chance(0.5)) await delay(random.int(0, 1_500));
    if (random.chance(0.5)) await gateway.kill();
    broker = await trial.broker(undefined, broker.port);
    await consumer.listening();
    if (gateway.running) await delay(random.int(500, 3_000));
    await gateway.kill();
  }
  return settle(trial, trial.start(AT_REST), consumer, rounds, { forgetfulBroker: !receipts });
}

const killed: Scenario = {
  name: 'broker-killed',
  title: 'kill -9 of the broker, which comes back empty; its acknowledgement counts (receipts: none)',
  trials: { tiny: 0, short: 1, long: 5 },
  run: (trial) => killBroker(trial, false),
};

const forgetful: Scenario = {
  name: 'broker-forgets',
  title: 'the same with receipts: required: nothing is lost',
  trials: { tiny: 0, short: 1, long: 5 },
  run: (trial) => killBroker(trial, true),
};

export const BROKER: readonly Scenario[] = [
  killed,
  forgetful,
  refusing,
  slow,
  lost,
  silent,
  takenOver,
  quota,
  oversized,
  small,
  narrowBroker,
  unretaining,
  forbidding,
];
