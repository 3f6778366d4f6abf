import { existsSync } from 'node:fs';
import { formatBytes, formatDuration, printableIn } from '../../common/core/index.ts';
import { requireConfig } from '../../device/config/index.ts';
import type { GatewayStatus } from '../../device/runtime/index.ts';
import type { DefineCommand } from './command.ts';
import { noConfig } from './errors.ts';
import { askGateway } from './gateway-api.ts';
import { type Io, paint, writeLine } from './io.ts';

/** Places of a configuration where the command names none. */
const DEFAULT_CONFIGS = ['edgewright.yaml', '/etc/edgewright/edgewright.yaml'];

const HELP = `
Asks the running gateway over its HTTP port (http.host, http.port of the configuration).

Examples:
  edgewright status gateway.yaml
  edgewright status gateway.yaml --json | jq .outbox`;

export const statusCommand: DefineCommand = (program, { io }) => {
  program
    .command('status')
    .argument('[config]', `configuration of the gateway (default: ${DEFAULT_CONFIGS.join(' or ')})`)
    .option('--json', 'write one JSON object')
    .description('Show a running gateway’s own view.')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const config = await requireConfig(file ?? defaultConfig(), io.env);
      const status = await askGateway(config, 'status', isStatus, io);
      if (json) await writeLine(io, JSON.stringify(status));
      else for (const line of describe(printableIn(status), io)) await writeLine(io, line);
    });
};

function defaultConfig(): string {
  const found = DEFAULT_CONFIGS.find((file) => existsSync(file));
  if (found === undefined) throw noConfig('status', `there is neither ${DEFAULT_CONFIGS.join(' nor ')}`);
  return found;
}

function isStatus(value: unknown): value is GatewayStatus {
  return typeof value === 'object' && value !== null && 'boot' in value && 'outbox' in value;
}

function describe(status: GatewayStatus, io: Io): string[] {
  const { outbox, link } = status;
  const linkColour = link.state === 'connected' ? 'green' : 'yellow';
  return [
    `${paint(io, 'bold', `${status.site}/${status.device}`)}  up ${formatDuration(status.uptimeMs)}  engine ${status.engine}  boot ${status.boot}`,
    `link     ${paint(io, linkColour, link.state)}${describeAttempt(link)}`,
    ...describeLink(link, io),
    ...(status.certificates ?? []).map(({ path, message }) => paint(io, 'yellow', `         ${path}: ${message}`)),
    `outbox   ${formatBytes(outbox.bytes)} of ${formatBytes(outbox.cap)}, ${outbox.pending} pending, offline capacity left ${describeCapacity(outbox)}`,
    ...describePressure(outbox, io),
    ...status.models.map(
      (model) =>
        `model    ${model.pipeline}: ${model.name} ${model.version} ${model.state}${model.signed ? '' : ' (unsigned)'}`,
    ),
    ...status.sources.map(
      (source) =>
        `source   ${source.name} (${source.type}): ${source.state}, ${source.readings} readings${describeCounts(source.rejected)}`,
    ),
    ...status.pipelines.flatMap((pipeline) => [
      `pipeline ${pipeline.name}: ${pipeline.assets} assets, ${pipeline.predictions} predictions, ${pipeline.abstained} abstained, ${pipeline.late} late, ${pipeline.alarms} alarm changes`,
      ...describeRefused(pipeline, io),
    ]),
  ];
}

/** Says when the link is tried again. */
function describeAttempt(link: GatewayStatus['link']): string {
  if (link.state === 'none') return '';
  const next = link.retryInMs === undefined ? '' : `, next attempt in ${formatDuration(link.retryInMs)}`;
  return link.version === undefined ? next : ` (MQTT ${link.version})${next}`;
}

/** Says why the link does not carry everything. */
function describeLink(link: GatewayStatus['link'], io: Io): string[] {
  if (link.state === 'none') return [];
  return [
    ...(link.reason === undefined ? [] : [paint(io, 'yellow', `         ${link.reason}`)]),
    ...(link.identityConflict ? [paint(io, 'red', '         another device has the same identity')] : []),
    ...(link.without ?? []).map((what) => paint(io, 'yellow', `         ${what}`)),
  ];
}

const LIMITS: Readonly<Record<GatewayStatus['outbox']['limit'], string>> = {
  cap: 'then outbox.max is reached',
  disk: 'then the disk is full',
  retain: 'then outbox.retain is over',
};

const LEVELS: readonly string[] = [
  'nothing is thinned',
  'every second prediction is folded into summaries',
  'three of four predictions are folded into summaries',
  'seven of eight predictions are folded into summaries',
  'all predictions are folded into summaries',
  'summaries become coarser',
  'the oldest records are dropped',
];

function describeCapacity({ hoursLeft, limit }: GatewayStatus['outbox']): string {
  return hoursLeft === null ? 'not known yet' : `${formatDuration(hoursLeft * 3600e3)} (${LIMITS[limit]})`;
}

/** Says which records have given way for want of room, and which will be next. */
function describePressure({ level, next, stalled, trouble, uncommitted }: GatewayStatus['outbox'], io: Io): string[] {
  const thinned = `         level ${level}: ${LEVELS[level] ?? 'records give way'}${next === null ? '' : `; next to give way: ${next}`}`;
  return [
    ...(level > 0 ? [paint(io, 'yellow', thinned)] : []),
    ...(trouble === null
      ? []
      : [paint(io, 'red', `         nothing is committed: ${trouble.reason}. ${trouble.hint}`)]),
    ...(isStuck(uncommitted.since) || trouble !== null ? [paint(io, 'red', describeUncommitted(uncommitted))] : []),
    ...(stalled > 0
      ? [paint(io, 'yellow', `         ${stalled} records could not be written to the disk (disk-stalled)`)]
      : []),
  ];
}

/** Says which assets a pipeline has no room for. */
function describeRefused({ tooManyAssets, refusedAssets }: GatewayStatus['pipelines'][number], io: Io): string[] {
  if (tooManyAssets === 0) return [];
  const names = refusedAssets.length === 0 ? '' : `, such as ${refusedAssets.join(', ')}`;
  return [
    paint(io, 'yellow', `         ${tooManyAssets} readings of assets beyond limits.assets were refused${names}`),
  ];
}

/** Time that records wait in memory beyond which that is worth a line: longer than any loss window. */
const STUCK_MS = 5000;

function isStuck(since: number | null): boolean {
  return since !== null && Date.now() - since > STUCK_MS;
}

function describeUncommitted({ records, bytes, since }: GatewayStatus['outbox']['uncommitted']): string {
  const from = since === null ? '' : `, the oldest since ${new Date(since).toISOString()}`;
  return `         in memory alone, gone at a crash: ${records} records (${bytes} bytes)${from}`;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? '' : `, refused: ${parts.join(', ')}`;
}
