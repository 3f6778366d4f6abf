/** One thing that is wrong with a configuration, in the form that `check --json` writes. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Dotted path inside the file; empty for the file as a whole. */
  readonly path: string;
  /** Stable, `room.kebab-case`; programs match on it. */
  readonly code: string;
  /** What is wrong, without quoting a value: it may be a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** 1 where a model or the world says no. Absent where the file itself is wrong. */
  readonly exit?: 1;
}
