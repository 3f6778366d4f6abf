import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Aedes, type PublishPacket } from 'aedes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BlobData, decodeBlobData, encodeBlobData, MAX_BLOB_DATA_BYTES } from '../../src/common/protocol/index.ts';
import { eventually } from '../link/support.ts';
import { noise } from '../support/noise.ts';
import { bundle, type Device, device, serving } from './rig.ts';

const MODEL = noise(300 * 1024);

interface Attacker {
  readonly url: string;
  /** Publishes as nobody but the broker itself can. */
  say(topic: string, payload: Uint8Array): void;
}

/** A broker that its attacker owns: each piece that goes through it becomes what he wants. */
async function attacker(makeOf: (piece: BlobData, count: number) => Uint8Array | undefined): Promise<Attacker> {
  let count = 0;
  const broker = await Aedes.createBroker({
    authorizePublish: (_client, packet, done) => {
      if (packet.topic.endsWith('/blob/data')) {
        const made = makeOf(decodeBlobData(packet.payload as Buffer), count++);
        if (made === undefined) packet.topic = 'nowhere';
        else packet.payload = Buffer.from(made);
      }
      done(null);
    },
  });
  const server = createServer(broker.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close();
        broker.close(() => resolve());
      }),
  );
  const base = { cmd: 'publish', qos: 0, dup: false, retain: false } as const;
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (topic, payload) =>
      broker.publish({ ...base, topic, payload: Buffer.from(payload) } as PublishPacket, () => {}),
  };
}

const topicOfData = ({ device }: Device) => `edgewright/v1/plant/${device}/blob/data`;
const good = (piece: BlobData) => encodeBlobData(piece);
const flipped = (piece: BlobData) => encodeBlobData({ ...piece, bytes: piece.bytes.map((byte) => byte ^ 1) });

/** Pieces that are not the last of their request: for what comes after the last a device waits ten seconds. */
const isMeant = (count: number) => count === 1 || count === 5 || count === 6;

describe('a broker that its attacker owns', () => {
  it('tampered block: each is refused and counted, and nothing of it is on the disk', async () => {
    const { url } = await attacker((piece) => flipped(piece));
    const index = await bundle({ m: MODEL });
    await serving(url, index);
    const one = await device(url);
    let refused: Readonly<Record<string, number>> = {};
    const stop = new AbortController();
    const outcome = one.delivery.fetchBundle(index.files, {
      signal: stop.signal,
      onProgress: (progress) => {
        ({ refused } = progress);
        // Sixteen end the fetch, after ever longer waits.
        if ((refused['tampered'] ?? 0) >= 2) stop.abort();
      },
    });
    expect(await outcome).toEqual({ state: 'cancelled' });
    expect(refused).toMatchObject({ tampered: 2 });
    expect([one.store.has(index.files[0]?.sha256 ?? ''), one.store.has(index.files[0]?.blocks ?? '')]).toEqual([
      false,
      false,
    ]);
  });

  it('tampered block once: it is asked for again, and the bundle comes', async () => {
    const { url } = await attacker((piece, count) => (count === 3 ? flipped(piece) : good(piece)));
    const index = await bundle({ m: MODEL });
    await serving(url, index);
    const one = await device(url);
    let tampered = 0;
    const outcome = await one.delivery.fetchBundle(index.files, {
      onProgress: ({ refused }) => {
        tampered = refused.tampered ?? 0;
      },
    });
    expect([outcome.state, tampered]).toEqual(['complete', 1]);
    expect(Buffer.from(await one.store.read(index.files[0]?.sha256 ?? '')).equals(MODEL)).toBe(true);
  });

  it.each<[string, (piece: BlobData, count: number) => Uint8Array | undefined]>([
    ['loses pieces', (piece, count) => (isMeant(count) ? undefined : good(piece))],
    [
      'cuts pieces short',
      (piece, count) => (isMeant(count) ? good({ ...piece, bytes: piece.bytes.subarray(1) }) : good(piece)),
    ],
    [
      'makes pieces longer',
      (piece, count) => (isMeant(count) ? good({ ...piece, bytes: noise(60_000) }) : good(piece)),
    ],
    [
      'sends more than a message has in place of pieces',
      (piece, count) => (isMeant(count) ? noise(MAX_BLOB_DATA_BYTES + 1) : good(piece)),
    ],
    ['sends what is no piece in place of some', (piece, count) => (isMeant(count) ? Buffer.from('{}') : good(piece))],
    [
      'gives pieces another place',
      (piece, count) => (isMeant(count) ? good({ ...piece, index: 4_000_000 }) : good(piece)),
    ],
    [
      'gives pieces another blob',
      (piece, count) => (isMeant(count) ? good({ ...piece, prefix: '0'.repeat(32) }) : good(piece)),
    ],
  ])(
    'that %s delays the bundle and does not change it',
    async (_what, makeOf) => {
      const { url } = await attacker(makeOf);
      const index = await bundle({ m: MODEL.subarray(0, 40 * 1024) });
      await serving(url, index);
      const one = await device(url);
      expect(await one.delivery.fetchBundle(index.files)).toMatchObject({ state: 'complete' });
      const whole = Buffer.from(await one.store.read(index.files[0]?.sha256 ?? ''));
      expect(whole.equals(MODEL.subarray(0, 40 * 1024))).toBe(true);
    },
    120_000,
  );

  it('endless data: what nobody asked for takes neither disk nor memory, and the bundle comes all the same', async () => {
    const { url, say } = await attacker((piece) => good(piece));
    const index = await bundle({ m: MODEL });
    const one = await device(url);
    await eventually('the connection', () => one.uplink.traffic.connected);
    const flood = (index_: number) =>
      encodeBlobData({
        prefix: index.files[0]?.blocks.slice(0, 32) ?? '',
        index: index_,
        bytes: noise(60_000, index_),
      });
    let refused = 0;
    const outcome = one.delivery.fetchBundle(index.files, {
      onProgress: (progress) => {
        refused = Object.values(progress.refused).reduce((sum, count) => sum + count, 0);
      },
    });
    let sent = 0;
    await eventually(
      'the flood',
      () => {
        for (let i = 0; i < 10; i += 1) say(topicOfData(one), flood(sent++));
        return refused >= 300;
      },
      30_000,
    );
    expect(one.store.used).toBe(0);
    await serving(url, index);
    expect(await outcome).toMatchObject({ state: 'complete' });
  }, 60_000);
});
