import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatBytes, printable, printableIn } from '../../common/core/index.ts';
import { type BenchOutcome, benchModels } from '../modeltools/index.ts';
import type { CommandContext } from './command.ts';
import { type Io, paint, writeLine } from './io.ts';

const HELP = `
Runs the first golden case of each model on one core, once it is warm, on every engine that is installed. A model without
golden cases gets synthetic inputs. The bound of p99 holds with 95% confidence whatever the distribution; it takes 299 runs
or more.

Examples:
  edgewright model bench models/turbofan-rul
  edgewright model bench model.onnx --engine native --runs 5000 --json`;

const DEFAULT_RUNS = 1000;
const MAX_RUNS = 100_000;
/** ms that one model may take on one engine. */
const BUDGET = 60_000;

interface BenchOptions {
  readonly engine?: 'wasm' | 'native';
  readonly runs: number;
  readonly json?: boolean;
}

export function defineBench(model: Command, context: CommandContext, finish: (status: number) => void): void {
  model
    .command('bench')
    .argument('<path...>', 'model files, or folders that hold some')
    .addOption(new Option('--engine <name>', 'measure on this engine alone').choices(['wasm', 'native'] as const))
    .option('--runs <count>', `runs that are measured, up to ${MAX_RUNS}`, runCount, DEFAULT_RUNS)
    .option('--json', 'write each result as one line of JSON')
    .description('Measure what models cost on this device.')
    .addHelpText('after', HELP)
    .action(async (paths: string[], options: BenchOptions) => finish(await bench(paths, options, context)));
}

function runCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_RUNS) return count;
  throw new InvalidArgumentError(`must be a whole number from 1 to ${MAX_RUNS}`);
}

async function bench(
  paths: readonly string[],
  { engine, runs, json }: BenchOptions,
  { io, installation }: CommandContext,
): Promise<number> {
  const bar = new ProgressBar(io, runs);
  const onProgress = (file: string, name: string, done: number) => bar.show(`${file} on ${name}`, done);
  const engines = engine === undefined ? (['wasm', 'native'] as const) : [engine];
  let measured = 0;
  for await (const outcome of benchModels(paths, { engines, runs, budget: BUDGET, installation, onProgress })) {
    bar.clear();
    if ('p50Us' in outcome) measured += 1;
    await writeLine(io, json ? JSON.stringify(outcome) : describe(printableIn(outcome), io));
  }
  return measured > 0 ? 0 : 1;
}

function describe(outcome: BenchOutcome, io: Io): string {
  const { file, engine } = outcome;
  const head = `${paint(io, 'bold', file)} on ${engine}`;
  if ('code' in outcome) return `${head}: not measured\n  ${outcome.reason}\n  ${outcome.hint} [${outcome.code}]`;
  const { version, rows, runs, p50Us, p99Us, p99UpperUs, loadMs, memoryBytes, bytes } = outcome;
  const bound = p99UpperUs === null ? 'unknown below 299 runs' : `at most ${time(p99UpperUs)}`;
  return [
    `${head} ${version}: p50 ${paint(io, 'green', time(p50Us))}, p99 ${time(p99Us)} (${bound}, with 95% confidence)`,
    `  ${runs} runs of ${rows} row(s); loaded in ${loadMs} ms; ${formatBytes(memoryBytes)} of memory; file ${formatBytes(bytes)}`,
  ].join('\n');
}

const time = (micros: number) => (micros < 1000 ? `${micros.toFixed(1)} us` : `${(micros / 1000).toFixed(2)} ms`);

/** Shows progress as one line of stderr that is overwritten; nothing where stderr is no terminal. */
class ProgressBar {
  readonly #io: Io;
  readonly #total: number;

  constructor(io: Io, total: number) {
    this.#io = io;
    this.#total = total;
  }

  show(what: string, done: number): void {
    if (!this.#io.stderr.isTTY) return;
    const width = 24;
    const filled = Math.round((done / this.#total) * width);
    this.#io.stderr.write(`\r\x1b[K[${'='.repeat(filled).padEnd(width)}] ${printable(what)}`);
  }

  clear(): void {
    if (this.#io.stderr.isTTY) this.#io.stderr.write('\r\x1b[K');
  }
}
