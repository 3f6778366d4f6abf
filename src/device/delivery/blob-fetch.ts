import {
  type BlobData,
  type BlobGet,
  blobPrefix,
  encodeHave,
  MAX_OUTSTANDING,
  MAX_PIECES,
  pieceSizes,
} from '../../common/protocol/index.ts';
import type { FetchAction, FetchEvent, Leave, Refused, WantedBlob } from './fetch-events.ts';
import type { FetchPace } from './fetch-pace.ts';
import { OpenBlock } from './open-block.ts';
import type { Patience } from './patience.ts';

/** The time, in ms, without a piece after which they are asked for again; it doubles while none comes at all. */
const ANSWER = 10_000;
const LONGEST_ANSWER = 5 * 60_000;
/** What is added to that time at most, as a share of it, so that devices do not ask in step. */
const JITTER = 0.25;
/** Blocks of a blob that may be other than the list says, before it is given up. */
const MAX_TAMPERED = 16;
/** The wait, in ms, after the first such block; it doubles with each. */
const TAMPERED_WAIT = 500;
const LONGEST_TAMPERED_WAIT = 60_000;
/** The wait, in ms, after a request that could not be sent. */
const UNSENT_WAIT = 1_000;

interface Asked {
  readonly token: string;
  readonly last: number;
  readonly wanted: Set<number>;
  heard: number | undefined;
  readonly at: number;
}

/** What a fetch works with, beside the blob. Pace and patience are those of the whole bundle. */
export interface FetchDeps {
  readonly pace: FetchPace;
  readonly patience: Patience;
  /** Makes a token that no request had. */
  readonly token: () => string;
  /** A number that is uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Fetches one blob: decides what is asked for, and whether what comes is it. Pure: events in, actions out, time as an
 * argument. One request is on its way at a time; a block is let through only where the list has it, and whatever else
 * comes has no effect but to be counted.
 */
export class BlobFetch {
  readonly #blob: WantedBlob;
  readonly #deps: FetchDeps;
  readonly #prefix: string;
  readonly #sizes: readonly number[];
  /** Blocks that are verified. */
  readonly #done: Uint8Array;
  #left: number;
  readonly #open = new Map<number, OpenBlock>();
  #asked: Asked | undefined;
  #connected = false;
  #askAt = Number.NEGATIVE_INFINITY;
  #unanswered = 0;
  #writing = 0;
  #tampered = 0;
  #bytes = 0;
  readonly #refused: Partial<Record<Refused, number>> = {};
  #over = false;

  constructor(blob: WantedBlob, deps: FetchDeps) {
    this.#blob = blob;
    this.#deps = deps;
    this.#prefix = blobPrefix(blob.sha256);
    this.#sizes = blob.list.count > 1 ? pieceSizes(blob.block) : pieceSizes(MAX_OUTSTANDING);
    this.#done = new Uint8Array(blob.list.count);
    for (const index of blob.have) {
      this.#done[index] = 1;
      this.#bytes += this.#lengthOf(index);
    }
    this.#left = blob.list.count - blob.have.length;
  }

  /** Bytes of the blob that are verified. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many pieces had no effect, by reason. */
  get refused(): Readonly<Partial<Record<Refused, number>>> {
    return this.#refused;
  }

  /** Whether a request would go if there were leave. */
  wantsLeave(now: number): boolean {
    return this.#mayAsk(now);
  }

