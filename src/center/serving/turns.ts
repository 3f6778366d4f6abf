import { type BlobGet, MAX_OUTSTANDING, wantedPieces } from '../../common/protocol/index.ts';

/** Most devices that wait at a time; of further ones the request is dropped, and they ask again. */
const MAX_DEVICES = 10_000;
/** Pieces that are read and published at a time, over all devices. */
const MAX_SENDING = 16;

/** A piece that is to be sent. */
export interface Turn {
  /** The device, as its topics begin. */
  readonly device: string;
  readonly sha256: string;
  readonly index: number;
  /** The place of its first byte, and its length. */
  readonly at: number;
  readonly length: number;
}

interface Waiting {
  readonly token: string;
  readonly sha256: string;
  readonly block: number;
  readonly length: number;
  readonly pieces: readonly number[];
  next: number;
}

/** What became of a request. */
export type Taken = 'taken' | 'again' | 'unknown' | 'nothing' | 'too-many';

/**
 * Says which piece is sent next: the devices take turns, a piece each and in order, and each has one request, of which
 * the newest counts. Pure. However many ask, what is sent at a time is bounded.
 */
export class Turns {
  readonly #requests = new Map<string, Waiting>();
  /** The devices whose next piece may be sent, the one whose turn it is first. */
  readonly #ready = new Set<string>();
  /** The devices of which a piece is on its way. */
  readonly #busy = new Set<string>();
  /** The token of each device's request that was answered last: over QoS 1 it may come twice. */
  readonly #answered = new Map<string, string>();

  /** The number of devices that wait. */
  get waiting(): number {
    return this.#requests.size;
  }

  /** Takes a request of a device for a blob, whose length is undefined where it is not served here. */
  take(device: string, request: BlobGet, length: number | undefined): Taken {
    const { token, sha256, block } = request;
    if (length === undefined) return 'unknown';
    const before = this.#requests.get(device);
    if (this.#answered.get(device) === token || before?.token === token) return 'again';
    const most = Math.floor(MAX_OUTSTANDING / block);
    const pieces = wantedPieces(request)
      .filter((piece) => piece * block < length)
      .slice(0, most);
    if (pieces.length === 0) return 'nothing';
    if (before === undefined && this.#requests.size >= MAX_DEVICES) return 'too-many';
    // A device that asks again keeps its place, and gains none.
    this.#requests.set(device, { token, sha256, block, length, pieces, next: 0 });
    if (!this.#busy.has(device)) this.#ready.add(device);
    return 'taken';
  }

  /** The piece that is to be sent now; undefined while there is none, or enough are on their way. */
  next(): Turn | undefined {
    const [device] = this.#ready;
    const request = device === undefined ? undefined : this.#requests.get(device);
    if (device === undefined || request === undefined || this.#busy.size >= MAX_SENDING) return undefined;
    this.#ready.delete(device);
    this.#busy.add(device);
    const { sha256, block, length, pieces } = request;
    const index = pieces[request.next] ?? 0;
    request.next += 1;
    if (request.next === pieces.length) this.#note(device, request.token);
    const at = index * block;
    return { device, sha256, index, at, length: Math.min(block, length - at) };
  }

  /** Notes that the piece of a device is sent, or cannot be. */
  sent(device: string): void {
    this.#busy.delete(device);
    if (this.#requests.has(device)) this.#ready.add(device);
  }

  /** Forgets all requests: the connection is gone, and devices ask again. */
  clear(): void {
    this.#requests.clear();
    this.#ready.clear();
  }

  #note(device: string, token: string): void {
    this.#requests.delete(device);
    this.#answered.delete(device);
    this.#answered.set(device, token);
    if (this.#answered.size <= MAX_DEVICES) return;
    const [oldest] = this.#answered.keys();
    if (oldest !== undefined) this.#answered.delete(oldest);
  }
}
