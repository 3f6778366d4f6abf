import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Environment, Program } from './program.ts';
import { type Digest, digestOf, linesOf } from './records.ts';
import { writeIn } from './scenario.ts';

const FIXTURES = resolve(import.meta.dirname, 'fixtures');
/** Public data sets beside the repository. */
const DATA = resolve('../shared/data');
const ENGINE: Environment = { EDGEWRIGHT__INFERENCE__ENGINE: 'wasm', EDGEWRIGHT__INFERENCE__WARMUP: '0ms' };

/** What a replay wrote. */
export interface Replayed {
  /** All predictions, which is what it writes when nobody asks for alarms. */
  readonly predictions: Digest;
  /** By pipeline and type, so that a difference has a place. An alarm comes when it is explained, between any predictions. */
  readonly parts: Readonly<Record<string, Digest>>;
  /** From the account on stderr. */
  readonly readings: number;
  readonly rejected: Readonly<Record<string, number>>;
}

export interface Replay {
  readonly name: string;
  /** From the folder of the program on, where it is a shipped one; else of the fixtures. */
  readonly config: { readonly shipped: string } | { readonly fixture: string };
  /** Path of the data that it needs; absent where all is here. */
  readonly needs?: string;
  /** Takes minutes of the processor in all. */
  readonly long?: true;
  readonly env?: Environment;
  /** Inputs of the command; what is cut from data goes into the folder. */
  inputs(folder: string): Promise<readonly string[]>;
}

const input = (name: string) => join(FIXTURES, 'inputs', name);
const inputs = (named: Readonly<Record<string, string>>) => async () =>
  Object.entries(named).map(([source, name]) => `${source}=${input(name)}`);

function shipped(name: string, data: string, parts: Partial<Replay> & Pick<Replay, 'inputs'>): Replay[] {
  const needs = join(DATA, data);
  const common = { config: { shipped: `device-config/${name}.yaml` }, needs };
  return [
    { ...common, name, ...parts },
    { ...common, name: `${name}, whole`, long: true, inputs: async () => [needs] },
  ];
}

function textOf(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** The first lines of a text file, or as long as they are wanted. */
async function cut(folder: string, from: string, to: string, wanted: (line: string, index: number) => boolean) {
  const lines = textOf(from).split('\n').filter(wanted);
  await writeIn(folder, to, `${lines.join('\n')}\n`);
  return join(folder, to);
}

const TURBOFANS = join(DATA, 'cmapss/train_FD001.txt.gz');
const HYDRAULIC = join(DATA, 'hydraulic');
const BEARINGS = join(DATA, 'cwru');
const MILLING = join(DATA, 'ai4i2020/ai4i2020.csv');

export const REPLAYS: readonly Replay[] = [
  ...shipped('turbofan', 'cmapss/train_FD001.txt.gz', {
    inputs: async (folder) => [await cut(folder, TURBOFANS, 'fleet.txt', (line) => Number(line.split(' ')[0]) <= 3)],
  }),
  ...shipped('hydraulic', 'hydraulic', {
    async inputs(folder) {
      const files = readdirSync(HYDRAULIC).filter((name) => name.endsWith('.txt.gz'));
      for (const name of files) {
        await cut(folder, join(HYDRAULIC, name), `rig/${name.replace('.gz', '')}`, (_, index) => index < 40);
      }
      return [join(folder, 'rig')];
    },
  }),
  ...shipped('bearing', 'cwru', {
    inputs: async () => [join(BEARINGS, '1797_IR_14_DE12.f32')],
  }),
  ...shipped('milling', 'ai4i2020/ai4i2020.csv', {
    inputs: async (folder) => [await cut(folder, MILLING, 'ai4i.csv', (_, index) => index <= 800)],
  }),
  { name: 'types', config: { shipped: 'device-config/types.yaml' }, inputs: async () => [input('types.csv')] },
  {
    name: 'demo',
    config: { shipped: 'device-config/demo.yaml' },
    // Its one source is the simulator, which replay does not open.
    env: { EDGEWRIGHT__SOURCES__RECORDED__TYPE: 'file', EDGEWRIGHT__SOURCES__RECORDED__PATH: 'pump.jsonl.gz' },
    inputs: async () => [input('pump.jsonl.gz')],
  },
  {
    name: 'formats',
    config: { fixture: 'replays/formats.yaml' },
    inputs: inputs({
      ...{ table: 'table.csv', german: 'german.csv.gz', cycles: 'cycles.txt', days: 'days' },
      ...{ readings: 'readings.jsonl', nested: 'nested.jsonl.gz', wide: 'wide', targets: 'targets.csv' },
    }),
  },
  {
    name: 'windows',
    config: { fixture: 'replays/windows.yaml' },
    inputs: async () => [input('disordered.jsonl')],
  },
  {
    name: 'signals',
    config: { fixture: 'replays/signals.yaml' },
    inputs: inputs({ raw: 'signals', sound: 'sound.wav', blocks: 'blocks.jsonl.gz' }),
  },
];

/** Has a program replay it, with its alarms. */
export async function replay(program: Program, { config, env, inputs }: Replay, folder: string): Promise<Replayed> {
  const file = 'shipped' in config ? join(program.root, config.shipped) : join(FIXTURES, config.fixture);
  const args = ['replay', file, '--alarms', '--input', ...(await inputs(folder))];
  const { status, stdout, stderr } = await program.run(folder, args, { ...ENGINE, ...env });
  if (status !== 0) throw new Error(`replay ended with ${status}: ${stderr}`);
  const lines = linesOf(stdout);
  const kinds = lines.map((line) => {
    const { pipeline, type }: { pipeline: string; type: string } = JSON.parse(line);
    return { type, part: `${pipeline} ${type}` };
  });
  const parts = [...new Set(kinds.map(({ part }) => part))].sort();
  const { readings, rejected } = JSON.parse(linesOf(stderr).at(-1) ?? '');
  return {
    predictions: digestOf(lines.filter((_, index) => kinds[index]?.type === 'prediction')),
    parts: Object.fromEntries(
      parts.map((name) => [name, digestOf(lines.filter((_, index) => kinds[index]?.part === name))]),
    ),
    ...{ readings, rejected },
  };
}
