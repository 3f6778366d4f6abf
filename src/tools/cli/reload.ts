import { requireConfig } from '../../device/config/index.ts';
import type { Refusal, Reloaded } from '../../device/runtime/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { notReloaded } from './errors.ts';
import { askGateway } from './gateway-api.ts';
import { paint, writeLine } from './io.ts';

const HELP = `
Has the running gateway read its configuration file again, as SIGHUP does. Pipelines, alarms, assets and the log's level
change while it runs; a source that changes is stopped and started alone. What needs a restart is named, and stays as it
is until then. A configuration that is not valid, or whose models cannot be loaded, changes nothing.
Exit status: 0 it was read again, 1 it was not taken or no gateway answers, 2 the file given here is not valid.

Examples:
  edgewright reload gateway.yaml
  edgewright reload gateway.yaml --json
  systemctl reload edgewright`;

/** Loading models takes its time. */
const TIMEOUT_MS = 300_000;

export const reloadCommand: DefineCommand = (program, context, finish) => {
  program
    .command('reload')
    .argument('<config>', 'configuration of the gateway')
    .option('--json', 'one JSON object')
    .description('Have the running gateway read its configuration again.')
    .addHelpText('after', HELP)
    .action(async (file: string, { json = false }: { json?: boolean }) => finish(await reload(file, json, context)));
};

async function reload(file: string, json: boolean, { io }: CommandContext): Promise<number> {
  const config = await requireConfig(file, io.env);
  const how = { method: 'POST', timeoutMs: TIMEOUT_MS } as const;
  const answer = await askGateway(config, 'reload', isAnswer, io, how);
  if ('refused' in answer) {
    const { message, hint, path } = answer.refused;
    throw notReloaded(file, message, { hint, ...(path !== undefined && { path }) });
  }
  if (json) await writeLine(io, JSON.stringify(answer));
  else
    for (const line of describe(answer)) await writeLine(io, line.restart ? paint(io, 'yellow', line.text) : line.text);
  return 0;
}

function isAnswer(value: unknown): value is Reloaded | Refusal {
  return typeof value === 'object' && value !== null && ('applied' in value || 'refused' in value);
}

function describe({ applied, restart }: Reloaded): { readonly text: string; readonly restart: boolean }[] {
  if (applied.length + restart.length === 0) return [{ text: 'nothing has changed', restart: false }];
  return [
    ...applied.map((path) => ({ text: `changed        ${path}`, restart: false })),
    ...restart.map((path) => ({ text: `needs a restart  ${path}`, restart: true })),
  ];
}
