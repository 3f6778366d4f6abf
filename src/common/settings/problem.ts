/** One thing that is wrong with a configuration, in the form of `check --json`. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Dotted path inside the file; empty for the file as a whole. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** 1 where a model or the world says no; the file itself is wrong where it is absent. */
  readonly exit?: 1;
}
