import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Link,
  type LinkListener,
  type LinkOptions,
  type Message,
  type Subscription,
  subscriptionRefused,
} from '../../src/common/link/index.ts';
import { type SourceDeps, sourceSchema } from '../../src/scoring/sources/index.ts';
import { MqttSource } from '../../src/scoring/sources/mqtt/source.ts';
import { KeepingSink, realClock, silent } from './support.ts';

/** A link without a broker: messages are handed in, and what becomes of the connection is written down. */
class FakeLink {
  readonly log: string[] = [];
  options: LinkOptions | undefined;
  refusal: Error | undefined;
  #subscription: Subscription | undefined;
  #listener: LinkListener = {};

  open = (options: LinkOptions): Link => {
    this.options = options;
    const note = (what: string) => () => void this.log.push(what);
    return {
      state: 'connected',
      info: undefined,
      lastError: undefined,
      retryIn: undefined,
      start: note('start'),
      listen: (listener) => {
        this.#listener = listener;
        return () => undefined;
      },
      subscribe: async (subscription) => {
        this.#subscription = subscription;
        if (this.refusal !== undefined) throw this.refusal;
      },
      publish: () => Promise.reject(new Error('a source publishes nothing')),
      suspend: async () => void this.log.push('suspend'),
      resume: note('resume'),
      close: async () => void this.log.push('close'),
    };
  };

  /** True once the message may be acknowledged. */
  send(x: number, changes: Partial<Message> = {}): { acknowledged: boolean } {
    const payload = Buffer.from(JSON.stringify({ t: x, values: { x } }));
    const message = {
      topic: 'f/a',
      payload,
      qos: 1,
      retain: false,
      duplicate: false,
      properties: {},
      ...changes,
    } as const;
    const result = { acknowledged: false };
    const held = this.#subscription?.onMessage(message);
    if (held === undefined) result.acknowledged = true;
    else void held.then(() => (result.acknowledged = true));
    return result;
  }

  connect(sessionPresent: boolean): void {
    this.#listener.connected?.({
      ...{ version: '5', sessionPresent, clientId: 'c', receiveMaximum: 10, maximumPacketSize: undefined },
      ...{ retain: true, maximumQos: 1, wildcards: true, shared: true, keepalive: 60, sessionExpiry: undefined },
    });
  }

  lose(): void {
    this.#listener.closed?.({ error: undefined, wasConnected: true, retryIn: 0 });
  }
}

function makeMqtt(link: FakeLink, changes: object = {}, deps: Partial<SourceDeps> = {}): MqttSource {
  const config = sourceSchema.parse({
    type: 'mqtt',
    url: 'mqtt://x',
    topic: 'f/{asset}',
    keepalive: '10s',
    ...changes,
  });
  if (config.type !== 'mqtt') throw new Error('not mqtt');
  return new MqttSource(config, { name: 's', logger: silent, clock: realClock, ...deps }, link.open);
}

async function opened(changes: object = {}, deps: Partial<SourceDeps> = {}) {
  const link = new FakeLink();
  const source = makeMqtt(link, changes, deps);
  const sink = new KeepingSink();
  await source.start(sink);
  return { link, source, sink, times: () => sink.readings.map(({ t }) => t) };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a message that the broker sends again', () => {
  it('gives readings that say so', async () => {
    const { link, sink } = await opened();
    link.send(1);
    link.send(1, { duplicate: true });
    expect(sink.readings.map(({ t, again }) => [t, again])).toEqual([
      [1, undefined],
      [1, true],
    ]);
  });
});

describe('a broker without the session of an mqtt source', () => {
  it('has kept nothing, which is told before the first message of the connection, and of no other', async () => {
    const gaps: string[] = [];
    const { link } = await opened({}, { onGap: (reason) => gaps.push(reason) });
    link.connect(true);
    expect(gaps).toEqual([]);
    link.connect(false);
    expect(gaps).toEqual(['link: the broker kept no readings while the gateway was away']);
  });
});

