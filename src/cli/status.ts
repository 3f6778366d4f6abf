import { existsSync, readFileSync } from 'node:fs';
import { type Config, requireConfig } from '../config/index.ts';
import { formatBytes, formatDuration, reasonOf } from '../core/index.ts';
import type { GatewayStatus } from '../runtime/index.ts';
import { httpUrl } from '../web/index.ts';
import type { DefineCommand } from './command.ts';
import { noConfig, notRunning, refused } from './errors.ts';
import { type Io, paint, writeLine } from './io.ts';
import { tokenFileOf } from './run.ts';

/** Where a configuration is looked for when none is given. */
const DEFAULT_CONFIGS = ['edgewright.yaml', '/etc/edgewright/edgewright.yaml'];
const TIMEOUT_MS = 5_000;
const ANY_PORT = 'With http.port 0 only the `ready` line of `run` tells the port: give it in EDGEWRIGHT__HTTP__PORT.';

const HELP = `
Asks the running gateway over its HTTP port (http.host, http.port of the configuration).

Examples:
  edgewright status gateway.yaml
  edgewright status gateway.yaml --json | jq .outbox`;

export const statusCommand: DefineCommand = (program, { io }) => {
  program
    .command('status')
    .argument('[config]', `configuration of the gateway (default: ${DEFAULT_CONFIGS.join(' or ')})`)
    .option('--json', 'one JSON object')
    .description('Show a running gateway’s own view.')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const config = await requireConfig(file ?? defaultConfig(), io.env);
      const status = await fetchStatus(config, io);
      if (json) await writeLine(io, JSON.stringify(status));
      else for (const line of describe(status, io)) await writeLine(io, line);
    });
};

function defaultConfig(): string {
  const found = DEFAULT_CONFIGS.find((file) => existsSync(file));
  if (found === undefined) throw noConfig('status', `there is neither ${DEFAULT_CONFIGS.join(' nor ')}`);
  return found;
}

async function fetchStatus(config: Config, io: Io): Promise<GatewayStatus> {
  const url = `${httpUrl(config.http.host, config.http.port)}/api/status`;
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${tokenOf(config, io)}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const hint = config.http.port === 0 ? { hint: ANY_PORT } : {};
    throw notRunning(url, `no gateway answers: ${reasonOf(cause)}`, { cause: error, ...hint });
  });
  if (response.status === 401) throw refused(url, 'the gateway refused the token');
  if (response.status === 503)
    throw notRunning(url, 'the gateway is still starting', { hint: 'Ask again in a moment.' });
  const status = response.ok ? await response.json().catch(() => undefined) : undefined;
  if (!isStatus(status)) throw notRunning(url, 'what answers there is no gateway');
  return status;
}

function isStatus(value: unknown): value is GatewayStatus {
  return typeof value === 'object' && value !== null && 'boot' in value && 'outbox' in value;
}

function tokenOf(config: Config, io: Io): string {
  const given = io.env['EDGEWRIGHT_TOKEN'];
  if (given !== undefined) return given;
  try {
    return readFileSync(tokenFileOf(config), 'utf8').trim();
  } catch (error) {
    throw notRunning(tokenFileOf(config), `cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function describe(status: GatewayStatus, io: Io): string[] {
  const { outbox, link } = status;
  const linkColour = link.state === 'connected' ? 'green' : 'yellow';
  return [
    `${paint(io, 'bold', `${status.site}/${status.device}`)}  up ${formatDuration(status.uptimeMs)}  engine ${status.engine}  boot ${status.boot}`,
    `link     ${paint(io, linkColour, link.state)}`,
    `outbox   ${formatBytes(outbox.bytes)} of ${formatBytes(outbox.cap)}, ${outbox.pending} pending, offline capacity left ${outbox.hoursLeft === null ? 'not known yet' : formatDuration(outbox.hoursLeft * 3600e3)}`,
    ...status.models.map(
      (model) =>
        `model    ${model.pipeline}: ${model.name} ${model.version} ${model.state}${model.signed ? '' : ' (unsigned)'}`,
    ),
    ...status.sources.map(
      (source) =>
        `source   ${source.name} (${source.type}): ${source.state}, ${source.readings} readings${describeCounts(source.rejected)}`,
    ),
    ...status.pipelines.map(
      (pipeline) =>
        `pipeline ${pipeline.name}: ${pipeline.assets} assets, ${pipeline.predictions} predictions, ${pipeline.abstained} abstained, ${pipeline.late} late, ${pipeline.alarms} alarm changes`,
    ),
  ];
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? '' : `, refused: ${parts.join(', ')}`;
}