  /** The time at which `tick` is wanted; undefined while only events can change anything. */
  get wakeAt(): number | undefined {
    if (this.#over || !this.#connected) return undefined;
    return this.#asked === undefined ? this.#askAt : this.#dueAt(this.#asked);
  }

  /** Takes an event at `now` (monotonic ms), and returns what is to be done about it, in order. */
  handle(event: FetchEvent, now: number, leave: Leave): FetchAction[] {
    if (this.#over) return [];
    const actions = this.#take(event, now);
    this.#expire(now);
    const end = this.#end();
    if (end !== undefined) {
      this.#over = true;
      return [...actions, end];
    }
    if (leave !== 'none' && this.#mayAsk(now)) actions.push(this.#ask(now, leave));
    this.#deps.patience.pass(now, this.#asked !== undefined);
    return actions;
  }

  #take(event: FetchEvent, now: number): FetchAction[] {
    this.#deps.patience.pass(now, this.#asked !== undefined);
    switch (event.type) {
      case 'connected':
        this.#connected = true;
        this.#asked = undefined;
        this.#unanswered = 0;
        this.#deps.pace.connected();
        return [];
      case 'closed':
        this.#connected = false;
        this.#asked = undefined;
        return [];
      case 'data':
        return this.#onData(event.data, now);
      case 'malformed':
        this.#refuse('malformed');
        return [];
      case 'unsent':
        if (this.#asked?.token !== event.token) return [];
        this.#asked = undefined;
        this.#askAt = now + UNSENT_WAIT;
        return [];
      case 'written':
        this.#writing -= event.bytes;
        return [];
      case 'tick':
        return [];
    }
  }

  #onData({ prefix, index, bytes }: BlobData, now: number): FetchAction[] {
    if (prefix !== this.#prefix) return this.#refuse('another-blob');
    const [number, block] = [...this.#open].find(([, one]) => one.covers(index)) ?? [];
    if (number === undefined || block === undefined) return this.#refuse('not-awaited');
    const taken = block.take(index, bytes);
    if (taken !== 'taken') return this.#refuse(taken);
    this.#note(index, bytes.byteLength, now);
    if (!block.whole) return [];
    this.#open.delete(number);
    if (!this.#blob.list.fits(number, block.bytes)) return this.#onTampered(now);
    this.#done[number] = 1;
    this.#left -= 1;
    this.#bytes += block.bytes.byteLength;
    this.#writing += block.bytes.byteLength;
    this.#unanswered = 0;
    this.#deps.patience.good();
    return [{ type: 'write', at: block.start, bytes: block.bytes }];
  }

  /** Pieces come in order: with the last one those that are missing are lost. */
  #note(index: number, bytes: number, now: number): void {
    const asked = this.#asked;
    if (!asked?.wanted.delete(index)) return;
    asked.heard = now;
    this.#deps.pace.came(bytes, now);
    if (asked.wanted.size > 0 && index !== asked.last) return;
    this.#deps.pace.over();
    this.#asked = undefined;
  }

  #onTampered(now: number): FetchAction[] {
    this.#refuse('tampered');
    const wait = Math.min(LONGEST_TAMPERED_WAIT, TAMPERED_WAIT * 2 ** this.#tampered);
    this.#tampered += 1;
    this.#deps.pace.over();
    this.#asked = undefined;
    this.#askAt = now + wait;
    return [];
  }

  #refuse(reason: Refused): FetchAction[] {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    return [];
  }

  #dueAt({ at, heard }: Asked): number {
    const wait = Math.min(LONGEST_ANSWER, ANSWER * 2 ** this.#unanswered);
    return heard === undefined ? at + wait : heard + ANSWER;
  }

  #expire(now: number): void {
    const asked = this.#asked;
    if (asked === undefined || now < this.#dueAt(asked)) return;
    if (asked.heard === undefined) this.#unanswered += 1;
    // What devices wait for beyond the answer is not the same for each.
    this.#askAt = now + this.#deps.random() * JITTER * ANSWER * 2 ** Math.min(5, this.#unanswered);
    this.#deps.pace.over();
    this.#asked = undefined;
  }

  #end(): FetchAction | undefined {
    if (this.#tampered >= MAX_TAMPERED) {
      return { type: 'failed', code: 'blob.tampered', reason: `${this.#tampered} blocks were not those of the order` };
    }
    const { exhausted } = this.#deps.patience;
    if (exhausted !== undefined) return { type: 'failed', code: 'blob.unserved', reason: exhausted };
    return this.#left === 0 && this.#writing === 0 ? { type: 'complete' } : undefined;
  }

  #mayAsk(now: number): boolean {
    if (this.#over || !this.#connected || this.#asked !== undefined || now < this.#askAt) return false;
    return this.#left > 0 && this.#writing < MAX_OUTSTANDING;
  }

  #ask(now: number, leave: Exclude<Leave, 'none'>): FetchAction {
    const start = this.#done.indexOf(0);
    const size = this.#sizeFor(start, leave);
    const most = leave === 'little' ? 1 : this.#mostOf(size);
    const wanted = this.#wanted(start, size, most);
    const [first = 0] = wanted;
    const last = wanted.at(-1) ?? first;
    const missing = new Set(wanted);
    const token = this.#deps.token();
    this.#deps.pace.asked(now);
    this.#asked = { token, last, wanted: missing, heard: undefined, at: now };
    const count = last - first + 1;
    const have = encodeHave(count, (i) => !missing.has(first + i));
    const request: BlobGet = { token, sha256: this.#blob.sha256, block: size, first, count, have };
    return { type: 'ask', request };
  }

  /** Most pieces of a size, which may be another than the link wants. */
  #mostOf(size: number): number {
    const portion = this.#deps.pace.portion(this.#sizes);
    return size === portion.size ? portion.count : this.#deps.pace.pieces(size);
  }

  /** The size of pieces as the link wants it. */
  get #ideal(): number {
    return this.#deps.pace.portion(this.#sizes).size;
  }

  /** The size of the pieces of a block: as the link wants it, and as what has come of the block allows. */
  #sizeFor(number: number, leave: Leave): number {
    const size = leave === 'little' ? (this.#sizes.at(-1) ?? this.#ideal) : this.#ideal;
    const open = this.#open.get(number);
    if (open === undefined) return size;
    const fitting = this.#sizes.find((one) => one <= size && open.cut(one));
    return fitting ?? open.size;
  }

  /**
   * The indices of the next pieces of that size, rising; opens their blocks. A block is begun only where all of it is
   * asked for, unless it is the first: its pieces would have to stay of that size.
   */
  #wanted(start: number, size: number, most: number): number[] {
    const wanted: number[] = [];
    const isFree = (number: number) => {
      const pieces = Math.ceil(this.#lengthOf(number) / size);
      return wanted.length === 0 || (size === this.#ideal && wanted.length + pieces <= most);
    };
    const within = (piece: number) => wanted.length < most && piece - (wanted[0] ?? piece) < MAX_PIECES;
    for (let number = start; number < this.#blob.list.count; number += 1) {
      if (this.#done[number] === 1) continue;
      const at = number * this.#blob.block;
      if (!within(at / size)) break;
      const open = this.#open.get(number);
      if (open === undefined ? !isFree(number) : !open.cut(size)) break;
      const block = open ?? new OpenBlock(at, this.#lengthOf(number), size);
      this.#open.set(number, block);
      for (let i = 0; i < block.pieces; i += 1) {
        const piece = block.firstPiece + i;
        if (!within(piece)) break;
        if (!block.has(piece)) wanted.push(piece);
      }
    }
    return wanted;
  }

  #lengthOf(number: number): number {
    const { length, block } = this.#blob;
    return Math.min(block, length - number * block);
  }
}
