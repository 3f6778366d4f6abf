import { Transform, type TransformCallback } from 'node:stream';
import { protocolBroken } from './errors.ts';

const PUBLISH = 3;
/** Topic and properties of one packet together; nobody means more. */
const MAX_HEAD = 70_000;

/** Where a PUBLISH's payload begins within its body, or undefined while `head` is too short to tell. */
function payloadOffset(head: Uint8Array, qos: number, withProperties: boolean): number | undefined {
  if (head.length < 2) return undefined;
  const afterTopic = 2 + (((head[0] ?? 0) << 8) | (head[1] ?? 0)) + (qos > 0 ? 2 : 0);
  if (!withProperties) return afterTopic;
  const properties = readVariable(head, afterTopic);
  return properties === undefined ? undefined : properties.next + properties.value;
}

/** MQTT's variable byte integer at `at`; undefined while bytes are missing. */
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

/**
 * Cuts payloads that are too long out of the incoming bytes before anybody gathers them: the packet goes on with
 * `marker` and the length (4 bytes, big endian) in their place, so that it is still acknowledged. mqtt.js alone would
 * hold the whole packet in memory, and a limit declared to the broker makes it drop messages without a word.
 */
export class PayloadTrimmer {
  readonly #limit: number;
  readonly #marker: Uint8Array;
  readonly #withProperties: boolean;
  /** Bytes of a packet of which not enough is here yet: its fixed header, or the head of a long PUBLISH. */
  #held = Buffer.alloc(0);
  #pass = 0;
  #skip = 0;

  constructor(limit: number, marker: Uint8Array, withProperties: boolean) {
    this.#limit = limit;
    this.#marker = marker;
    this.#withProperties = withProperties;
  }

  /** What goes on, in order; the parts are views into `chunk` wherever possible. Throws `link.protocol`. */
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
      if (length.value > this.#limit) {
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

  /** `bytes` begins with a packet longer than the limit. */
  #cut(bytes: Buffer, length: { value: number; next: number }, out: Buffer[]): number {
    const first = bytes[0] ?? 0;
    if (first >> 4 !== PUBLISH) throw protocolBroken('broker', `a packet of ${length.value} bytes that is no message`);
    const head = bytes.subarray(length.next);
    const offset = payloadOffset(head, (first >> 1) & 3, this.#withProperties);
    if ((offset ?? head.length) > MAX_HEAD) throw protocolBroken('broker', 'a message whose header has no end');
    if (offset === undefined || head.length < offset) return 0;
    const size = length.value - offset;
    if (size <= this.#limit) {
      this.#pass = length.next + length.value;
      return this.#take(bytes, out);
    }
    const told = Buffer.alloc(4);
    told.writeUInt32BE(size);
    const body = offset + this.#marker.length + 4;
    out.push(
      Buffer.concat([Buffer.from([first, ...writeVariable(body)]), head.subarray(0, offset), this.#marker, told]),
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

export class TrimStream extends Transform {
  readonly #trimmer: PayloadTrimmer;

  constructor(trimmer: PayloadTrimmer) {
    super();
    this.#trimmer = trimmer;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (const part of this.#trimmer.push(chunk)) this.push(part);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
