import { type FileHandle, open } from 'node:fs/promises';
import { EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import { createLink, type Link, type LinkOptions, type Message, subscribedWithin } from '../../common/link/index.ts';
import {
  type BlobGet,
  blobPrefix,
  CHANNELS,
  decodeBlobGet,
  encodeBlobData,
  MAX_BLOB_GET_BYTES,
  parseTopic,
  topicFilter,
  topicOf,
} from '../../common/protocol/index.ts';
import type { BlobIndex, ServedBlob } from './blob-index.ts';
import { unreachable } from './errors.ts';
import { type Turn, Turns } from './turns.ts';

const KEEPALIVE_S = 30;

/** How far a device is with a blob, as its requests tell. */
export interface ServingProgress {
  readonly site: string;
  readonly device: string;
  readonly sha256: string;
  /** The path of the file below the folder of bundles. */
  readonly path: string;
  /** Whether it is the file itself, and not its block list. */
  readonly isFile: boolean;
  /** Bytes before the first one that the device asks for. */
  readonly at: number;
  readonly length: number;
}

/** Whoever wants to hear of the devices; must not throw. */
export interface ServingListener {
  /** Called with each request that is served. */
  progress?(progress: ServingProgress): void;
  /** Called for a request for a blob that is not served here. */
  unknown?(device: { readonly site: string; readonly device: string; readonly sha256: string }): void;
  /** Called for a message that is no request. */
  refused?(topic: string, error: EdgewrightError): void;
  /** Called where a file is no more what was hashed: it is served no longer. */
  changed?(path: string): void;
  connection?(online: boolean, reason: string | undefined): void;
}

/** The broker where devices ask. */
export type ServingTarget = Pick<LinkOptions, 'url' | 'version' | 'clientId'> &
  Partial<Pick<LinkOptions, 'username' | 'password' | 'tls' | 'backoff'>> & { readonly prefix: string };

/** Serves the blobs of an index to every device that asks, until it is closed. It keeps nothing: it may be started again. */
export class BlobService {
  readonly #target: ServingTarget;
  readonly #blobs: Map<string, ServedBlob>;
  readonly #listener: ServingListener;
  readonly #logger: Logger;
  readonly #link: Link;
  readonly #turns = new Turns();
  #served = 0;
  #closed = false;

  /** Throws `link.bad-url`. Nothing happens before `start`. */
  constructor(target: ServingTarget, { blobs }: BlobIndex, listener: ServingListener, { logger }: { logger: Logger }) {
    const { prefix: _prefix, ...options } = target;
    this.#target = target;
    this.#blobs = new Map(blobs);
    this.#listener = listener;
    this.#logger = logger;
    this.#link = createLink(
      { ...options, clean: true, keepalive: KEEPALIVE_S, maxIncomingBytes: MAX_BLOB_GET_BYTES },
      { logger },
    );
  }

  /** Bytes of blobs that were published. */
  get served(): number {
    return this.#served;
  }

  /** Resolves when requests can come; rejects with `serving.broker-unreachable` after `deadline` ms, or when refused. */
  async start(deadline: number): Promise<void> {
    this.#link.listen({
      connected: () => this.#listener.connection?.(true, undefined),
      closed: ({ error }) => {
        this.#turns.clear();
        if (error !== undefined) this.#listener.connection?.(false, error.message);
      },
    });
    const subscribed = this.#link.subscribe({
      filter: topicFilter(this.#target.prefix, 'blob/get'),
      qos: CHANNELS['blob/get'].qos,
      onMessage: (message) => this.#take(message),
    });
    this.#link.start();
    await subscribedWithin(
      subscribed,
      deadline,
      () => this.#late(deadline),
      () => this.close(),
    );
  }

  /** Serves no more and disconnects in order. Bounded in time. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#turns.clear();
    await this.#link.close();
  }

  #late(deadline: number): EdgewrightError {
    const { lastError } = this.#link;
    const detail = lastError === undefined ? {} : { cause: lastError, hint: lastError.hint };
    return unreachable('broker', `${lastError?.message ?? 'no answer'} (tried for ${deadline} ms)`, detail);
  }

  #take({ topic, payload, oversized }: Message): void {
    const address = parseTopic(this.#target.prefix, topic);
    if (address === undefined) return;
    try {
      const request = decodeBlobGet(oversized === undefined ? payload : new Uint8Array(MAX_BLOB_GET_BYTES + 1));
      this.#ask(address, request);
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      this.#listener.refused?.(topic, error);
    }
  }

  #ask({ site, device }: { site: string; device: string }, request: BlobGet): void {
    const blob = this.#blobs.get(request.sha256);
    const taken = this.#turns.take(`${site}/${device}`, request, blob?.length);
    if (taken === 'unknown') this.#listener.unknown?.({ site, device, sha256: request.sha256 });
    if (taken !== 'taken' || blob === undefined) return;
    const { sha256, path, length, content } = blob;
    const at = Math.min(length, request.first * request.block);
    this.#listener.progress?.({ site, device, sha256, path, isFile: 'file' in content, at, length });
    this.#send();
  }

  /** Sends as many pieces as may be on their way. */
  #send(): void {
    for (let turn = this.#turns.next(); turn !== undefined; turn = this.#turns.next()) {
      const { device } = turn;
      void this.#publish(turn).finally(() => {
        this.#turns.sent(device);
        if (!this.#closed) this.#send();
      });
    }
  }

  async #publish({ device, sha256, index, at, length }: Turn): Promise<void> {
    const blob = this.#blobs.get(sha256);
    if (blob === undefined) return;
    try {
      const bytes = await this.#read(blob, at, length);
      if (bytes === undefined) return;
      const [site = '', name = ''] = device.split('/');
      const topic = topicOf({ prefix: this.#target.prefix, site, device: name }, 'blob/data');
      const payload = encodeBlobData({ prefix: blobPrefix(sha256), index, bytes });
      const { qos, message } = CHANNELS['blob/data'];
      await this.#link.publish(topic, payload, { qos, contentType: message.contentType });
      this.#served += length;
    } catch (error) {
      // A link that is down says so itself; the device asks again.
      this.#logger.debug('piece not sent', { reason: reasonOf(error) });
    }
  }

  /** Reads bytes of a blob; undefined where its file is no more what was hashed. */
  async #read(
    { content, path, sha256, length: whole }: ServedBlob,
    at: number,
    length: number,
  ): Promise<Uint8Array | undefined> {
    if ('list' in content) return content.list.subarray(at, at + length);
    let file: FileHandle | undefined;
    try {
      file = await open(content.file, 'r');
      const { size, mtimeMs } = await file.stat();
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      if (size === whole && mtimeMs === content.modified && bytesRead === length) return bytes;
    } catch (error) {
      this.#logger.warn('file of a bundle cannot be read', { path, reason: reasonOf(error) });
    } finally {
      await file?.close();
    }
    this.#blobs.delete(sha256);
    this.#listener.changed?.(path);
    return undefined;
  }
}
