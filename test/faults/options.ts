import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Form } from './scenario.ts';

export const USAGE = `npm run faults -- [options]

  --short              a few minutes, for every change; without it the long form, some 40 minutes with --jobs 4
  --seed N             repeats what this seed did (default 7)
  --only NAME[:I],...  these scenarios, or single trials of them
  --shard I/N          the I-th of N parts
  --resume             leaves out what --out has from an earlier run
  --out FOLDER         results, and the state of what failed (default: a folder of its own in the temporary one)
  --jobs N             trials at a time (default 2)
  --append             adds the table to test/faults/RESULTS.md
  --json               one JSON object a line instead of the table
  --list               names the scenarios`;

export class UsageError extends Error {}

export interface Options {
  readonly form: Form;
  readonly seed: number;
  readonly only: readonly { readonly name: string; readonly index: number | undefined }[];
  readonly shard: { readonly part: number; readonly of: number };
  readonly resume: boolean;
  readonly out: string;
  readonly jobs: number;
  readonly append: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name}: ${text} is no number from ${least} on`);
  return value;
}

function shardOf(text: string): Options['shard'] {
  const [part = '', of = ''] = text.split('/');
  const shard = { part: whole('shard', part, 1), of: whole('shard', of, 1) };
  if (shard.part > shard.of) throw new UsageError(`--shard: there is no part ${part} of ${of}`);
  return shard;
}

function onlyOf(text: string): Options['only'] {
  return text.split(',').map((one) => {
    const [name = '', index] = one.split(':');
    return { name, index: index === undefined ? undefined : whole('only', index, 0) };
  });
}

/** Throws a UsageError. */
export function parseOptions(args: readonly string[]): Options {
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(args).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  return {
    form: values.tiny ? 'tiny' : values.short ? 'short' : 'long',
    seed: whole('seed', values.seed ?? '7', 0),
    only: values.only === undefined ? [] : onlyOf(values.only),
    shard: shardOf(values.shard ?? '1/1'),
    resume: values.resume ?? false,
    out: values.out ?? join(tmpdir(), 'edgewright-faults'),
    jobs: whole('jobs', values.jobs ?? '2', 1),
    append: values.append ?? false,
    json: values.json ?? false,
    list: values.list ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean' },
      tiny: { type: 'boolean' },
      seed: { type: 'string' },
      only: { type: 'string' },
      shard: { type: 'string' },
      resume: { type: 'boolean' },
      out: { type: 'string' },
      jobs: { type: 'string' },
      append: { type: 'boolean' },
      json: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}
