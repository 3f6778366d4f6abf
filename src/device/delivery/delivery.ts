import { randomBytes } from 'node:crypto';
import { EdgewrightError, type Logger } from '../../common/core/index.ts';
import { BlockList, type BundleFile, blockCount, blockListBytes, fileProblem } from '../../common/protocol/index.ts';
import type { BlobName, BlobStore } from '../../storage/blobs/index.ts';
import type { Traffic } from '../sync/index.ts';
import { BlobFetch } from './blob-fetch.ts';
import type { BlobWay } from './blob-way.ts';
import type { Refused, WantedBlob } from './fetch-events.ts';
import type { FetchOptions, FetchOutcome, FetchProgress, FetchRefusal } from './fetch-outcome.ts';
import { FetchPace } from './fetch-pace.ts';
import { runFetch, type Sink } from './fetch-run.ts';
import { DEFAULT_LIMITS, type FetchLimits, Patience } from './patience.ts';

/** How often a file whose blocks are all good is fetched again because the disk has something else. */
const MOST_REPAIRS = 3;

/** What a delivery works with. */
export interface DeliveryDeps {
  readonly store: BlobStore;
  readonly way: BlobWay;
  /** The telemetry that goes first, where it shares the link. */
  readonly traffic?: Pick<Traffic, 'behind' | 'budgetLeft' | 'spend'>;
  readonly logger: Logger;
  readonly limits?: FetchLimits;
  /** A number that is uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

/** What a fetch of one bundle shares over its blobs. */
interface Fetching {
  readonly options: FetchOptions;
  readonly pace: FetchPace;
  readonly patience: Patience;
  refused: RefusedCounts;
  readonly total: number;
  /** Bytes of the files that are whole. */
  whole: number;
}

/** The file that a blob is fetched for, and whether its bytes count as progress. */
interface Shown {
  readonly path: string;
  readonly counts: boolean;
}

type RefusedCounts = FetchProgress['refused'];

/** An outcome that ends a fetch early. */
class Ended extends Error {
  readonly outcome: FetchOutcome;

  constructor(outcome: FetchOutcome) {
    super(outcome.state);
    this.outcome = outcome;
  }
}

/** Brings the files of bundles into the store, one bundle at a time. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /**
   * Fetches what is missing of a bundle; what is there, from whichever bundle, costs nothing. Waits for a fetch that is
   * under way. What goes wrong is the outcome; only a fault of the program rejects. After `cancelled`, a restart or any failure the next fetch
   * goes on with the blocks that are there.
   */
  fetchBundle(files: readonly BundleFile[], options: FetchOptions = {}): Promise<FetchOutcome> {
    const result = this.#turn.then(() => this.#fetch(files, options));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #fetch(files: readonly BundleFile[], options: FetchOptions): Promise<FetchOutcome> {
    try {
      const missing = this.#missing(files);
      const lists = missing.filter((file) => blockCount(file) > 1).map(listOf);
      await this.#deps.store.demandRoomFor([...missing, ...lists]);
      const total = missing.reduce((sum, { length }) => sum + length, 0);
      const patience = new Patience(this.#deps.limits ?? DEFAULT_LIMITS, total);
      const fetching: Fetching = { options, pace: new FetchPace(), patience, refused: {}, total, whole: 0 };
      for (const file of missing) {
        await this.#fetchFile(file, fetching);
        fetching.whole += file.length;
      }
      return { state: 'complete', bytes: total };
    } catch (error) {
      if (error instanceof Ended) return error.outcome;
      if (!(error instanceof EdgewrightError)) throw error;
      return { state: 'failed', code: 'disk.short', reason: error.message };
    }
  }

  /** The files that are not in the store, each content once. Ends for a file that cannot be. */
  #missing(files: readonly BundleFile[]): BundleFile[] {
    const byContent = new Map<string, BundleFile>();
    for (const file of files) {
      const twin = byContent.get(file.sha256);
      const problem =
        fileProblem(file) ?? (twin && twin.length !== file.length ? `has another length than ${twin.path}` : undefined);
      if (problem !== undefined) {
        throw failed('order.malformed', `${file.path} ${problem}`);
      }
      if (twin === undefined) byContent.set(file.sha256, file);
    }
    return [...byContent.values()].filter(({ sha256 }) => !this.#deps.store.has(sha256));
  }

  async #fetchFile(file: BundleFile, fetching: Fetching): Promise<void> {
    const { store } = this.#deps;
    const list = await this.#listFor(file, fetching);
    const part = await store.part(file);
    try {
      for (let attempt = 0; ; attempt += 1) {
        const have = await part.wholeBlocks(file.block, (index, bytes) => list.fits(index, bytes));
        if (have.length === list.count && attempt > 0) {
          throw failed('order.malformed', `${file.path} has other content than its block list`);
        }
        await this.#run({ ...file, list, have }, part, { path: file.path, counts: true }, fetching);
        if (await part.finish()) break;
        if (attempt === MOST_REPAIRS) throw failed('disk.short', `${file.path} is never on the disk as it was written`);
        this.#deps.logger.warn('a file that was fetched is not what was written', { file: file.path });
      }
    } finally {
      await part.close();
    }
    if (blockCount(file) > 1) await store.remove(file.blocks);
  }

