import type { Answer, Request } from './messages.ts';

/**
 * Way to a thread or process that runs a model. Node's Worker has this form by itself; ProcessTransport gives it to a
 * process.
 */
export interface WorkerTransport {
  postMessage(request: Request, transfer: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (answer: Answer) => void): unknown;
  on(event: 'error' | 'messageerror', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  /** Ends the thread or process at once, whatever it does; resolves when it has ended. */
  terminate(): Promise<unknown>;
}