describe('an mqtt source without credit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('withholds the acknowledgement for a short while and pushes when there is credit', async () => {
    const { link, sink, times } = await opened();
    sink.allow(0);
    const sent = link.send(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([sent.acknowledged, times()]).toEqual([false, []]);
    sink.allow(1);
    await settle();
    expect([sent.acknowledged, times(), link.log]).toEqual([true, [1], ['start']]);
  });

  it('leaves the broker before half the keepalive is over, without having taken the message', async () => {
    const { link, sink, times } = await opened();
    sink.allow(0);
    link.send(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([link.log, times(), sink.reasons]).toEqual([['start', 'suspend'], [], []]);
  });

  it('comes back on credit, and takes the message when the broker sends it again', async () => {
    const { link, sink, times } = await opened();
    sink.allow(0);
    link.send(1);
    await vi.advanceTimersByTimeAsync(60_000);
    sink.allow(9);
    await settle();
    expect([link.log, times()]).toEqual([['start', 'suspend', 'resume'], []]);
    expect(link.send(1).acknowledged).toBe(true);
    expect(times()).toEqual([1]);
  });

  it('counts what nobody will send again', async () => {
    const { link, sink } = await opened();
    sink.allow(0);
    link.send(1, { qos: 0 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sink.reasons).toEqual(['not-held']);
  });

  it('does not take a message whose connection went while it waited: it comes again', async () => {
    const { link, sink, times } = await opened();
    sink.allow(0);
    link.send(1);
    link.lose();
    await settle();
    link.send(1);
    sink.allow(9);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([times(), link.log]).toEqual([[1], ['start']]);
  });

  it('stays away when it is stopped while it was away', async () => {
    const { link, source, sink, times } = await opened();
    sink.allow(0);
    link.send(1);
    await vi.advanceTimersByTimeAsync(5_000);
    await source.stop();
    sink.allow(9);
    await settle();
    expect([link.log, times()]).toEqual([['start', 'suspend', 'close'], []]);
  });

  it('acknowledges nothing that it has not taken when it is stopped', async () => {
    const { link, source, sink } = await opened();
    sink.allow(0);
    const sent = link.send(1);
    await source.stop();
    const late = link.send(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sent.acknowledged, late.acknowledged, sink.calls]).toEqual([false, false, 0]);
  });
});

describe('what an mqtt source asks of its broker', () => {
  it('is a session of its own that outlives the connection, bounded in messages and bytes', async () => {
    const { link } = await opened({ session: '2h', maxPayload: '64KiB', username: 'u', password: 'p' });
    expect(link.options).toMatchObject({
      clean: false,
      sessionExpiry: 7200,
      keepalive: 10,
      maxIncomingBytes: 65536,
      username: 'u',
      password: 'p',
    });
    expect(link.options?.receiveMaximum).toBeLessThan(65_535);
  });

  it('is no session without acknowledgements', async () => {
    const { link } = await opened({ qos: 0 });
    expect(link.options?.clean).toBe(true);
    expect(link.options?.sessionExpiry).toBeUndefined();
  });

  it('is the broker of the uplink where it names none, with credentials that go nowhere else', async () => {
    const broker = { url: 'mqtt://uplink', username: 'u', password: 'p' };
    const own = makeMqtt(new FakeLink(), { url: undefined });
    await expect(own.start(new KeepingSink())).rejects.toMatchObject({ code: 'sources.no-broker' });
    const [shared, other] = [new FakeLink(), new FakeLink()];
    await makeMqtt(shared, { url: undefined }, { broker }).start(new KeepingSink());
    await makeMqtt(other, {}, { broker }).start(new KeepingSink());
    expect(shared.options).toMatchObject(broker);
    expect(other.options).toMatchObject({ url: 'mqtt://x' });
    expect(other.options).not.toHaveProperty('password');
  });

  it('fails its start when it is refused, and can still be stopped', async () => {
    const link = new FakeLink();
    link.refusal = subscriptionRefused('f/+', 'refused');
    const source = makeMqtt(link);
    await expect(source.start(new KeepingSink())).rejects.toBe(link.refusal);
    await source.stop();
    expect(link.log).toEqual(['start', 'close']);
  });

  it('takes the time of a retained message from itself or not at all', async () => {
    const { link, sink, times } = await opened();
    link.send(5, { retain: true });
    link.send(6, { retain: true, payload: Buffer.from('{"values":{"x":1}}') });
    expect([times(), sink.reasons]).toEqual([[5], ['missing-time']]);
  });
});
