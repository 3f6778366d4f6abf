import type { Logger } from '../core/index.ts';
import type { Link, LinkOptions } from './types.ts';

export interface LinkDeps {
  readonly logger: Logger;
  /** Uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

/** Throws `link.bad-url`. Nothing happens before `start`. */
export function createLink(_options: LinkOptions, _deps: LinkDeps): Link {
  throw new Error('in the making');
}
