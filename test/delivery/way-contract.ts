import { describe, expect, it, onTestFinished } from 'vitest';
import type { BlobGet } from '../../src/common/protocol/index.ts';
import type { BlobWay } from '../../src/device/delivery/index.ts';
import { eventually } from '../link/support.ts';
import { hexOf, noise } from '../support/noise.ts';
import { answersTo } from './simulated.ts';

export const CONTENT = noise(10_500);
export const SHA256 = hexOf(CONTENT);

/** A way to a server that has the content, and what takes the server away and brings it back. */
export interface WayUnderTest {
  readonly way: BlobWay;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

let tokens = 0;

function request(change: Partial<BlobGet> = {}): BlobGet {
  tokens += 1;
  return { token: `c${tokens}`, sha256: SHA256, block: 1_000, first: 0, count: 4, have: '', ...change };
}

/** What a way gives of a request, until there are so many pieces. */
async function ask(way: BlobWay, wanted: BlobGet, count: number) {
  const pieces: { index: number; bytes: Buffer; prefix: string }[] = [];
  const end = way.listen({
    connected() {},
    closed() {},
    malformed() {},
    data: ({ index, bytes, prefix }) => pieces.push({ index, prefix, bytes: Buffer.from(bytes) }),
  });
  onTestFinished(end);
  await way.ask(wanted);
  await eventually('the pieces', () => pieces.length >= count);
  end();
  return pieces;
}

const expected = (wanted: BlobGet) =>
  answersTo(wanted, CONTENT).map((piece) => ({ ...piece, bytes: Buffer.from(piece.bytes) }));

/** What every way holds to. */
export function describeWay(name: string, open: () => Promise<WayUnderTest>): void {
  describe(`pieces over ${name}`, () => {
    it('come as they are asked for, in order, those that are had left out', async () => {
      const { way } = await open();
      await eventually('the way', () => way.connected);
      const wanted = request({ count: 6, have: Buffer.from([0b001010]).toString('base64') });
      expect(await ask(way, wanted, 4)).toEqual(expected(wanted));
    });

    it('end with the blob, whose last one is shorter', async () => {
      const { way } = await open();
      await eventually('the way', () => way.connected);
      const wanted = request({ first: 8, count: 3 });
      const pieces = await ask(way, wanted, 3);
      expect(pieces).toEqual(expected(wanted));
      expect(pieces.at(-1)?.bytes.length).toBe(500);
    });

    it('do not come of a blob that nobody has, and the way goes on', async () => {
      const { way } = await open();
      await eventually('the way', () => way.connected);
      const nothing = ask(way, request({ sha256: hexOf('none') }), 1);
      nothing.catch(() => undefined);
      const wanted = request();
      expect(await ask(way, wanted, 4)).toEqual(expected(wanted));
    });

    it('a way that is lost says so, says when it stands again, and then brings pieces', async () => {
      const one = await open();
      await eventually('the way', () => one.way.connected);
      const events: string[] = [];
      const pieces: number[] = [];
      onTestFinished(
        one.way.listen({
          connected: () => events.push('connected'),
          closed: () => events.push(one.way.connected ? 'closed too early' : 'closed'),
          malformed() {},
          data: ({ index }) => pieces.push(index),
        }),
      );
      await one.cut();
      // A way without a connection of its own learns of it when it asks.
      await one.way.ask(request()).catch(() => undefined);
      await eventually('the loss', () => events[0] === 'closed');
      await one.mend();
      await eventually('the way', () => events.at(-1) === 'connected' && one.way.connected, 20_000);
      await one.way.ask(request({ count: 1 }));
      await eventually('a piece', () => pieces.includes(0));
      expect(events).not.toContain('closed too early');
    }, 30_000);
  });
}
