import type { MessagePort, Worker } from 'node:worker_threads';
import type { EdgewrightError } from '../../common/core/index.ts';
import { closed, threadStopped } from '../outbox/index.ts';
import { type FromStorage, type ToStorage, unpackError } from './messages.ts';

interface Call {
  resolve(value: unknown): void;
  reject(error: EdgewrightError): void;
}

/** Messages that the storage thread sends by itself, not in answer to a call. */
export type StorageNews = Exclude<FromStorage, { readonly op: 'answer' | 'failed' | 'opened' | 'refused' }>;

export interface StorageListener {
  readonly onNews: (news: StorageNews) => void;
  /** The thread is gone, though nobody closed it. */
  readonly onGone: (error: EdgewrightError) => void;
}

/** The main thread's end of the port to the storage thread: messages there, calls with an answer each, news back. */
export class StoragePort {
  readonly #port: MessagePort | Worker;
  readonly #calls = new Map<number, Call>();
  #listener: StorageListener | undefined;
  #nextCall = 1;
  #gone: EdgewrightError | undefined;

  constructor(port: MessagePort | Worker) {
    this.#port = port;
  }

  /** Why nothing can be sent any more. */
  get gone(): EdgewrightError | undefined {
    return this.#gone;
  }

  /** Begins to take messages; to be called once, before anything is sent. */
  listen(listener: StorageListener): void {
    this.#listener = listener;
    this.#port.on('message', (message: FromStorage) => this.#receive(message));
    const stopped = (reason: string) => this.#fail(threadStopped('the store thread', reason));
    this.#port.on('error', (error: Error) => stopped(error.message));
    this.#port.on('exit', (code: number) => stopped(`it ended with status ${code}`));
    this.#port.on('close', () => stopped('its port closed'));
  }

  /** Sends a message; drops it where the thread is gone. */
  send(message: ToStorage, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#gone === undefined) this.#port.postMessage(message, transfer);
  }

  /** Sends a call; rejects with the thread's error, or because it is gone. */
  ask<T>(message: (call: number) => ToStorage): Promise<T> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const call = this.#nextCall;
    this.#nextCall += 1;
    return new Promise<T>((resolve, reject) => {
      this.#calls.set(call, { resolve: resolve as (value: unknown) => void, reject });
      this.send(message(call));
    });
  }

  /** Asks the thread to end, waits for its answer at most `within` ms, and ends it. Never rejects. */
  async close(within: number): Promise<{ readonly pending: number } | undefined> {
    const answer = this.ask<{ pending: number }>((call) => ({ op: 'close', call }));
    this.#gone ??= closed('the outbox', 'it is closed');
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), within);
    });
    const result = await Promise.race([answer.catch(() => undefined), deadline]);
    clearTimeout(timer);
    this.#settleCalls(this.#gone);
    if ('terminate' in this.#port) await this.#port.terminate();
    else this.#port.close();
    return result;
  }

  #receive(message: FromStorage): void {
    switch (message.op) {
      case 'answer':
        this.#take(message.call)?.resolve(message.value);
        return;
      case 'failed':
        this.#take(message.call)?.reject(unpackError(message.error));
        return;
      case 'opened':
      case 'refused':
        return;
      default:
        this.#listener?.onNews(message);
    }
  }

  #take(call: number): Call | undefined {
    const known = this.#calls.get(call);
    this.#calls.delete(call);
    return known;
  }

  #fail(error: EdgewrightError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#settleCalls(error);
    this.#listener?.onGone(error);
  }

  /** Nobody waits for a thread that is gone. */
  #settleCalls(error: EdgewrightError): void {
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}
