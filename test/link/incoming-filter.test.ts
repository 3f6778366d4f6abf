import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncomingFilter, trimmedLength } from '../../src/common/link/incoming-filter.ts';

const LIMIT = 200;
const marker = Buffer.from('0123456789abcdef');

function frame(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

interface Publish {
  topic: string;
  qos: number;
  properties: number;
  size: number;
}

function publish(
  { topic, qos, properties, size }: Publish,
  v5: boolean,
  payload: Buffer = Buffer.alloc(size, 7),
): Buffer {
  const name = Buffer.from(topic);
  // Properties are opaque to the filter: any bytes of the length told.
  const length = properties < 128 ? [properties] : [(properties % 128) | 0x80, Math.floor(properties / 128)];
  const head = [
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    Buffer.from(qos > 0 ? [0, 9] : []),
    v5 ? Buffer.concat([Buffer.from(length), Buffer.alloc(properties, 3)]) : Buffer.alloc(0),
  ];
  return frame(0x30 | (qos << 1), Buffer.concat([...head, payload]));
}

function told(size: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(size);
  return Buffer.concat([marker, length]);
}

function through(
  bytes: Buffer,
  cuts: readonly number[],
  v5: boolean,
  onReason = (_id: number, _reason: number): void => undefined,
): Buffer {
  const filter = new IncomingFilter({ limit: LIMIT, marker, v5, onReason });
  const out: Buffer[] = [];
  let at = 0;
  for (const cut of cuts) {
    // Copied, since what comes out may be a view into what went in.
    out.push(...filter.push(Buffer.from(bytes.subarray(at, at + cut))).map((part) => Buffer.from(part)));
    at += cut;
  }
  out.push(...filter.push(Buffer.from(bytes.subarray(at))));
  return Buffer.concat(out);
}

const packets = fc.array(
  fc.record({
    topic: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', '/', 'ä') }),
    qos: fc.constantFrom(0, 1),
    properties: fc.constantFrom(0, 5, 127, 128, 300),
    size: fc.oneof(fc.nat(20), fc.constantFrom(LIMIT - 1, LIMIT, LIMIT + 1, 5_000)),
  }),
  { maxLength: 8 },
);

describe('what comes in', () => {
  it('lets everything up to the limit through untouched and cuts the rest, however the bytes are split', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 400 })), fc.boolean(), (list, cuts, v5) => {
        const ping = frame(0xd0, Buffer.alloc(0));
        const sent = Buffer.concat(list.flatMap((packet) => [publish(packet, v5), ping]));
        const expected = Buffer.concat(
          list.flatMap((packet) => [
            packet.size <= LIMIT ? publish(packet, v5) : publish(packet, v5, told(packet.size)),
            ping,
          ]),
        );
        expect(through(sent, cuts, v5).equals(expected)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the reasons of acknowledgements and lets them go on as plain ones', () => {
    const acks = fc.array(fc.record({ id: fc.nat(65_535), reason: fc.option(fc.constantFrom(0, 0x10, 0x95)) }));
    const puback = (id: number, tail: number[]) => frame(0x40, Buffer.from([id >> 8, id & 255, ...tail]));
    fc.assert(
      fc.property(acks, fc.array(fc.integer({ min: 1, max: 9 })), (list, cuts) => {
        const told: [number, number][] = [];
        const bytes = (plain: boolean) =>
          Buffer.concat(list.map(({ id, reason }) => puback(id, reason === null ? [] : [plain ? 0 : reason, 0])));
        const out = through(bytes(false), cuts, true, (id, reason) => told.push([id, reason]));
        expect(out.equals(bytes(true))).toBe(true);
        expect(told).toEqual(list.filter(({ reason }) => reason).map(({ id, reason }) => [id, reason]));
      }),
    );
  });

  it('tells a cut payload from one that only looks like it', () => {
    expect(trimmedLength(told(5_000), marker)).toBe(5_000);
    expect(trimmedLength(Buffer.alloc(20), marker)).toBeUndefined();
    expect(trimmedLength(told(5_000).subarray(0, 19), marker)).toBeUndefined();
  });

  it('gives up on a long packet that is no message, and on a header without an end', () => {
    const filter = () => new IncomingFilter({ limit: LIMIT, marker, v5: true, onReason: () => undefined });
    expect(() => filter().push(frame(0x90, Buffer.alloc(LIMIT + 1)))).toThrow('no message');
    const endless = frame(
      0x30,
      Buffer.concat([Buffer.from([0, 1, 97, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(100_000)]),
    );
    expect(() => filter().push(endless)).toThrow('no end');
    expect(() => filter().push(Buffer.alloc(10, 0xff))).toThrow('malformed');
  });
});
