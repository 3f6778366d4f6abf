import { join } from 'node:path';
import { EdgewrightError, printableIn } from '../../common/core/index.ts';
import { type Config, requireConfig, stateFolderOf } from '../../device/config/index.ts';
import type { Installation } from '../../device/runtime/index.ts';
import { type AuditVerdict, verifyStopped } from '../../storage/thread/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { noAudit } from './errors.ts';
import { askGateway } from './gateway-api.ts';
import { type Io, paint, writeLine } from './io.ts';

const HELP = `
Walks the chain of audit events in control.db, oldest first: each entry's hash is made of its content and the hash before
it. Then checks that the newest entry of which telemetry.db has a copy is in it. It changes nothing. Where the gateway
runs, it is asked over its HTTP port.
Exit status: 0 all entries are as they were written, 1 one is not (the output names it), 2 there is no control.db.

Examples:
  edgewright audit verify gateway.yaml
  edgewright audit verify gateway.yaml --json`;

export const auditCommand: DefineCommand = (program, context, finish) => {
  program
    .command('audit')
    .description('Verify the chain of audit events.')
    .command('verify')
    .argument('<config>', 'configuration of the gateway')
    .option('--json', 'one JSON object')
    .description('Walk the chain and name the first entry that is not as it was written.')
    .addHelpText('after', HELP)
    .action(async (file: string, { json = false }: { json?: boolean }) => finish(await verify(file, json, context)));
};

async function verify(file: string, json: boolean, { io, installation }: CommandContext): Promise<number> {
  const config = await requireConfig(file, io.env);
  const verdict = await verdictOf(config, io, installation);
  if (json) await writeLine(io, JSON.stringify(verdict));
  else for (const line of describe(printableIn(verdict), io)) await writeLine(io, line);
  return verdict.ok ? 0 : 1;
}

async function verdictOf(config: Config, io: Io, { nativeBinding }: Installation): Promise<AuditVerdict> {
  const statePath = stateFolderOf(config);
  try {
    const verdict = verifyStopped({ path: config.outbox.path, statePath, nativeBinding });
    if (verdict === undefined) throw noAudit(join(statePath, 'control.db'), 'is not there');
    return verdict;
  } catch (error) {
    if (!(error instanceof EdgewrightError) || error.code !== 'store.locked') throw error;
    return askGateway(config, 'audit', isVerdict, io);
  }
}

function isVerdict(value: unknown): value is AuditVerdict {
  return typeof value === 'object' && value !== null && 'ok' in value && 'n' in value;
}

function describe(verdict: AuditVerdict, io: Io): string[] {
  const { ok, n, compared } = verdict;
  const alone = compared
    ? []
    : ['telemetry.db has no copy to compare with: entries cut off at the end would not be noticed.'];
  if (ok) {
    const { entries, head } = verdict;
    return [`${paint(io, 'green', 'ok')}  ${entries} entries, head ${n} ${head}`, ...alone];
  }
  const event = verdict.event === null ? '' : ` (${verdict.event})`;
  return [`${paint(io, 'red', 'bad')}  entry ${n}${event}: ${verdict.what}`, ...alone];
}