  /** The block list of a file, from the store where a fetch before has brought it. */
  async #listFor(file: BundleFile, fetching: Fetching): Promise<BlockList> {
    if (blockCount(file) === 0) return BlockList.empty;
    if (blockCount(file) === 1) return BlockList.single(file.sha256);
    const { store } = this.#deps;
    const stored = store.has(file.blocks) ? BlockList.of(file, await store.read(file.blocks)) : undefined;
    if (stored !== undefined) return stored;
    const blob = listOf(file);
    let content: Uint8Array = new Uint8Array();
    const list = BlockList.single(blob.sha256);
    const sink: Sink = {
      write: async (_at, bytes) => {
        content = bytes;
      },
    };
    const wanted = { ...blob, block: blob.length, list, have: [] };
    await this.#run(wanted, sink, { path: file.path, counts: false }, fetching);
    await store.put(blob, content);
    const fetched = BlockList.of(file, content);
    if (fetched === undefined) throw new Error('a list whose digest was checked is another');
    return fetched;
  }

  async #run(blob: WantedBlob, sink: Sink, { path, counts }: Shown, fetching: Fetching): Promise<void> {
    const { way, traffic, random = Math.random } = this.#deps;
    const { options, pace, patience } = fetching;
    const token = () => randomBytes(8).toString('hex');
    const fetch = new BlobFetch(blob, { pace, patience, token, random });
    const { refused: before } = fetching;
    const outcome = await runFetch({
      ...{ fetch, way, sink },
      ...(traffic && { traffic }),
      withinBudget: options.withinBudget === true,
      ...(options.signal && { signal: options.signal }),
      onChange: () => {
        fetching.refused = sum(before, fetch.refused);
        const bytes = fetching.whole + (counts ? fetch.bytes : 0);
        const { total, refused } = fetching;
        options.onProgress?.({ path, bytes, total, connected: way.connected, refused });
      },
    });
    if (outcome.state !== 'complete') throw new Ended(outcome);
  }
}

function listOf(file: BundleFile): BlobName {
  return { sha256: file.blocks, length: blockListBytes(file) };
}

function failed(code: FetchRefusal, reason: string): Ended {
  return new Ended({ state: 'failed', code, reason });
}

function sum(a: RefusedCounts, b: RefusedCounts): RefusedCounts {
  const total: Partial<Record<Refused, number>> = { ...a };
  for (const [reason, count] of Object.entries(b)) {
    total[reason as Refused] = (total[reason as Refused] ?? 0) + count;
  }
  return total;
}
