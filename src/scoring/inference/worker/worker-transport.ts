import type { Answer, Request } from './messages.ts';

/** What inference lives in: a worker thread, which has this form by itself, or a process. */
export interface WorkerTransport {
  postMessage(request: Request, transfer: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (answer: Answer) => void): unknown;
  on(event: 'error' | 'messageerror', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  /** Ends it at once, whatever it does. */
  terminate(): Promise<unknown>;
}
