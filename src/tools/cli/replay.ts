import { createLogger } from '../../common/observability/index.ts';
import { requireConfig } from '../../device/config/index.ts';
import { BUILD_TIME, createSystemClock } from '../../device/runtime/index.ts';
import { replay } from '../replay/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { type Io, writeError, writeLine } from './io.ts';

interface Options {
  readonly input: string[];
  readonly alarms?: boolean;
}

const HELP = `
stdout has one prediction record a line, in the order in which windows close; counts and progress are on stderr.
Several inputs of one source are merged by event time, ties in the order given; each keeps its own order.
A pipeline reads the inputs that are sources of its own; one with live sources reads them all.
The same input gives the same bytes.

Examples:
  edgewright replay device-config/turbofan.yaml --input train_FD001.txt.gz > predictions.jsonl
  edgewright replay gateway.yaml --input line-1.csv --input line-2.csv.gz
  edgewright replay gateway.yaml --input recorded=data/ --alarms`;

export const replayCommand: DefineCommand = (program, context) => {
  program
    .command('replay')
    .argument('<config>', 'YAML configuration of the gateway')
    .requiredOption(
      '--input <path...>',
      'file or folder in place of the path of the file source (NAME=PATH if there are several); several of one source are merged by event time',
    )
    .option('--alarms', 'write alarm records, too')
    .option('--json', 'has no effect: the output is always JSON lines')
    .description('Run recorded data through the same pipelines, as fast as it goes.')
    .addHelpText('after', HELP)
    .action((file: string, options: Options) => run(file, options, context));
};

async function run(file: string, options: Options, { io, installation }: CommandContext): Promise<void> {
  const config = await requireConfig(file, io.env);
  const began = performance.now();
  const show = progress(io);
  const logger = await createLogger('warn');
  const result = await replay(
    config,
    { inputs: options.input, alarms: options.alarms ?? false },
    {
      installation,
      logger,
      clock: createSystemClock(BUILD_TIME),
      write: (line) => writeLine(io, line),
      onProgress: show,
      onReject: (source, reason, detail) => logger.warn(`refused: ${reason}`, { source, detail }),
    },
  );
  const seconds = Number(((performance.now() - began) / 1000).toFixed(2));
  if (io.stderr.isTTY) io.stderr.write('\r\x1b[K');
  writeError(io, `${JSON.stringify({ ...result, seconds })}\n`);
}

/** Counts in one line of a terminal; does nothing elsewhere. */
function progress(io: Io): (readings: number, predictions: number) => void {
  if (!io.stderr.isTTY) return () => {};
  let shown = 0;
  return (readings, predictions) => {
    if (performance.now() - shown < 100) return;
    shown = performance.now();
    io.stderr.write(
      `\r\x1b[K${readings.toLocaleString('en')} readings, ${predictions.toLocaleString('en')} predictions`,
    );
  };
}
