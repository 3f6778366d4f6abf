import { EdgewrightError } from '../../common/core/index.ts';
import { loadToken, startWeb, type WebServer } from '../../common/http/index.ts';
import { createLogger } from '../../common/observability/index.ts';
import { type Config, requireConfig, tokenFileOf } from '../../device/config/index.ts';
import {
  BUILD_TIME,
  createSystemClock,
  type Gateway,
  type Installation,
  startGateway,
} from '../../device/runtime/index.ts';
import { checkUnlocked } from '../../storage/outbox/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { writeLine } from './io.ts';

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

/** What the HTTP server answers for: a gateway that is not there yet, runs, or is stopping. */
interface Served {
  gateway?: Gateway;
  stopping: boolean;
}

async function run(file: string, { io, installation }: CommandContext): Promise<number> {
  const began = performance.now();
  const config = await requireConfig(file, io.env);
  const logger = await createLogger(config.log.level);
  const ending = new Ending();
  const served: Served = { stopping: false };
  const web = await serve(config, served, installation);
  try {
    const clock = createSystemClock(BUILD_TIME);
    served.gateway = await startGateway(config, { installation, logger, clock, onFailure: ending.fail });
    const { boot } = served.gateway;
    const { models } = await served.gateway.status();
    const tookMs = Math.round(performance.now() - began);
    await writeLine(io, JSON.stringify({ event: 'ready', boot, http: web.url, models, tookMs }));
    const failure = await ending.reached;
    served.stopping = true;
    const { pending } = await served.gateway.stop();
    await writeLine(io, JSON.stringify({ event: 'stopped', pending }));
    if (failure) throw failure;
    return 0;
  } finally {
    await served.gateway?.stop();
    await web.close();
  }
}

/** What ends a run: a signal, or a part that cannot go on. */
class Ending {
  fail: (error: EdgewrightError) => void = () => {};
  readonly reached = new Promise<EdgewrightError | undefined>((resolve) => {
    this.fail = resolve;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(undefined));
  });
}

async function serve(config: Config, served: Served, { nativeBinding }: Installation): Promise<WebServer> {
  const { host, port, tokenFile } = config.http;
  try {
    return await startWeb({
      host,
      port,
      token: loadToken(tokenFileOf(config), tokenFile === undefined),
      ready: () => served.gateway !== undefined && !served.stopping,
      api: { status: async () => served.gateway?.status(), audit: async () => served.gateway?.verifyAudit() },
    });
  } catch (error) {
    // Who starts a gateway twice wants to hear of the other one, not of its port.
    if (error instanceof EdgewrightError && error.code === 'web.port-in-use') {
      checkUnlocked({ path: config.outbox.path, nativeBinding });
    }
    throw error;
  }
}
