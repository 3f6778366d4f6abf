import { existsSync } from 'node:fs';
import { Follower, type FollowTarget } from '../../center/operator/index.ts';
import { LONGEST_TIMER_MS, NAME_PATTERN, parseDuration, type RecordType } from '../../common/core/index.ts';
import { createLogger } from '../../common/observability/index.ts';
import { DEFAULT_PREFIX, RECORD_SCHEMAS } from '../../common/protocol/index.ts';
import { requireConfig } from '../../device/config/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { usage } from './errors.ts';
import type { Io } from './io.ts';
import { createWatchOutput } from './watch-output.ts';

interface Options {
  readonly broker?: string;
  readonly prefix?: string;
  readonly username?: string;
  readonly password?: string;
  readonly type?: string;
  readonly for?: string;
  readonly timeout?: string;
  readonly receipts?: boolean;
  readonly json?: boolean;
}

const CONNECT_MS = 10_000;

const HELP = `
Unpacks the batches and writes one line for each record: event time (UTC), type, pipeline, asset, what it says, quality.
At the end it shows the books: records received, duplicates, and which sequence numbers of each boot are missing (they
may still wait on the device). It sees only what is sent while it watches. With --json stdout has one record a line, as
received (a repeated one has "duplicate":true); changes of status and the books go to stderr.
With --receipts it tells the device which records it has written, and no others: not those that --type leaves out, nor,
without --json, those of a type that it does not know. A device with uplink.receipts: required keeps each record until
somebody has confirmed it. When the reader of its output goes away (| head), it ends, and confirms nothing more.

Examples:
  edgewright watch lab/gateway-7 --broker mqtt://10.0.0.5
  edgewright watch gateway.yaml --type alarm,prediction
  edgewright watch gateway.yaml --json --receipts >> records.jsonl
  edgewright watch gateway.yaml --json --for 30s | jq -c 'select(.type == "alarm")'`;

export const watchCommand: DefineCommand = (program, context, finish) => {
  program
    .command('watch')
    .argument('<device>', 'SITE/DEVICE, or the configuration of the gateway')
    .option('--broker <url>', 'mqtt://host:port or mqtts://host:port (default: uplink.url of the configuration)')
    .option('--prefix <topic>', `first levels of every topic (default: ${DEFAULT_PREFIX})`)
    .option('--username <name>', 'user name at the broker')
    .option('--password <text>', 'password at the broker (better: EDGEWRIGHT_PASSWORD)')
    .option('--type <list>', `show only these types, separated by commas: ${Object.keys(RECORD_SCHEMAS).join(', ')}`)
    .option('--for <duration>', 'end after this time, such as 30s')
    .option('--timeout <duration>', 'how long the broker may take to answer for the first time (default: 10s)')
    .option('--receipts', 'confirm to the device what was written here (for uplink.receipts: required)')
    .option('--json', 'write each record as one line of JSON')
    .description('Follow a device’s records in the terminal.')
    .addHelpText('after', HELP)
    .action(async (device: string, options: Options) => finish(await watch(device, options, context)));
};

async function watch(device: string, options: Options, { io }: CommandContext): Promise<number> {
  const target = await findTarget(device, options, io);
  const length = readDuration('--for', options.for);
  const timeout = readDuration('--timeout', options.timeout) ?? CONNECT_MS;
  const types = readTypes(options.type);
  const ended = untilEnd(length);
  const onLost = (error: unknown) => ended.end(error);
  const output = createWatchOutput(io, { json: options.json ?? false, types, target, onLost });
  const follower = new Follower(target, output, { logger: await createLogger('error') });
  try {
    const started = follower.start(timeout);
    // Ctrl-C ends the wait for a broker, too.
    await Promise.race([started, ended.promise]);
    if (!ended.over()) output.watching(() => follower.books());
    await ended.promise;
    started.catch(() => {});
  } finally {
    ended.clear();
    await follower.close();
  }
  if (ended.lost !== undefined && !isReaderGone(ended.lost)) throw ended.lost;
  await output.books(follower.books());
  return 0;
}

/** Whether nobody reads the output any more, as with `| head`, which is no failure. */
function isReaderGone(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

async function findTarget(device: string, options: Options, io: Io): Promise<FollowTarget> {
  const given = {
    ...(options.broker === undefined ? {} : { url: options.broker }),
    ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...passwordOf(options, io),
    ...(options.receipts ? { receipts: true } : {}),
  };
  if (/\.ya?ml$/i.test(device) || existsSync(device)) {
    const { site, device: name, uplink } = await requireConfig(device, io.env);
    const url = options.broker ?? uplink?.url;
    if (url === undefined) throw usage('watch', `${device} has no uplink, so give --broker URL`);
    const { version = 'auto', username, password, prefix = DEFAULT_PREFIX } = uplink ?? {};
    const credentials = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
    return { url, version, prefix, site, device: name, ...credentials, ...given };
  }
  const [site = '', name = '', ...rest] = device.split('/');
  if (rest.length > 0 || !NAME_PATTERN.test(site) || !NAME_PATTERN.test(name)) {
    throw usage('watch', `${device} is neither SITE/DEVICE nor a configuration file that is there`);
  }
  if (options.broker === undefined) throw usage('watch', 'SITE/DEVICE needs --broker URL');
  return { prefix: DEFAULT_PREFIX, site, device: name, url: options.broker, ...given };
}

function passwordOf({ password }: Options, { env }: Io): { password?: string } {
  const found = password ?? env['EDGEWRIGHT_PASSWORD'];
  return found === undefined ? {} : { password: found };
}

function readTypes(list: string | undefined): ReadonlySet<RecordType> | undefined {
  if (list === undefined) return undefined;
  const known = Object.keys(RECORD_SCHEMAS) as RecordType[];
  const wanted = list.split(',').map((name) => name.trim());
  return new Set(
    wanted.map((name) => {
      const type = known.find((candidate) => candidate === name);
      if (type === undefined) throw usage('--type', `there is no record type ${name}; known: ${known.join(', ')}`);
      return type;
    }),
  );
}

function readDuration(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const length = parseDuration(text);
  if (length === undefined || length <= 0) throw usage(option, `${text} is no duration such as 30s or 5m`);
  return Math.min(length, LONGEST_TIMER_MS);
}

interface End {
  /** Resolves when the time is over, or at SIGINT or SIGTERM. */
  readonly promise: Promise<void>;
  over(): boolean;
  /** Ends it; `lost` is why records cannot be written. */
  end(lost: unknown): void;
  readonly lost: unknown;
  clear(): void;
}

function untilEnd(length: number | undefined): End {
  let over = false;
  let lost: unknown;
  let end: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    end = () => {
      over = true;
      resolve();
    };
  });
  const timer = length === undefined ? undefined : setTimeout(end, length);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  return {
    promise,
    over: () => over,
    end(why) {
      lost ??= why;
      end();
    },
    get lost() {
      return lost;
    },
    clear() {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
    },
  };
}
