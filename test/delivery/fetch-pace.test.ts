import { expect, it } from 'vitest';
import { MAX_OUTSTANDING, pieceSizes } from '../../src/common/protocol/index.ts';
import { FetchPace } from '../../src/device/delivery/fetch-pace.ts';

const SIZES = pieceSizes(16 * 1024);
/** Bytes around a piece on the wire, as a capture shows them. */
const WIRE = 100;

/** A link with a delay, and a shaper that lets so many bytes through at once. */
class Link {
  readonly #rate: number;
  readonly #delay: number;
  readonly #burst: number;
  /** When the shaper has sent all that it took, were there no burst. */
  #busy = 0;
  now = 0;

  constructor(rate: number, { delay = 20, burst = 0 } = {}) {
    this.#rate = rate;
    this.#delay = delay;
    this.#burst = burst;
  }

  /** Carries a request and its pieces; returns the bytes on the wire, and the time for which they queued, in ms. */
  carry(pace: FetchPace): { bytes: number; queued: number; size: number } {
    const { size, count } = pace.portion(SIZES);
    pace.asked(this.now);
    const arrive = this.now + this.#delay;
    this.#busy = Math.max(this.#busy, arrive);
    for (let i = 0; i < count; i += 1) {
      this.#busy += ((size + WIRE) / this.#rate) * 1_000;
      this.now = Math.max(arrive, this.now, this.#busy - (this.#burst / this.#rate) * 1_000);
      pace.came(size, this.now + this.#delay);
    }
    const queued = this.now - arrive;
    this.now += this.#delay;
    pace.over();
    return { bytes: count * (size + WIRE), queued, size };
  }
}

it.each([
  ['64 kbit/s', 8_000],
  ['256 kbit/s', 32_000],
  ['10 Mbit/s', 1_250_000],
])('at %s a request takes at most what the link carries in 250 ms, and most of it or 64 KiB', (_what, rate) => {
  const [pace, link] = [new FetchPace(), new Link(rate)];
  pace.connected();
  const requests = Array.from({ length: 60 }, () => link.carry(pace));
  const most = Math.min(rate / 4, MAX_OUTSTANDING * 1.15);
  expect(Math.max(...requests.map(({ bytes }) => bytes))).toBeLessThanOrEqual(most * 1.02);
  expect(requests.at(-1)?.bytes).toBeGreaterThan(most / 2);
});

it('a shaper that lets 4 KiB through at once is not taken for a fast link for long', () => {
  const [pace, link] = [new FetchPace(), new Link(8_000, { burst: 4_096 })];
  pace.connected();
  const requests = Array.from({ length: 200 }, () => link.carry(pace)).slice(50);
  const queued = requests.map(({ queued }) => queued).sort((a, b) => a - b);
  expect(queued[Math.floor(queued.length * 0.9)]).toBeLessThan(500);
});

it('a long way is no slow link: with 600 ms there and back a fast one is filled all the same', () => {
  const [pace, link] = [new FetchPace(), new Link(1_250_000, { delay: 300 })];
  pace.connected();
  const requests = Array.from({ length: 20 }, () => link.carry(pace));
  expect(requests.at(-1)?.bytes).toBeGreaterThan(32 * 1024);
});

it('on a link as slow as can be most pieces are of 1 KiB, so that what is around them is little', () => {
  const [pace, link] = [new FetchPace(), new Link(1_000)];
  pace.connected();
  const sizes = Array.from({ length: 200 }, () => link.carry(pace).size);
  expect(sizes.filter((size) => size < 1_024).length).toBeLessThan(20);
});

it('single requests that are late, as packets that are lost make them, do not halve what is asked for', () => {
  const [pace, link] = [new FetchPace(), new Link(1_250_000)];
  for (let i = 0; i < 20; i += 1) link.carry(pace);
  const before = pace.portion(SIZES);
  link.now += 10_000;
  pace.asked(link.now);
  pace.came(1_024, link.now + 2_000);
  pace.over();
  expect(pace.portion(SIZES)).toEqual(before);
});

it('another connection begins with little', () => {
  const [pace, link] = [new FetchPace(), new Link(1_250_000)];
  for (let i = 0; i < 20; i += 1) link.carry(pace);
  pace.connected();
  const { size, count } = pace.portion(SIZES);
  expect(size * count).toBeLessThanOrEqual(2_048);
});
