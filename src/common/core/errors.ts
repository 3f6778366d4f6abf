/** What is the same of every failure of one kind; `defineError` makes it. */
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

/** What may be told of one failure beside its subject and its reason. */
export interface ErrorDetail {
  /** The error below it. */
  readonly cause?: unknown;
  /** Replaces the kind's general hint where a better one is known. */
  readonly hint?: string;
  /** Dotted path inside the file at fault. */
  readonly path?: string;
}

/** A failure that a user can act on: a stable code, the thing that it is about, the reason, and what to do. */
export class EdgewrightError extends Error {
  readonly kind: ErrorKind;
  /** The thing that it is about: a file, an address, an option. The message begins with it. */
  readonly subject: string;
  /** What to do about it. */
  readonly hint: string;
  /** Dotted path inside the file at fault. */
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

/** Makes an error of one kind: `throw configMissing(file, 'does not exist')`. */
export interface ErrorFactory {
  readonly kind: ErrorKind;
  (subject: string, reason: string, detail?: ErrorDetail): EdgewrightError;
}

/**
 * Declares one kind of error, in the `errors.ts` of its room. ERRORS.md is made of these declarations.
 *
 * @param code `room.kebab-case`, the room as in the table of ARCHITECTURE.md
 * @param hint a sentence that says what to do
 * @param options `retry` and `exit` where they are not false and 1
 */
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

/** What is said of a failure whose kind nobody here knows: the message of an error, or what was thrown as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the system says where a disk, or the part of it that a user may have, is full; Node has no name for a quota. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT'];
const EDQUOT = -122;

/** Whether an error of the file system says that there is no room. */
export function isNoRoom(error: unknown): boolean {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException;
  return NO_ROOM.includes(code) || errno === EDQUOT;
}
