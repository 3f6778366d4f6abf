import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it.each(['inference-worker', 'inference-process', 'inference-parent-watch', 'store-worker'])(
  '%s carries no schemas: what a thread or process takes in was checked before',
  (name) => {
    const bundled = readFileSync(`dist/${name}.js`, 'utf8').matchAll(
      /^\/\/ (?:\.\.\/)*node_modules\/((?:@[\w-]+\/)?[\w.-]+)\//gm,
    );
    const packages = new Set(Array.from(bundled, ([, name]) => name));
    expect([...packages].filter((name) => name === 'zod' || name === 'yaml' || name === 'mqtt')).toEqual([]);
  },
);
