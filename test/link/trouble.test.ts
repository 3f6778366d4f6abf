import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { startMosquitto } from '../support/mosquitto.ts';
import {
  CONNACK_5,
  CONNACK_311,
  level,
  type Peer,
  puback,
  type RawPacket,
  scriptedBroker,
  Type,
} from './scripted-broker.ts';
import { eventually, type Watched, watched } from './support.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Script = (packet: RawPacket, peer: Peer, connection: number) => void;

async function against(script: Script, options: Parameters<typeof watched>[1] = {}): Promise<Watched> {
  const broker = await scriptedBroker(script);
  cleanups.push(() => broker.stop());
  return begin(broker.url, options);
}

function begin(url: string, options: Parameters<typeof watched>[1] = {}): Watched {
  const one = watched(url, options);
  cleanups.push(() => one.link.close());
  one.link.start();
  return one;
}

/** Accepts connections; leaves everything else to `rest`. */
function accepting(rest: Script): Script {
  return (packet, peer, connection) => {
    if (packet.type === Type.connect) peer.send(level(packet) === 5 ? CONNACK_5 : CONNACK_311);
    else rest(packet, peer, connection);
  };
}

const payload = Buffer.from('x');

describe('acknowledgements', () => {
  it('that do not come tear the connection down', async () => {
    const one = await against(
      accepting(() => undefined),
      { ackTimeout: 100 },
    );
    await one.connected();
    await expect(one.link.publish('a', payload, { qos: 1 })).rejects.toMatchObject({ code: 'link.lost' });
    await one.connected(2);
    expect(one.downs[0]?.error?.code).toBe('link.ack-timeout');
  });

  it('that were lost with the connection reject', async () => {
    const one = await against(
      accepting((packet, peer) => {
        if (packet.type === Type.publish) peer.hangUp();
      }),
    );
    await one.connected();
    const both = await Promise.allSettled([
      one.link.publish('a', payload, { qos: 1 }),
      one.link.publish('b', payload, { qos: 1 }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await one.connected(2);
    expect(one.downs[0]).toMatchObject({ wasConnected: true, error: { code: 'link.lost' } });
  });

  it('that refuse carry their reason', async () => {
    const reasons = [0x97, 0x95, 0x10, 0x87, 0];
    let next = 0;
    const one = await against(
      accepting((packet, peer) => {
        if (packet.type !== Type.publish) return;
        peer.send(puback(packet, reasons[next]));
        next += 1;
      }),
    );
    await one.connected();
    const acks = await Promise.all(reasons.map(() => one.link.publish('a', payload, { qos: 1 })));
    expect(acks.map(({ reasonCode }) => reasonCode)).toEqual(reasons);
    expect(one.downs).toEqual([]);
  });

  it('of packets that the broker would not take are answered here', async () => {
    // CONNACK with Maximum Packet Size (0x27) 1,000 and Receive Maximum (0x21) 7.
    const connack = [0x20, 11, 0, 0, 8, 0x27, 0, 0, 3, 0xe8, 0x21, 0, 7];
    const sent: number[] = [];
    const one = await against((packet, peer) => {
      sent.push(packet.type);
      if (packet.type === Type.connect) peer.send(connack);
      if (packet.type === Type.publish) peer.send(puback(packet));
    });
    await one.connected();
    expect(one.ups[0]).toMatchObject({ maximumPacketSize: 1_000, receiveMaximum: 7 });
    expect(await one.link.publish('a', Buffer.alloc(1_000), { qos: 1 })).toEqual({ reasonCode: 149 });
    expect(await one.link.publish('a', Buffer.alloc(900), { qos: 1 })).toEqual({ reasonCode: 0 });
    expect(sent).toEqual([Type.connect, Type.publish]);
  });
});

describe('the version', () => {
  it('falls back to 3.1.1 at once with a broker that refuses 5', async () => {
    const aedes = await Aedes.createBroker();
    const server = net.createServer(aedes.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const one = begin(`mqtt://127.0.0.1:${port}`, { backoff: { first: 1e9, longest: 1e9, stable: 1e9 } });
    await one.connected();
    expect(one.ups[0]?.version).toBe('3.1.1');
    expect([one.downs, one.link.lastError]).toEqual([[], undefined]);
  });

  it('takes turns with a broker that hangs up without a word', async () => {
    const one = await against((packet, peer) => {
      if (packet.type === Type.connect && level(packet) === 4) peer.send(CONNACK_311);
      else peer.hangUp();
    });
    await one.connected();
    expect(one.ups[0]?.version).toBe('3.1.1');
  });

  it('that was asked for is not given up', async () => {
    const levels: (number | undefined)[] = [];
    const one = await against(
      (packet, peer) => {
        levels.push(level(packet));
        peer.send([0x20, 2, 0, 1]);
      },
      { version: '5' },
    );
    await eventually('three attempts', () => one.downs.length >= 3);
    expect(new Set(levels)).toEqual(new Set([5]));
    expect(one.link.lastError?.code).toBe('link.refused');
  });
});

describe('a broker', () => {
  it('that is none is told apart', async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const one = begin(`mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    await eventually('a failure', () => one.downs[0]);
    expect(one.downs[0]).toMatchObject({ wasConnected: false, error: { code: 'link.protocol' } });
  });

  it('that does not answer is given up in time', async () => {
    const one = await against(() => undefined, { connectTimeout: 50 });
    await eventually('two attempts', () => one.downs.length >= 2);
    expect(one.downs[0]?.error?.code).toBe('link.unreachable');
  });

  it('that wants a password says so, and the password is nowhere in what we say', async () => {
    const broker = await startMosquitto({ config: 'allow_anonymous false' });
    cleanups.push(() => broker.stop());
    const one = begin(broker.url.replace('mqtt://', 'mqtt://me:topsecret@'));
    await eventually('a refusal', () => one.downs.find(({ error }) => error?.code === 'link.refused'));
    expect(JSON.stringify(one.downs)).not.toContain('topsecret');
  });

  it('that refuses a subscription is told apart from one that is away', async () => {
    const one = await against(
      accepting((packet, peer) => {
        // SUBACK with 0x87, not authorized.
        if (packet.type === Type.subscribe) peer.send([0x90, 4, ...packet.body.subarray(0, 2), 0, 0x87]);
      }),
    );
    const refusal = one.link.subscribe({ filter: 'secret/#', qos: 1, onMessage: () => undefined });
    await expect(refusal).rejects.toMatchObject({ code: 'link.subscription-refused' });
    expect(one.downs).toEqual([]);
  });

  it.each([
    [0x95, 'link.packet-too-large'],
    [0x8e, 'link.taken-over'],
    [0x8b, 'link.lost'],
  ])('that says goodbye with reason %i is understood: %s', async (reason, code) => {
    const one = await against(
      accepting((packet, peer) => {
        if (packet.type === Type.publish) peer.send([0xe0, 2, reason, 0]);
        peer.hangUp();
      }),
    );
    await one.connected();
    await expect(one.link.publish('a', payload, { qos: 1 })).rejects.toMatchObject({ code: 'link.lost' });
    expect(one.downs[0]?.error?.code).toBe(code);
  });
});

it('leaves before it ever stood, and for good', async () => {
  const broker = await scriptedBroker(() => undefined);
  cleanups.push(() => broker.stop());
  const one = begin(broker.url);
  await eventually('the attempt', () => broker.connections === 1);
  await one.link.close();
  expect(one.link.state).toBe('closed');
  expect(one.downs).toEqual([{ error: undefined, wasConnected: false, retryIn: undefined }]);
  one.link.resume();
  one.link.start();
  expect(one.link.state).toBe('closed');
});
