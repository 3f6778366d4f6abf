import { beforeEach, expect, it } from 'vitest';
import { type Message, type Subscription, subscriptionRefused } from '../../src/common/link/index.ts';
import { encodeStatus } from '../../src/common/protocol/index.ts';
import { TwinProbe } from '../../src/device/sync/twin-probe.ts';
import { BOOT, OTHER_BOOT, statusOf } from '../operator/batches.ts';

let asked: Subscription[];
let answer: () => Promise<void>;
let seen: number;
let probe: TwinProbe;

beforeEach(() => {
  asked = [];
  seen = 0;
  answer = () => new Promise(() => {});
  probe = new TwinProbe({
    ...{ topic: 't', boot: BOOT, maxBytes: 1_000 },
    link: {
      subscribe: (subscription) => {
        asked.push(subscription);
        return answer();
      },
    },
    onSeen: () => {
      seen += 1;
    },
  });
});

function say(payload: Uint8Array, changes: Partial<Message> = {}): void {
  const message = { topic: 't', payload, qos: 1, retain: false, duplicate: false, properties: {} } as const;
  void asked.at(-1)?.onMessage({ ...message, ...changes });
}

it('sees another boot, but only after its own birth, and never itself or nonsense', () => {
  probe.begin();
  say(encodeStatus(statusOf(1, 0, { boot: OTHER_BOOT })));
  probe.told();
  say(encodeStatus(statusOf(1, 0)));
  say(Buffer.from('{'));
  say(new Uint8Array());
  expect(seen).toBe(0);
  say(encodeStatus(statusOf(1, 0, { boot: OTHER_BOOT })));
  expect(seen).toBe(1);
});

it('asks once as long as it listens, and again once it was ended', () => {
  probe.begin();
  probe.begin();
  expect(asked.map(({ until }) => until?.aborted)).toEqual([false]);
  probe.end();
  probe.begin();
  expect(asked.map(({ until }) => until?.aborted)).toEqual([true, false]);
});

it('gives up for good where the broker ends three connections over it, or refuses it', async () => {
  probe.begin();
  for (let n = 0; n < 2; n += 1) probe.closed();
  expect(asked[0]?.until?.aborted).toBe(false);
  probe.closed();
  expect(asked[0]?.until?.aborted).toBe(true);
  probe.begin();
  expect(asked).toHaveLength(1);
});

it('gives up at once where it is refused, and never where the broker has answered', async () => {
  answer = () => Promise.resolve();
  probe.begin();
  await Promise.resolve();
  for (let n = 0; n < 9; n += 1) probe.closed();
  expect(asked[0]?.until?.aborted).toBe(false);
  probe.end();
  answer = () => Promise.reject(subscriptionRefused('t', 'refused'));
  probe.begin();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked[1]?.until?.aborted).toBe(true);
  probe.begin();
  expect(asked).toHaveLength(2);
});
