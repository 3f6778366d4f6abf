import { parseDuration } from '../../common/core/index.ts';
import { createStage, runDemo, SHORTEST_MS, tooShort } from '../demo/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { usage } from './errors.ts';
import type { Io } from './io.ts';

interface Options {
  readonly for?: string;
  readonly json?: boolean;
}

const HELP = `
Three simulated pumps send their sensors over MQTT to a gateway in this process, whose predictions go to a consumer.
Then a pump breaks and the alarm comes; the link is cut and the queue grows while predictions go on; it is mended and
the queue drains. Nothing is installed and nothing stays: the demo writes only in a temporary folder.
Without --for the story takes a minute and begins again with another fault, until you press Ctrl-C.

Exit status: 0 the story was told, 1 it failed (no alarm, records missing), 2 wrong usage.

Examples:
  edgewright demo
  edgewright demo --for 30s
  edgewright demo --for 10s --json | jq -c 'select(.event == "summary")'`;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const demoCommand: DefineCommand = (program, context) => {
  program
    .command('demo')
    .option('--for <duration>', 'fit the story into this time (10s or more), then end')
    .option('--json', 'write each event as one line of JSON')
    .description('Show a rig, a gateway, a broker and a consumer at work, all in one process.')
    .addHelpText('after', HELP)
    .action((options: Options) => demo(options, context));
};

async function demo(options: Options, { io, installation }: CommandContext): Promise<void> {
  const length = readLength(options.for);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of SIGNALS) process.on(signal, end);
  const stage = createStage(io.stdout, { json: options.json ?? false, ...terminalOf(io) });
  try {
    // The process began with the command, so that the time to load it counts.
    await runDemo({ length, began: 0, signal: ending.signal }, { installation, stage });
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

function terminalOf({ env }: Io): { plain: boolean; dumb: boolean } {
  return { plain: Boolean(env['NO_COLOR']), dumb: env['TERM'] === 'dumb' };
}

function readLength(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const length = parseDuration(text);
  if (length === undefined) throw usage('--for', `${text} is no duration such as 30s`);
  if (length < SHORTEST_MS) throw tooShort('--for', `${text} is too short to tell the story`);
  return length;
}
