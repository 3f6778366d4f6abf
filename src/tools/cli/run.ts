import { EdgewrightError, type Logger, redactorOf } from '../../common/core/index.ts';
import { type HttpServer, loadToken, startHttpServer } from '../../common/http/index.ts';
import { createLogger } from '../../common/observability/index.ts';
import { redactSettings } from '../../common/settings/index.ts';
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
SIGTERM or SIGINT stops it in order, a second one changes nothing. One that comes during the start gives it up within two
seconds; the exit status is 0 all the same. SIGHUP has it read its configuration again, as \`edgewright reload\` does;
where it has a terminal, which closes then, it stops.

Examples:
  edgewright run device-config/demo.yaml
  EDGEWRIGHT__UPLINK__URL=mqtt://10.0.0.5 edgewright run gateway.yaml`;

const STOPS = ['SIGTERM', 'SIGINT'] as const;
/** Whether it runs in a terminal: a service has none, and its SIGHUP means another thing. */
const HAS_TERMINAL = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
/** Time for what has started to stop, where a signal comes during the start. */
const GIVE_UP_MS = 1_500;

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
  const ending = new Ending();
  const config = await requireConfig(file, io.env);
  const redact = redactorOf(redactSettings(config).secrets);
  const logger = await createLogger(config.log.level, undefined, redact);
  const api = new GatewayApi(redact, () => requireConfig(file, io.env));
  const http = await serve(config, api, installation, logger);
  try {
    const clock = createSystemClock(BUILD_TIME);
    const { fail: onFailure, signal: stopping } = ending;
    const { setLevel: setLogLevel } = logger;
    const deps = { installation, logger, clock, api, onFailure, stopping, setLogLevel };
    const start = await ending.during(startGateway(config, deps));
    if (start === undefined) {
      await writeLine(io, JSON.stringify({ event: 'stopped', pending: null }));
      // What the start still waits for (a model, a damaged file) is left as a kill would leave it, which it is made for.
      process.exit(0);
    }
    const gateway = start.started;
    try {
      const { models } = await gateway.status();
      const tookMs = Math.round(performance.now() - began);
      await writeLine(io, JSON.stringify({ event: 'ready', boot: gateway.boot, http: http.url, models, tookMs }));
      ending.onHangUp = () => void reload(api, logger);
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

/** Takes the configuration again; what came of it is in the log. */
async function reload(api: GatewayApi, logger: Logger): Promise<void> {
  const answer = await api.reload();
  if ('refused' in answer) {
    const { message: reason, ...rest } = answer.refused;
    logger.error('configuration not taken: nothing has changed', { ...rest, reason });
  } else logger.info('configuration read again', { ...answer });
}

/** What ends a run: a signal, or a part that cannot go on. */
class Ending {
  fail: (error: EdgewrightError) => void = () => {};
  /** Called at SIGHUP where there is no terminal that closes. */
  onHangUp: () => void = () => {};
  readonly #signalled = new AbortController();
  readonly reached = new Promise<EdgewrightError | undefined>((resolve) => {
    this.fail = resolve;
    const end = () => {
      this.#signalled.abort();
      resolve(undefined);
    };
    // They stay, so that a second one while the gateway stops does not end it on the spot.
    for (const signal of STOPS) process.on(signal, end);
    process.on('SIGHUP', () => (HAS_TERMINAL ? end() : this.onHangUp()));
  });

  /** Aborts at the first signal. */
  get signal(): AbortSignal {
    return this.#signalled.signal;
  }

  /** Waits for a start. Undefined where a signal gave it up: it has stopped then, or its time for that is over. */
  async during<T>(starting: Promise<T>): Promise<{ readonly started: T } | undefined> {
    const started = starting.then(
      (value) => ({ started: value }),
      (error: unknown) => {
        if (this.signal.aborted) return undefined;
        throw error;
      },
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      this.signal.addEventListener('abort', () => {
        timer = setTimeout(() => resolve(undefined), GIVE_UP_MS);
      });
    });
    try {
      return await Promise.race([started, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function serve(
  config: Config,
  { routes }: GatewayApi,
  { nativeBinding }: Installation,
  logger: Logger,
): Promise<HttpServer> {
  const { host, port, tokenFile } = config.http;
  try {
    return await startHttpServer({
      ...{ host, port, routes },
      token: loadToken(tokenFileOf(config), tokenFile === undefined, ({ code, message }) =>
        logger.error('the disk is full: nobody can read the token of the API before the next start with room', {
          ...{ code, reason: message },
        }),
      ),
    });
  } catch (error) {
    // Somebody who starts a gateway twice wants to hear of the other one, not of its port.
    if (error instanceof EdgewrightError && error.code === 'web.port-in-use') {
      checkUnlocked({ path: config.outbox.path, nativeBinding });
    }
    throw error;
  }
}
