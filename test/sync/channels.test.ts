import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, PublishOptions, Subscription } from '../../src/common/link/index.ts';
import { Channels } from '../../src/device/sync/channels.ts';

const ADDRESS = { prefix: 'edgewright/v1', site: 's', device: 'd' };
const RECEIPTS = 'edgewright/v1/s/d/receipt';

/** A link that writes down what is asked of it. */
class FakeLink {
  readonly subscriptions: Subscription[] = [];
  readonly published: { topic: string; options: PublishOptions }[] = [];
  refusal: Error | undefined;

  async subscribe(subscription: Subscription): Promise<void> {
    this.subscriptions.push(subscription);
    if (this.refusal) throw this.refusal;
  }

  async publish(topic: string, _payload: Uint8Array, options: PublishOptions) {
    this.published.push({ topic, options });
    return { reasonCode: 0 };
  }

  /** What the handlers give back. */
  deliver(changes: Partial<Message>): (void | Promise<void>)[] {
    const message = { topic: RECEIPTS, payload: new Uint8Array(), qos: 1, retain: false, duplicate: false } as const;
    return this.subscriptions.map(({ onMessage }) => onMessage({ ...message, properties: {}, ...changes }));
  }
}

let link: FakeLink;
let sent: number[];
let channels: Channels;

beforeEach(() => {
  link = new FakeLink();
  sent = [];
  channels = new Channels(link, ADDRESS, (bytes) => sent.push(bytes));
});

describe('a channel from the device', () => {
  it('is published as the protocol says, and every byte is told', async () => {
    const status = channels.outbound('status');
    expect(await status.publish(new Uint8Array(100))).toEqual({ reasonCode: 0 });
    await channels.outbound('records').publish(new Uint8Array(), 'application/json');
    const contentType = 'application/json';
    expect(link.published).toEqual([
      { topic: 'edgewright/v1/s/d/status', options: { qos: 1, retain: true, contentType } },
      { topic: 'edgewright/v1/s/d/records', options: { qos: 1, retain: false, contentType } },
    ]);
    expect(sent).toEqual([32 + status.topic.length + 100, 32 + status.topic.length + 1]);
  });
});

describe('a channel to the device', () => {
  it('hands over its messages, and counts their bytes, also of those that are too long', () => {
    const got: Message[] = [];
    channels.inbound({ name: 'receipt', maxBytes: 1_000, handle: (message) => void got.push(message) });
    expect(link.subscriptions[0]).toMatchObject({ filter: RECEIPTS, qos: 1, maxBytes: 1_000 });
    void link.deliver({ payload: new Uint8Array(10) });
    void link.deliver({ oversized: 5_000 });
    expect(got.map(({ payload, oversized }) => [payload.length, oversized])).toEqual([
      [10, undefined],
      [0, 5_000],
    ]);
    expect(channels.received).toBe(2 * (32 + RECEIPTS.length) + 10 + 5_000);
    expect(sent).toEqual([]);
  });

  it('withholds the acknowledgement while its handler is not done', () => {
    const done = Promise.resolve();
    channels.inbound({ name: 'receipt', maxBytes: 1_000, handle: () => done });
    expect(link.deliver({})).toEqual([done]);
  });

  it('tells that the broker refuses it', async () => {
    link.refusal = new Error('not allowed');
    const refused: unknown[] = [];
    channels.inbound({ name: 'receipt', maxBytes: 1, handle: () => {}, onRefused: (...what) => refused.push(what) });
    channels.inbound({ name: 'command', maxBytes: 1, handle: () => {} });
    await new Promise(setImmediate);
    expect(refused).toEqual([[RECEIPTS, link.refusal]]);
  });
});

it('a channel is declared once', () => {
  const inbound = () => channels.inbound({ name: 'receipt', maxBytes: 1, handle: () => {} });
  inbound();
  channels.outbound('reply');
  expect(inbound).toThrow('receipt is declared twice');
  expect(() => channels.outbound('reply')).toThrow('reply is declared twice');
});
