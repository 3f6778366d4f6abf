import { Transform, type TransformCallback } from 'node:stream';
import { protocolBroken } from './errors.ts';

const PUBLISH = 3;
const PUBACK = 4;
/** Most bytes of topic and properties of one packet together; nobody means more. */
const MAX_HEAD = 70_000;

/** The offset of a PUBLISH's payload within its body; undefined while `head` is too short to tell. */
function payloadOffset(head: Uint8Array, qos: number, withProperties: boolean): number | undefined {
  if (head.length < 2) return undefined;
  const afterTopic = 2 + (((head[0] ?? 0) << 8) | (head[1] ?? 0)) + (qos > 0 ? 2 : 0);
  if (!withProperties) return afterTopic;
  const properties = readVariable(head, afterTopic);
  return properties === undefined ? undefined : properties.next + properties.value;
}

/** Reads MQTT's variable byte integer at `at`; undefined while bytes are missing. */
function readVariable(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw protocolBroken('broker', 'malformed packet length');
}

function writeVariable(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return bytes;
}

/** What a filter cuts, and whom it tells. */
export interface IncomingOptions {
  /** Most bytes of a payload; a longer one is replaced by `marker` and its length (4 bytes, big endian). */
  readonly limit: number;
  readonly marker: Uint8Array;
  /** Whether the packets are of MQTT 5, with properties and reasons. */
  readonly v5: boolean;
  /** Called for every PUBACK that is no plain success, before the packet goes on as one. */
  onReason(messageId: number, reasonCode: number): void;
}

/**
 * Stands before the parser of mqtt.js, for two things that mqtt.js cannot be made to do.
 * Payloads that are too long are cut out before anybody gathers them, and the packet goes on without, so that it is
 * still acknowledged: mqtt.js would hold it all in memory, and a limit declared to the broker makes that drop messages
 * without a word.
 * Reasons of PUBACKs are read here: mqtt.js gives up the connection at one that the standard does not list for PUBACK,
 * such as Mosquitto's 0x95 (packet too large), and would then meet the same packet for ever.
 */
export class IncomingFilter {
  readonly #options: IncomingOptions;
  /** The bytes of a packet of which not enough is here yet: its fixed header, or the head of a long PUBLISH. */
  #held = Buffer.alloc(0);
  #pass = 0;
  #skip = 0;

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  /** Returns what goes on, in order; the parts are views into `chunk` wherever possible. Throws `link.protocol`. */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    let bytes = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = Buffer.alloc(0);
    while (bytes.length > 0) {
      const used = this.#skip > 0 ? this.#drop(bytes) : this.#take(bytes, out);
      if (used === 0) {
        this.#held = Buffer.from(bytes);
        break;
      }
      bytes = bytes.subarray(used);
    }
    return out;
  }

  #drop(bytes: Buffer): number {
    const used = Math.min(this.#skip, bytes.length);
    this.#skip -= used;
    return used;
  }

  /** Takes as many whole and begun packets as need no cutting; 0 when more bytes are needed. */
  #take(bytes: Buffer, out: Buffer[]): number {
    let at = Math.min(this.#pass, bytes.length);
    this.#pass -= at;
    while (at < bytes.length) {
      const length = readVariable(bytes, at + 1);
      if (length === undefined) break;
      if ((bytes[at] ?? 0) >> 4 === PUBACK && length.value > 2) {
        if (bytes.length < length.next + 3) break;
        this.#takeReason(bytes, length.next);
      } else if (length.value > this.#options.limit) {
        if (at > 0) break;
        return this.#cut(bytes, length, out);
      }
      const end = length.next + length.value;
      this.#pass = Math.max(0, end - bytes.length);
      at = Math.min(end, bytes.length);
    }
    if (at > 0) out.push(bytes.subarray(0, at));
    return at;
  }

  #takeReason(bytes: Buffer, body: number): void {
    const reason = bytes[body + 2] ?? 0;
    if (reason === 0) return;
    this.#options.onReason(bytes.readUInt16BE(body), reason);
    bytes[body + 2] = 0;
  }

  /** Cuts the packet longer than the limit with which `bytes` begins. */
  #cut(bytes: Buffer, length: { value: number; next: number }, out: Buffer[]): number {
    const first = bytes[0] ?? 0;
    if (first >> 4 !== PUBLISH) throw protocolBroken('broker', `a packet of ${length.value} bytes that is no message`);
    const head = bytes.subarray(length.next);
    const offset = payloadOffset(head, (first >> 1) & 3, this.#options.v5);
    if ((offset ?? head.length) > MAX_HEAD) throw protocolBroken('broker', 'a message whose header has no end');
    if (offset === undefined || head.length < offset) return 0;
    const size = length.value - offset;
    if (size <= this.#options.limit) {
      this.#pass = length.next + length.value;
      return this.#take(bytes, out);
    }
    const told = Buffer.alloc(4);
    told.writeUInt32BE(size);
    const body = offset + this.#options.marker.length + 4;
    out.push(
      Buffer.concat([
        Buffer.from([first, ...writeVariable(body)]),
        head.subarray(0, offset),
        this.#options.marker,
        told,
      ]),
    );
    this.#skip = size;
    return length.next + offset;
  }
}

/** The length of the payload that was cut, where `payload` stands for one. */
export function trimmedLength(payload: Buffer, marker: Uint8Array): number | undefined {
  if (payload.length !== marker.length + 4) return undefined;
  return payload.subarray(0, marker.length).equals(marker) ? payload.readUInt32BE(marker.length) : undefined;
}

/** An `IncomingFilter` as a stream between socket and parser. */
export class IncomingStream extends Transform {
  readonly #filter: IncomingFilter;

  constructor(filter: IncomingFilter) {
    super();
    this.#filter = filter;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (const part of this.#filter.push(chunk)) this.push(part);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
