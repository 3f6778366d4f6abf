import { EdgewrightError } from '../../common/core/index.ts';
import { type HttpServer, loadToken, startHttpServer } from '../../common/http/index.ts';
import { createLogger } from '../../common/observability/index.ts';
import { type Config, requireConfig, tokenFileOf } from '../../device/config/index.ts';
import {
  BUILD_TIME,
  createSystemClock,
  GatewayApi,
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

async function run(file: string, { io, installation }: CommandContext): Promise<number> {
  const began = performance.now();
  const config = await requireConfig(file, io.env);
  const logger = await createLogger(config.log.level);
  const ending = new Ending();
  const api = new GatewayApi();
  const http = await serve(config, api, installation);
  try {
    const clock = createSystemClock(BUILD_TIME);
    const gateway = await startGateway(config, { installation, logger, clock, api, onFailure: ending.fail });
    try {
      const { models } = await gateway.status();
      const tookMs = Math.round(performance.now() - began);
      await writeLine(io, JSON.stringify({ event: 'ready', boot: gateway.boot, http: http.url, models, tookMs }));
      const failure = await ending.reached;
      const { pending } = await gateway.stop();
      await writeLine(io, JSON.stringify({ event: 'stopped', pending }));
      if (failure) throw failure;
      return 0;
    } finally {
      await gateway.stop();
    }
  } finally {
    await http.close();
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

async function serve(config: Config, { routes }: GatewayApi, { nativeBinding }: Installation): Promise<HttpServer> {
  const { host, port, tokenFile } = config.http;
  try {
    return await startHttpServer({
      ...{ host, port, routes },
      token: loadToken(tokenFileOf(config), tokenFile === undefined),
    });
  } catch (error) {
    // Somebody who starts a gateway twice wants to hear of the other one, not of its port.
    if (error instanceof EdgewrightError && error.code === 'web.port-in-use') {
      checkUnlocked({ path: config.outbox.path, nativeBinding });
    }
    throw error;
  }
}
