import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlobData, blobPrefix, MAX_OUTSTANDING, wantedPieces } from '../../src/common/protocol/index.ts';
import { hexOf, noise } from '../support/noise.ts';
import { answersTo, Simulated } from './simulated.ts';

const KIB = 1024;

/** Answers everything, a piece a millisecond, until the fetch has ended. */
function serve(fetch: Simulated, most = 100_000): void {
  for (let asked = 0; fetch.ended === undefined && asked < most; asked += 1) {
    const { asks } = fetch;
    for (const piece of answersTo(fetch.asked, fetch.content)) {
      fetch.now += 1;
      fetch.data(piece);
    }
    if (asks === fetch.asks && fetch.asks.length === asked + 1 && fetch.ended === undefined) fetch.wake();
  }
}

function connected(content = noise(200 * KIB), options: ConstructorParameters<typeof Simulated>[1] = {}): Simulated {
  const fetch = new Simulated(content, options);
  fetch.feed({ type: 'connected' });
  return fetch;
}

describe('a fetch over a link that loses nothing', () => {
  it('brings the blob, each byte once, with one request at a time', () => {
    const fetch = connected();
    serve(fetch);
    expect(fetch.ended).toEqual({ type: 'complete' });
    expect(fetch.written.equals(fetch.content)).toBe(true);
    const sent = fetch.asks.flatMap(({ request }) => wantedPieces(request).map(() => request.block));
    expect(sent.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(fetch.content.length + 16 * KIB);
    expect(fetch.fetch.refused).toEqual({});
  });

  it('asks for what is missing alone', () => {
    const fetch = connected(noise(100 * KIB), { have: [0, 2, 3, 5] });
    serve(fetch);
    expect(fetch.ended).toEqual({ type: 'complete' });
    expect(fetch.written.equals(fetch.content)).toBe(true);
    const blocks = fetch.asks.flatMap(({ request }) =>
      wantedPieces(request).map((piece) => Math.floor((piece * request.block) / (16 * KIB))),
    );
    expect([...new Set(blocks)].sort()).toEqual([1, 4, 6]);
  });

  it('has no more than 64 KiB on its way, however fast the link is', () => {
    const fetch = connected(noise(2048 * KIB), { block: 64 * KIB });
    serve(fetch);
    const outstanding = fetch.asks.map(({ request }) => wantedPieces(request).length * request.block);
    expect(Math.max(...outstanding)).toBeLessThanOrEqual(MAX_OUTSTANDING);
    expect(Math.max(...outstanding)).toBeGreaterThan(32 * KIB);
  });

  it.each([8_000, 1_250_000])(
    'at %i bytes a second has no more on its way than 250 ms of the link, the first included',
    (rate) => {
      const fetch = connected(noise(256 * KIB));
      while (fetch.ended === undefined) {
        const { request } = fetch.asks.at(-1) as (typeof fetch.asks)[number];
        for (const piece of answersTo(request, fetch.content)) {
          // With what is around a piece on the wire.
          fetch.now += ((piece.bytes.length + 100) / rate) * 1_000;
          fetch.data(piece);
        }
        if (fetch.asked === request) fetch.wake();
      }
      const outstanding = fetch.asks.map(({ request }) => wantedPieces(request).length * (request.block + 100));
      expect(Math.max(...outstanding)).toBeLessThanOrEqual(Math.min(rate / 4 + 250, MAX_OUTSTANDING + 8 * KIB));
    },
  );

  it('is over at once where there is nothing to bring', () => {
    const fetch = new Simulated(Buffer.alloc(0));
    fetch.feed({ type: 'tick' });
    expect(fetch.ended).toEqual({ type: 'complete' });
  });

  it('asks for nothing while telemetry has the link, and for one small piece where it never lets go', () => {
    const fetch = new Simulated(noise(100 * KIB));
    fetch.leave = 'none';
    fetch.feed({ type: 'connected' });
    expect(fetch.asks).toEqual([]);
    expect(fetch.fetch.wantsLeave(fetch.now)).toBe(true);
    fetch.leave = 'little';
    fetch.wake();
    expect([fetch.asked.block, fetch.asked.count]).toEqual([512, 1]);
  });
});

describe('a fetch over a link that loses pieces', () => {
  it('asks at once for those that are missing when the last one has come', () => {
    const fetch = connected();
    const pieces = answersTo(fetch.asked, fetch.content);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of [pieces[0], pieces.at(-1)]) fetch.data(piece as BlobData);
    expect(fetch.asks.length).toBe(2);
    expect(wantedPieces(fetch.asked)).toEqual(expect.arrayContaining(pieces.slice(1, -1).map(({ index }) => index)));
    expect(wantedPieces(fetch.asked)).not.toContain(pieces[0]?.index);
  });

  it('asks again for the same after ten seconds, then ever more rarely, at least every seven minutes', () => {
    const fetch = connected();
    for (let i = 0; i < 12; i += 1) {
      while (fetch.asks.length === i + 1) fetch.wake();
    }
    const gaps = fetch.asks.slice(1).map(({ at }, i) => at - (fetch.asks[i]?.at ?? 0));
    expect(gaps[0]).toBeGreaterThanOrEqual(10_000);
    expect(gaps.toSorted((a, b) => a - b)).toEqual(gaps);
    expect(gaps.at(-1)).toBeLessThanOrEqual(7 * 60_000);
    expect(new Set(fetch.asks.map(({ request }) => request.token)).size).toBe(fetch.asks.length);
  });

  it('asks at once when a new connection stands, for what had not come', () => {
    const fetch = connected();
    const [piece] = answersTo(fetch.asked, fetch.content);
    fetch.data(piece as BlobData);
    fetch.feed({ type: 'closed' });
    fetch.wake();
    expect(fetch.asks.length).toBe(1);
    fetch.feed({ type: 'connected' });
    expect(wantedPieces(fetch.asked)).not.toContain(piece?.index);
    serve(fetch);
    expect(fetch.written.equals(fetch.content)).toBe(true);
  });

  it('brings the blob whatever is lost, doubled, late, cut or foreign, and never a byte that is not its own', () => {
    const fates = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fates, fc.constantFrom(1 * KIB, 16 * KIB, 3_000, 999), fc.nat(40_000), (row, block, length) => {
        const fetch = connected(noise(length, length), { block });
        // So that an unlucky row of fates does not lose everything for ever.
        const fate = fateOf([...row, ...row, ...row]);
        for (let round = 0; fetch.ended === undefined && round < 2_000; round += 1) sendThrough(fetch, fate);
        expect(fetch.ended).toEqual({ type: 'complete' });
        expect(fetch.written.equals(fetch.content)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

const FATES = ['come', 'come', 'come', 'lost', 'twice', 'late', 'foreign', 'cut'] as const;
type Fate = (typeof FATES)[number];

/** The fates one after the other, then nothing but good luck. */
function fateOf(fates: readonly Fate[]): () => Fate {
  let at = 0;
  return () => fates[at++] ?? 'come';
}

/** Answers the newest request through a link with fates. */
function sendThrough(fetch: Simulated, fate: () => Fate): void {
  const asked = fetch.asks.at(-1)?.request;
  const late: BlobData[] = [];
  const meet: Readonly<Record<Fate, (piece: BlobData) => void>> = {
    come: (piece) => fetch.data(piece),
    lost: () => undefined,
    twice: (piece) => [piece, piece].forEach((one) => void fetch.data(one)),
    late: (piece) => void late.push(piece),
    foreign: (piece) => fetch.data({ ...piece, prefix: '0'.repeat(32) }),
    cut: () => (['closed', 'connected'] as const).forEach((type) => void fetch.feed({ type })),
  };
  for (const piece of asked === undefined ? [] : answersTo(asked, fetch.content)) {
    fetch.now += 1;
    meet[fate()](piece);
  }
  for (const piece of late) fetch.data(piece);
  if (fetch.asks.at(-1)?.request === asked && fetch.ended === undefined) fetch.wake();
}

describe('what nobody asked for', () => {
  const good = (fetch: Simulated) => answersTo(fetch.asked, fetch.content)[0] as BlobData;

  it.each<[string, string, (fetch: Simulated) => BlobData]>([
    ['a piece of another blob', 'another-blob', (fetch) => ({ ...good(fetch), prefix: blobPrefix(hexOf('x')) })],
    ['a piece beyond the end', 'not-awaited', (fetch) => ({ ...good(fetch), index: 0xffffffff })],
    ['a piece that was not wanted yet', 'not-awaited', (fetch) => ({ ...good(fetch), index: 300 })],
    ['a piece that is too long', 'wrong-length', (fetch) => ({ ...good(fetch), bytes: new Uint8Array(64 * KIB) })],
    ['a piece that is too short', 'wrong-length', (fetch) => ({ ...good(fetch), bytes: new Uint8Array(3) })],
    ['nothing', 'wrong-length', (fetch) => ({ ...good(fetch), bytes: new Uint8Array() })],
  ])('%s has no effect and is counted', (_what, reason, make) => {
    const fetch = connected();
    for (let i = 0; i < 1_000; i += 1) fetch.data(make(fetch));
    expect([fetch.fetch.refused, fetch.asks.length, fetch.fetch.bytes]).toEqual([{ [reason]: 1_000 }, 1, 0]);
    serve(fetch);
    expect(fetch.written.equals(fetch.content)).toBe(true);
  });

  it('a piece that comes again has no effect', () => {
    const fetch = connected();
    for (let i = 0; i < 10; i += 1) fetch.data(good(fetch));
    expect(fetch.fetch.refused).toEqual({ duplicate: 9 });
  });
});

describe('a block that is not the list’s', () => {
  const tampered = (fetch: Simulated) =>
    answersTo(fetch.asked, fetch.content).map((piece) => ({ ...piece, bytes: piece.bytes.map((byte) => byte ^ 1) }));

  it('is refused, counted and asked for again, and one that is good then goes through', () => {
    const fetch = connected(noise(512), { block: 512 });
    for (const piece of tampered(fetch)) fetch.data(piece);
    expect([fetch.fetch.refused, fetch.fetch.bytes, fetch.asks.length]).toEqual([{ tampered: 1 }, 0, 1]);
    fetch.wake();
    expect(fetch.asks.length).toBe(2);
    serve(fetch);
    expect(fetch.ended).toEqual({ type: 'complete' });
  });

  it('ends the fetch when it comes too often, after a bounded number of bytes and not within a second', () => {
    const fetch = connected(noise(512 * KIB));
    let bytes = 0;
    for (let round = 0; fetch.ended === undefined && round < 10_000; round += 1) {
      const asked = fetch.asked;
      for (const piece of tampered(fetch)) {
        bytes += piece.bytes.length;
        fetch.data(piece);
      }
      if (fetch.asked === asked) fetch.wake();
    }
    expect(fetch.ended).toMatchObject({ type: 'failed', code: 'blob.tampered' });
    expect(bytes).toBeLessThan(512 * KIB);
    expect(fetch.now).toBeGreaterThan(60_000);
  });
});

describe('slow retrieval', () => {
  const HOUR = 3600e3;

  it('with so few good blocks that it would take for ever is unserved', () => {
    const limits = { unserved: 31 * 24 * HOUR, served: HOUR, leastRate: 256 };
    const fetch = connected(noise(8 * 1024 * KIB), { limits });
    while (fetch.ended === undefined && fetch.now < 1_000 * HOUR) {
      fetch.now += 9_900;
      fetch.data(answersTo(fetch.asked, fetch.content)[0] as BlobData);
    }
    expect(fetch.ended).toMatchObject({ code: 'blob.unserved', reason: expect.stringContaining('256 bytes a second') });
    expect(fetch.now).toBeLessThan(24 * HOUR);
  });

  it('with a good block a day ends, too, long before the last of them', () => {
    const limits = { unserved: 31 * 24 * HOUR, served: HOUR, leastRate: 256 };
    const fetch = connected(noise(512 * KIB), { block: 512, limits });
    for (let day = 0; fetch.ended === undefined && day < 1_000; day += 1) {
      fetch.data(answersTo(fetch.asked, fetch.content)[0] as BlobData);
      for (const end = fetch.now + 24 * HOUR; fetch.ended === undefined && fetch.now < end; ) fetch.wake();
    }
    expect(fetch.ended).toMatchObject({ code: 'blob.unserved' });
    expect(fetch.now).toBeLessThan(40 * 24 * HOUR);
  });

  it('from nobody ends the fetch after the time for that, of which only the connected time counts', () => {
    const limits = { unserved: HOUR, served: HOUR, leastRate: 256 };
    const fetch = connected(noise(64 * KIB), { limits });
    fetch.feed({ type: 'closed' });
    fetch.now += 100 * HOUR;
    fetch.feed({ type: 'connected' });
    expect(fetch.ended).toBeUndefined();
    const began = fetch.now;
    while (fetch.ended === undefined && fetch.now < began + 10 * HOUR) fetch.wake();
    expect(fetch.ended).toMatchObject({ code: 'blob.unserved', reason: expect.stringContaining('no good block') });
    expect(fetch.now - began).toBeLessThan(1.5 * HOUR);
  });

  it('is not what telemetry that has the link makes of a fetch', () => {
    const limits = { unserved: HOUR, served: HOUR, leastRate: 256 };
    const fetch = new Simulated(noise(64 * KIB), { limits });
    fetch.leave = 'none';
    fetch.feed({ type: 'connected' });
    for (let i = 0; i < 100; i += 1) {
      fetch.now += HOUR;
      fetch.feed({ type: 'tick' });
    }
    expect(fetch.ended).toBeUndefined();
  });
});
