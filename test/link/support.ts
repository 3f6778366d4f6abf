import type { Logger } from '../../src/common/core/index.ts';
import { type Closed, type Connected, createLink, type Link, type LinkOptions } from '../../src/common/link/index.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Retries at once and for ever, so that tests need not wait. */
export const EAGER = { first: 20, longest: 40, stable: 60_000 } as const;

/** Settles as soon as `check` gives something; fails after `deadline` ms. */
export async function eventually<T>(what: string, check: () => T | undefined | false, deadline = 10_000): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${deadline} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface Watched {
  readonly link: Link;
  readonly ups: Connected[];
  readonly downs: Closed[];
  connected(times?: number): Promise<void>;
}

let made = 0;

/** A link that is not started yet, with what happened to it. */
export function watched(url: string, options: Partial<LinkOptions> = {}, logger: Logger = silent): Watched {
  made += 1;
  const link = createLink(
    {
      url,
      version: 'auto',
      clientId: `test-${process.pid}-${made}`,
      clean: true,
      keepalive: 30,
      maxIncomingBytes: 1_000_000,
      backoff: EAGER,
      ...options,
    },
    { logger },
  );
  const ups: Connected[] = [];
  const downs: Closed[] = [];
  link.listen({ connected: (info) => ups.push(info), closed: (closed) => downs.push(closed) });
  const connected = async (times = 1) => {
    await eventually(`connection ${times} to ${url}`, () => ups.length >= times);
  };
  return { link, ups, downs, connected };
}
