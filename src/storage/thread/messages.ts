import {
  EdgewrightError,
  type ErrorKind,
  type EventName,
  type EventRecord,
  type Lane,
} from '../../common/core/index.ts';
import type {
  ClaimLimits,
  CommitResult,
  EntryGroup,
  Notice,
  OpenedBoot,
  Receipt,
  ResendRequest,
} from '../outbox/index.ts';

/** Messages from the main thread to the storage thread. A `call` is answered once. */
export type ToStorage =
  | { readonly op: 'append'; readonly group: EntryGroup }
  | { readonly op: 'confirm' | 'release' | 'reject'; readonly batch: number }
  | { readonly op: 'claim'; readonly call: number; readonly lane: Lane; readonly limits: ClaimLimits }
  | { readonly op: 'live' }
  | { readonly op: 'resend'; readonly call: number; readonly request: ResendRequest }
  | { readonly op: 'receipt'; readonly call: number; readonly receipt: Receipt }
  | { readonly op: 'control'; readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly op: 'clock'; readonly now: number; readonly trusted: boolean }
  | { readonly op: 'event'; readonly event: EventName; readonly detail: EventRecord['detail']; readonly at: number }
  | { readonly op: 'emittedSince'; readonly call: number; readonly boot: string; readonly seq: number }
  | { readonly op: 'flush' | 'stats' | 'close'; readonly call: number };

/** Messages from the storage thread; the first one is `opened` or `refused`. */
export type FromStorage =
  | { readonly op: 'opened'; readonly opened: OpenedBoot }
  | { readonly op: 'refused'; readonly error: ErrorData }
  | ({ readonly op: 'committed' } & Omit<CommitResult, 'more' | 'received'>)
  | ({ readonly op: 'received' } & CommitResult['received'])
  | ({ readonly op: 'notice' } & Notice)
  /** A commit failed and is tried again; then, once, `recovered`. */
  | { readonly op: 'trouble'; readonly error: ErrorData; readonly attempts: number }
  | { readonly op: 'recovered' }
  /** A lane that had nothing may have something again, without a commit. */
  | { readonly op: 'offered' }
  | { readonly op: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly op: 'failed'; readonly call: number; readonly error: ErrorData };

/** An error as it crosses between threads: structured clone would keep the message alone. */
export interface ErrorData {
  readonly kind: ErrorKind;
  readonly subject: string;
  readonly reason: string;
  readonly hint: string;
}

export function packError(error: EdgewrightError): ErrorData {
  const { kind, subject, message, hint } = error;
  return { kind, subject, reason: message.slice(subject.length + 2), hint };
}

export function unpackError({ kind, subject, reason, hint }: ErrorData): EdgewrightError {
  return new EdgewrightError(kind, subject, reason, { hint });
}
