/** What a user needs to act on a failure: a stable code, the thing, the reason, and what to do. */
export interface ErrorKind {
  /** Stable, `room.kebab-case`. Programs match on this and never on the message. */
  readonly code: string;
  /** What the operator can do about it. */
  readonly hint: string;
  /** Whether trying the same thing again later can succeed. */
  readonly retry: boolean;
  /** 1: the answer is no, or the world did not let it. 2: wrong usage, or a missing or invalid file. */
  readonly exit: 1 | 2;
}

export interface ErrorDetail {
  readonly cause?: unknown;
  /** Replaces the kind's general hint where a better one is known. */
  readonly hint?: string;
  /** Dotted path inside the file at fault. */
  readonly path?: string;
}

export class EdgewrightError extends Error {
  readonly kind: ErrorKind;
  readonly subject: string;
  readonly hint: string;
  readonly path: string | undefined;

  constructor(kind: ErrorKind, subject: string, reason: string, detail: ErrorDetail = {}) {
    super(`${subject}: ${reason}`, { cause: detail.cause });
    this.name = 'EdgewrightError';
    this.kind = kind;
    this.subject = subject;
    this.hint = detail.hint ?? kind.hint;
    this.path = detail.path;
  }

  get code(): string {
    return this.kind.code;
  }
}

export interface ErrorFactory {
  readonly kind: ErrorKind;
  (subject: string, reason: string, detail?: ErrorDetail): EdgewrightError;
}

/** Declares one kind of error of a room; the guard test gathers every declaration into the documented catalogue. */
export function defineError(
  code: string,
  hint: string,
  { retry = false, exit = 1 }: { retry?: boolean; exit?: 1 | 2 } = {},
): ErrorFactory {
  const kind: ErrorKind = { code, hint, retry, exit };
  const factory = (subject: string, reason: string, detail?: ErrorDetail) =>
    new EdgewrightError(kind, subject, reason, detail);
  return Object.assign(factory, { kind });
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
