import { type ClientRequest, type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { Backoff, type BackoffLimits, type TlsMaterial } from '../../common/link/index.ts';
import { type BlobGet, blobPrefix, wantedPieces } from '../../common/protocol/index.ts';
import type { BlobListener, BlobWay } from './blob-way.ts';
import { badUrl } from './errors.ts';

/** The time, in ms, without a byte after which a connection is given up. */
const SILENCE = 10_000;
/** The waits after a connection that failed. */
const BACKOFF: BackoffLimits = { first: 1_000, longest: 60_000, stable: 60_000 };

/** Where bundles are served over HTTP, and how. */
export interface HttpWayOptions {
  /** The address below which blobs lie as `blobs/sha256/HEX`, block lists among them. */
  readonly url: string;
  /** The CA that signed the server, and the device's own certificate, as those of the uplink. */
  readonly tls?: TlsMaterial;
  /** A number that is uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

/** Bytes of a blob that lie one after the other. */
interface Range {
  readonly first: number;
  readonly pieces: number;
}

/**
 * Pieces over HTTP(S), by requests for ranges. A server that cannot be reached counts as a connection that is lost; one
 * that answers otherwise than asked serves nothing. No redirection is followed, and no byte beyond a range is read.
 */
export class HttpWay implements BlobWay {
  readonly #base: URL;
  readonly #tls: TlsMaterial;
  readonly #backoff: Backoff;
  #listener: BlobListener | undefined;
  #current: ClientRequest | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** Throws `delivery.bad-url`. */
  constructor({ url, tls = {}, random = Math.random }: HttpWayOptions) {
    this.#base = parse(url);
    this.#tls = tls;
    this.#backoff = new Backoff(BACKOFF, random);
  }

  get connected(): boolean {
    return this.#retry === undefined;
  }

  listen(listener: BlobListener): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener !== listener) return;
      this.#listener = undefined;
      this.#abandon();
      clearTimeout(this.#retry);
      this.#retry = undefined;
    };
  }

  async ask(request: BlobGet): Promise<void> {
    this.#abandon();
    this.#next(request, rangesOf(request));
  }

  #next(request: BlobGet, [range, ...others]: readonly Range[]): void {
    if (range === undefined) return;
    const { block, sha256 } = request;
    const start = range.first * block;
    const url = new URL(`${this.#base.pathname}blobs/sha256/${sha256}`, this.#base);
    const headers = { range: `bytes=${start}-${start + range.pieces * block - 1}`, 'accept-encoding': 'identity' };
    const { ca, cert, key } = this.#tls;
    const options = {
      headers,
      timeout: SILENCE,
      ...(ca && { ca: Buffer.from(ca) }),
      ...(cert && { cert: Buffer.from(cert) }),
      ...(key && { key: Buffer.from(key) }),
    };
    const current = url.protocol === 'https:' ? secure(url, options) : plain(url, options);
    this.#current = current;
    current.on('timeout', () => current.destroy(new Error(`silent for ${SILENCE} ms`)));
    current.on('error', () => this.#failed(current));
    current.on('response', (response) => {
      if (!answers(response, start)) {
        this.#abandon();
        return;
      }
      const pieces = new Pieces(request, range, (index, bytes) => {
        if (this.#current === current) this.#listener?.data({ prefix: blobPrefix(sha256), index, bytes });
      });
      response.on('data', (chunk: Buffer) => {
        if (this.#current !== current || pieces.push(chunk)) return;
        // It goes on beyond the range, perhaps for ever; with the last piece another request may have begun.
        if (this.#current !== current) return;
        this.#abandon();
        this.#next(request, others);
      });
      response.on('error', () => this.#failed(current));
      response.on('close', () => {
        pieces.end();
        if (this.#current !== current) return;
        this.#backoff.reset();
        this.#next(request, others);
      });
    });
    current.end();
  }

  /** Ends what is on its way without a word. */
  #abandon(): void {
    const current = this.#current;
    this.#current = undefined;
    current?.destroy();
  }

  #failed(current: ClientRequest): void {
    if (this.#current !== current) return;
    this.#current = undefined;
    current.destroy();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#listener?.connected();
    }, this.#backoff.failed(performance.now()));
    this.#listener?.closed();
  }
}

/** Cuts what comes of a range into pieces, and takes no byte beyond it. */
class Pieces {
  readonly #size: number;
  readonly #give: (index: number, bytes: Uint8Array) => void;
  #left: number;
  #index: number;
  #held: Buffer = Buffer.alloc(0);

  constructor({ block }: BlobGet, { first, pieces }: Range, give: (index: number, bytes: Uint8Array) => void) {
    this.#size = block;
    this.#left = pieces * block;
    this.#index = first;
    this.#give = give;
  }

  /** False where more comes than the range has. */
  push(chunk: Buffer): boolean {
    const taken = chunk.subarray(0, this.#left);
    const within = taken.length === chunk.length;
    this.#left -= taken.length;
    this.#held = Buffer.concat([this.#held, taken]);
    while (this.#held.length >= this.#size) {
      this.#emit(this.#held.subarray(0, this.#size));
      this.#held = this.#held.subarray(this.#size);
    }
    return within;
  }

  /** The last piece of a blob may be shorter. */
  end(): void {
    if (this.#held.length > 0) this.#emit(this.#held);
    this.#held = Buffer.alloc(0);
    this.#left = 0;
  }

  #emit(bytes: Uint8Array): void {
    this.#give(this.#index, bytes);
    this.#index += 1;
  }
}

/** Whether a response has the bytes from `start` on, as they are. */
function answers({ statusCode, headers }: IncomingMessage, start: number): boolean {
  if (![undefined, 'identity'].includes(headers['content-encoding'])) return false;
  if (statusCode === 200) return start === 0;
  return statusCode === 206 && headers['content-range']?.startsWith(`bytes ${start}-`) === true;
}

function rangesOf(request: BlobGet): Range[] {
  const ranges: { first: number; pieces: number }[] = [];
  for (const piece of wantedPieces(request)) {
    const last = ranges.at(-1);
    if (last !== undefined && piece === last.first + last.pieces) last.pieces += 1;
    else ranges.push({ first: piece, pieces: 1 });
  }
  return ranges;
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw badUrl(text, 'is no http:// or https:// address');
  if (url.username !== '' || url.password !== '') throw badUrl(url.host, 'has a password in its address');
  if (url.search !== '' || url.hash !== '') throw badUrl(text, 'has a query or a fragment');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
