import { join } from 'node:path';
import { type Config, requireConfig } from '../config/index.ts';
import { createLogger } from '../observability/index.ts';
import { BUILD_TIME, createGateway, createSystemClock, type Gateway } from '../runtime/index.ts';
import { loadToken, startWeb, type WebServer } from '../web/index.ts';
import { writeLine } from './io.ts';
import type { CommandContext, DefineCommand } from './program.ts';

const HELP = `
stdout has two lines: {"event":"ready",...} once all models are warm, {"event":"stopped",...} at the end. Logs are on stderr.
SIGTERM or SIGINT stops it in order.

Examples:
  edgewright run device-config/demo.yaml
  EDGEWRIGHT__UPLINK__URL=mqtt://10.0.0.5 edgewright run gateway.yaml`;

export const runCommand: DefineCommand = (program, context, finish) => {
  program
    .command('run')
    .argument('<config>', 'YAML configuration of the gateway')
    .description('Run the gateway.')
    .addHelpText('after', HELP)
    .action(async (file: string) => finish(await run(file, context)));
};

async function run(file: string, { io, installation }: CommandContext): Promise<number> {
  const began = performance.now();
  const config = await requireConfig(file, io.env);
  const logger = createLogger(config.log.level);
  const gateway = createGateway(config, { installation, logger, clock: createSystemClock(BUILD_TIME) });
  const stop = signalled();
  const web = await serve(config, gateway);
  try {
    await gateway.start();
    const tookMs = Math.round(performance.now() - began);
    const models = gateway.models().map(({ pipeline, name, version, digest }) => ({ pipeline, name, version, digest }));
    await writeLine(io, JSON.stringify({ event: 'ready', boot: gateway.boot, http: web.url, models, tookMs }));
    const failure = await Promise.race([stop, gateway.failed]);
    const { pending } = await gateway.stop();
    await writeLine(io, JSON.stringify({ event: 'stopped', pending }));
    if (failure) throw failure;
    return 0;
  } finally {
    await gateway.stop();
    await web.close();
  }
}

/** The state folder holds the token unless the configuration names a file. */
export function tokenFileOf(config: Config): string {
  return config.http.tokenFile ?? join(config.state.path ?? config.outbox.path, 'http-token');
}

function serve(config: Config, gateway: Gateway): Promise<WebServer> {
  return startWeb({
    host: config.http.host,
    port: config.http.port,
    token: loadToken(tokenFileOf(config), config.http.tokenFile === undefined),
    ready: () => gateway.ready,
    status: () => gateway.status(),
  });
}

function signalled(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(undefined));
  });
}
