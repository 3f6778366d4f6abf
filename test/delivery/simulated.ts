import { type BlobData, type BlobGet, BlockList, blobPrefix, wantedPieces } from '../../src/common/protocol/index.ts';
import { BlobFetch } from '../../src/device/delivery/blob-fetch.ts';
import type { FetchAction, FetchEvent, Leave, WantedBlob } from '../../src/device/delivery/fetch-events.ts';
import { FetchPace } from '../../src/device/delivery/fetch-pace.ts';
import { DEFAULT_LIMITS, type FetchLimits, Patience } from '../../src/device/delivery/patience.ts';
import { described } from '../support/noise.ts';

/** What a server would answer: the pieces that are wanted, in order. */
export function answersTo(request: BlobGet, content: Uint8Array): BlobData[] {
  return wantedPieces(request).map((index) => ({
    prefix: blobPrefix(request.sha256),
    index,
    bytes: content.slice(index * request.block, (index + 1) * request.block),
  }));
}

export interface Ask {
  readonly at: number;
  readonly request: BlobGet;
}

/** A fetch in simulated time: what it did is kept, what it wrote is put together. */
export class Simulated {
  readonly fetch: BlobFetch;
  readonly written: Buffer;
  readonly asks: Ask[] = [];
  readonly content: Uint8Array;
  readonly blob: WantedBlob;
  now = 0;
  leave: Leave = 'all';
  ended: FetchAction | undefined;

  constructor(
    content: Uint8Array,
    { block = 16 * 1024, have = [] as number[], limits = DEFAULT_LIMITS as FetchLimits, pace = new FetchPace() } = {},
  ) {
    const { file, list } = described(content, block);
    const blocks = BlockList.of(file, list);
    if (blocks === undefined) throw new Error('no list');
    this.content = content;
    this.blob = { ...file, list: blocks, have };
    this.written = Buffer.alloc(content.length);
    for (const i of have) this.written.set(content.subarray(i * block, (i + 1) * block), i * block);
    let tokens = 0;
    const patience = new Patience(limits, content.length);
    this.fetch = new BlobFetch(this.blob, { pace, patience, token: () => `t${tokens++}`, random: () => 0.5 });
  }

  get asked(): BlobGet {
    const last = this.asks.at(-1);
    if (last === undefined) throw new Error('nothing was asked for');
    return last.request;
  }

  feed(event: FetchEvent): void {
    for (const action of this.fetch.handle(event, this.now, this.leave)) {
      if (action.type === 'ask') this.asks.push({ at: this.now, request: action.request });
      else if (action.type === 'write') {
        this.written.set(action.bytes, action.at);
        this.feed({ type: 'written', bytes: action.bytes.byteLength });
      } else this.ended = action;
    }
  }

  data(data: BlobData): void {
    this.feed({ type: 'data', data });
  }

  /** Lets time pass to where the fetch wants to be woken; false where it does not. */
  wake(): boolean {
    const { wakeAt } = this.fetch;
    if (wakeAt === undefined) return false;
    this.now = Math.max(this.now, wakeAt);
    this.feed({ type: 'tick' });
    return true;
  }
}
