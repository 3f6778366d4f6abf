import { Option } from 'commander';
import { printableIn } from '../../common/core/index.ts';
import { silentLogger } from '../../common/observability/index.ts';
import { BUILD_TIME, createSystemClock } from '../../device/runtime/index.ts';
import { packModel, type TestOutcome, testModels } from '../modeltools/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { type Io, paint, writeLine } from './io.ts';
import { defineBench } from './model-bench.ts';
import { defineInspect } from './model-inspect.ts';
import { defineKeygen } from './model-keygen.ts';
import { defineRun } from './model-run.ts';
import { defineSign } from './model-sign.ts';
import { defineVerify } from './model-verify.ts';

const TEST_HELP = `
Every .onnx and .ort file found runs its golden cases: golden.json beside model.onnx, or NAME.golden.json.
Verdicts: equal; ran (it has no golden cases and got synthetic inputs); refused (with the reason and what to do); differs.
Exit status: 0 none differs, 1 one does.

Examples:
  edgewright model test models/
  edgewright model test model.onnx --json`;

const PACK_HELP = `
Loads the model as a gateway does: inputs, outputs, state and targets have to fit it, the golden cases have to be
answered. Then writes the digest of every file into manifest.json and prints the bundle's digest; a bundle that is
refused stays unchanged.

Example:
  edgewright model pack models/turbofan-rul`;

interface TestOptions {
  readonly engine: 'wasm' | 'native';
  readonly json?: boolean;
}

export const modelCommand: DefineCommand = (program, context, finish) => {
  const model = program.command('model').description('Look at models, try them, measure them, pack and sign them.');
  defineInspect(model, context);
  defineRun(model, context);
  defineBench(model, context, finish);
  defineKeygen(model, context);
  defineSign(model, context);
  defineVerify(model, context);
  model
    .command('test')
    .argument('<path...>', 'model files, or folders that hold some')
    .addOption(
      new Option('--engine <name>', 'what runs the models').choices(['wasm', 'native'] as const).default('wasm'),
    )
    .option('--json', 'write each verdict as one line of JSON')
    .description('Run the golden cases of every model found.')
    .addHelpText('after', TEST_HELP)
    .action(async (paths: string[], options: TestOptions) => {
      finish(await test(paths, options, context));
    });
  model
    .command('pack')
    .argument('<folder>', 'folder of the bundle')
    .option('--json', 'write one JSON object')
    .description('Check a bundle and write its digests.')
    .addHelpText('after', PACK_HELP)
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const { installation } = context;
      const clock = createSystemClock(BUILD_TIME);
      const packed = await packModel(folder, { installation, logger: silentLogger, clock });
      const { name, version, digest, files } = packed;
      const text = `${name} ${version}: ${Object.keys(files).length} files, digest ${digest}`;
      await writeLine(context.io, json ? JSON.stringify({ folder, name, version, digest, files }) : text);
    });
};

async function test(
  paths: readonly string[],
  { engine, json }: TestOptions,
  { io, installation }: CommandContext,
): Promise<number> {
  let differs = 0;
  const counts = new Map<string, number>();
  for await (const verdict of testModels(paths, { engine, installation })) {
    counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1);
    if (verdict.verdict === 'differs') differs += 1;
    await writeLine(io, json ? JSON.stringify(verdict, finite) : describe(printableIn(verdict), io));
  }
  if (!json) await writeLine(io, [...counts].map(([name, count]) => `${count} ${name}`).join(', '));
  return differs > 0 ? 1 : 0;
}

/** Writes infinity, which JSON has not, as a string, like golden cases do. */
function finite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

const COLOURS = { equal: 'green', ran: 'cyan', refused: 'yellow', differs: 'red' } as const;

function describe({ file, verdict, code, reason, hint, maxError }: TestOutcome, io: Io): string {
  const label = paint(io, COLOURS[verdict], verdict.padEnd(8));
  const error = maxError === undefined ? '' : ` largest error ${maxError.toPrecision(3)}`;
  const why = code === undefined ? '' : `\n         ${reason ?? ''}\n         ${hint ?? ''} [${code}]`;
  return `${label} ${file}${error}${why}`;
}
