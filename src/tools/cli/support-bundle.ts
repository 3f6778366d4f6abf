import { resolve } from 'node:path';
import { formatBytes } from '../../common/core/index.ts';
import { writeSupportBundle } from '../support/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { askGateway } from './gateway-api.ts';
import { writeLine } from './io.ts';

interface Options {
  readonly out?: string;
  readonly payloads?: boolean;
  readonly log?: string;
  readonly json?: boolean;
}

const HELP = `
The file has the configuration without its secrets and what is wrong with it, the status, ledger, schema and integrity of
both databases, the audit chain, disk and memory. It has no records, unless you say --payloads. The command works while the
gateway runs, and when it cannot start.

Examples:
  edgewright support-bundle gateway.yaml
  journalctl -u edgewright --since -1d > log.txt && edgewright support-bundle gateway.yaml --log log.txt`;

export const supportBundleCommand: DefineCommand = (program, context) => {
  program
    .command('support-bundle')
    .argument('<config>', 'configuration of the gateway')
    .option('--out <file>', 'file to write (default: edgewright-support-TIME.tar.gz in this folder)')
    .option('--payloads', 'include the newest records; the gateway has to be stopped')
    .option('--log <file>', 'include this file, the log of the gateway')
    .option('--json', 'write one JSON object')
    .description('Gather what a person who helps needs to know, without secrets, in one file.')
    .addHelpText('after', HELP)
    .action((file: string, options: Options) => support(file, options, context));
};

async function support(config: string, options: Options, { io, installation }: CommandContext): Promise<void> {
  const { payloads = false, log, json = false } = options;
  const out = resolve(options.out ?? `edgewright-support-${stamp(new Date())}.tar.gz`);
  const written = await writeSupportBundle(
    { config, out, payloads, log },
    {
      env: io.env,
      version: installation.version,
      nativeBinding: installation.nativeBinding,
      ask: (known, name) => askGateway(known, name, isAnswer, io),
    },
  );
  if (json) await writeLine(io, JSON.stringify(written));
  else await writeLine(io, `${written.file}  ${formatBytes(written.bytes)}: ${written.contents.join(', ')}`);
}

function isAnswer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The time as in `20261126-031500`, UTC. */
function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
