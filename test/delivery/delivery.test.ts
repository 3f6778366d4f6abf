import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BlobGet, BundleFile } from '../../src/common/protocol/index.ts';
import { type BlobListener, type BlobWay, Delivery, type FetchLimits } from '../../src/device/delivery/index.ts';
import type { BlobStore } from '../../src/storage/blobs/index.ts';
import { eventually } from '../link/support.ts';
import { openBlobs, silent, temporaryFolder } from '../support/blobs.ts';
import { described, hexOf, noise } from '../support/noise.ts';
import { answersTo } from './simulated.ts';

const KIB = 1024;

/** A way in memory that answers at once, as those of the contract do later. */
class MemoryWay implements BlobWay {
  readonly connected = true;
  readonly asked: BlobGet[] = [];
  readonly #blobs = new Map<string, Uint8Array>();
  #listener: BlobListener | undefined;
  silent = false;

  serve(content: Uint8Array, list: Uint8Array): void {
    this.#blobs.set(hexOf(content), content).set(hexOf(list), list);
  }

  listen(listener: BlobListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  async ask(request: BlobGet): Promise<void> {
    this.asked.push(request);
    const content = this.#blobs.get(request.sha256);
    if (content === undefined || this.silent) return;
    this.give(request, content);
  }

  give(request: BlobGet, content: Uint8Array): void {
    for (const piece of answersTo(request, content)) this.#listener?.data(piece);
  }
}

async function rig(
  contents: readonly Uint8Array[],
  options: { store?: BlobStore; max?: number; limits?: FetchLimits } = {},
) {
  const way = new MemoryWay();
  const store = options.store ?? (await openBlobs(temporaryFolder(), options.max ? { max: options.max } : {}));
  const files: BundleFile[] = contents.map((content, i) => {
    const { file, list } = described(content, 16 * KIB, `file-${i}`);
    way.serve(content, list);
    return file;
  });
  const delivery = new Delivery({ way, store, logger: silent, ...(options.limits && { limits: options.limits }) });
  return { way, store, files, delivery };
}

describe('a bundle', () => {
  it('comes file by file, equal contents once, and its block lists do not stay', async () => {
    const [model, card] = [noise(100 * KIB), noise(300, 2)];
    const { way, store, files, delivery } = await rig([model, card, model, Buffer.alloc(0)]);
    const progress: number[] = [];
    const outcome = await delivery.fetchBundle(files, { onProgress: ({ bytes }) => progress.push(bytes) });
    expect(outcome).toEqual({ state: 'complete', bytes: 100 * KIB + 300 });
    for (const { sha256 } of files) expect(store.has(sha256)).toBe(true);
    expect(store.used).toBe(100 * KIB + 300);
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
    expect(way.asked.every(({ sha256 }) => sha256 !== files[1]?.blocks)).toBe(true);
  });

  it('that is there costs nothing', async () => {
    const one = await rig([noise(50 * KIB)]);
    await one.delivery.fetchBundle(one.files);
    const asked = one.way.asked.length;
    expect(await one.delivery.fetchBundle(one.files)).toEqual({ state: 'complete', bytes: 0 });
    expect(one.way.asked.length).toBe(asked);
  });

  it('that has no room is refused before a byte is asked for', async () => {
    const { way, store, files, delivery } = await rig([noise(50 * KIB), noise(60 * KIB, 2)], { max: 100 * KIB });
    expect(await delivery.fetchBundle(files)).toMatchObject({ state: 'failed', code: 'disk.short' });
    expect([way.asked, store.used]).toEqual([[], 0]);
  });

  it.each<[string, (file: BundleFile) => BundleFile[]]>([
    ['with a length that cannot be', (file) => [{ ...file, length: -1 }]],
    ['with one content in two lengths', (file) => [file, { ...file, path: 'twin', length: file.length - 1 }]],
  ])('%s is malformed, and nothing is asked for', async (_what, change) => {
    const { way, files, delivery } = await rig([noise(50 * KIB)]);
    const outcome = await delivery.fetchBundle(change(files[0] as BundleFile));
    expect(outcome).toMatchObject({ state: 'failed', code: 'order.malformed' });
    expect(way.asked).toEqual([]);
  });

  it('whose block list is that of another content is malformed: nothing of it becomes a blob', async () => {
    const { way, store, files, delivery } = await rig([noise(50 * KIB)]);
    const other = described(noise(50 * KIB, 9));
    way.serve(noise(50 * KIB, 9), other.list);
    const mixed = { ...(files[0] as BundleFile), blocks: other.file.blocks };
    const serveOther = new Map([[mixed.sha256, noise(50 * KIB, 9)]]);
    const { ask } = way;
    way.ask = async (request) => {
      const content = serveOther.get(request.sha256);
      if (content === undefined) await ask.call(way, request);
      else way.give(request, content);
    };
    expect(await delivery.fetchBundle([mixed])).toMatchObject({ state: 'failed', code: 'order.malformed' });
    expect(store.has(mixed.sha256)).toBe(false);
  });

  it('that was cancelled goes on with the blocks that are there, also in another process', async () => {
    const path = temporaryFolder();
    const model = noise(400 * KIB);
    const before = await rig([model], { store: await openBlobs(path) });
    const stop = new AbortController();
    const cancelled = await before.delivery.fetchBundle(before.files, {
      signal: stop.signal,
      onProgress: ({ bytes }) => bytes > 200 * KIB && stop.abort(),
    });
    expect(cancelled).toEqual({ state: 'cancelled' });
    const after = await rig([model], { store: await openBlobs(path) });
    let first: number | undefined;
    const outcome = await after.delivery.fetchBundle(after.files, {
      onProgress: ({ bytes }) => {
        first ??= bytes;
      },
    });
    expect(outcome).toMatchObject({ state: 'complete' });
    expect(first).toBeGreaterThan(200 * KIB);
    expect(after.way.asked.filter(({ sha256 }) => sha256 === after.files[0]?.blocks)).toEqual([]);
  });

  it('that is cancelled before it begins asks for nothing', async () => {
    const { way, files, delivery } = await rig([noise(50 * KIB)]);
    expect(await delivery.fetchBundle(files, { signal: AbortSignal.abort() })).toEqual({ state: 'cancelled' });
    expect(way.asked).toEqual([]);
  });

  it('waits for the one before it, and comes after that has failed', async () => {
    const { way, files, delivery } = await rig([noise(50 * KIB)]);
    const stop = new AbortController();
    way.silent = true;
    const first = delivery.fetchBundle(files, { signal: stop.signal });
    const second = delivery.fetchBundle(files);
    await eventually('the first request', () => way.asked.length === 1);
    way.silent = false;
    stop.abort();
    expect([(await first).state, (await second).state]).toEqual(['cancelled', 'complete']);
  });

  it('with a block that is lost on the disk meanwhile is fetched again where it is missing', async () => {
    const path = temporaryFolder();
    const model = noise(100 * KIB);
    const { store, files, delivery } = await rig([model], { store: await openBlobs(path) });
    const sha256 = files[0]?.sha256 ?? '';
    let spoilt = false;
    const outcome = await delivery.fetchBundle(files, {
      onProgress: ({ bytes }) => {
        if (spoilt || bytes < 60 * KIB) return;
        spoilt = true;
        writeFileSync(`${store.pathOf(sha256)}.part`, Buffer.alloc(10, 0xff), { flag: 'r+' });
      },
    });
    expect([spoilt, outcome.state]).toEqual([true, 'complete']);
    expect(hexOf(await store.read(sha256))).toBe(sha256);
  });
});

it('what counts against the budget asks for nothing while that has no bytes left, and goes on when it has', async () => {
  const { way, store, files } = await rig([noise(100 * KIB)]);
  const spent = { bytes: 0, left: 50_000 };
  const traffic = {
    behind: false,
    get budgetLeft() {
      return spent.bytes < spent.left;
    },
    spend: (bytes: number) => {
      spent.bytes += bytes;
    },
  };
  const delivery = new Delivery({ way, store, traffic, logger: silent });
  const outcome = delivery.fetchBundle(files, { withinBudget: true });
  await eventually('the end of the budget', () => !traffic.budgetLeft);
  const asked = way.asked.length;
  // Another bundle that is not counted waits for its turn, so nothing at all may be asked for now.
  await new Promise((resolve) => setImmediate(resolve));
  expect(way.asked.length).toBe(asked);
  expect(spent.bytes).toBeLessThan(50_000 + 70 * KIB);
  spent.left = Number.POSITIVE_INFINITY;
  expect(await outcome).toMatchObject({ state: 'complete' });
});
