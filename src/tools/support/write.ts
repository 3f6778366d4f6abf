import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packTar } from 'modern-tar';
import { EdgewrightError, reasonOf, redactorOf } from '../../common/core/index.ts';
import { readToken } from '../../common/http/index.ts';
import { redactLog, redactSettings } from '../../common/settings/index.ts';
import { PRIVATE_FILE } from '../../common/store/index.ts';
import { type Config, loadConfig, stateFolderOf, tokenFileOf } from '../../device/config/index.ts';
import { inspectControl } from '../../storage/control/index.ts';
import { inspectOutbox } from '../../storage/outbox/index.ts';
import { verifyStopped } from '../../storage/thread/index.ts';
import { bundleNotWritten } from './errors.ts';
import { describeFolder, describeMachine } from './machine.ts';

/** Bytes that one file of the bundle has at most. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const PAYLOADS = 1_000;
const FOLDER = 'edgewright-support';

export interface SupportOptions {
  readonly config: string;
  readonly out: string;
  /** Whether it has the newest records, too. */
  readonly payloads: boolean;
  /** A file with the log of the gateway. */
  readonly log: string | undefined;
}

export interface SupportDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly nativeBinding: string | undefined;
  /** Asks the running gateway for /api/NAME. */
  readonly ask: (config: Config, name: string) => Promise<unknown>;
}

/** The support bundle that was written; `contents` are the names of the files in it. */
export interface Written {
  readonly file: string;
  readonly bytes: number;
  readonly contents: readonly string[];
}

type Files = Readonly<Record<string, unknown>>;

const ABOUT = `This is what a person who helps with an Edgewright gateway needs to know of it.

It has no secrets: passwords, tokens, keys and credentials in addresses are replaced by [redacted]. It has no records and no
values of machines, unless payloads.jsonl is here. Names of assets, tags and files, and addresses of brokers, are as they
are: look through it before you send it on.
`;

/**
 * Gathers what is known of a gateway, running or not, into one file. Where a part cannot be had, the reason stands in
 * its place.
 *
 * @throws `config.missing` where there is no configuration, `support.not-written` where the file cannot be written
 */
export async function writeSupportBundle(options: SupportOptions, deps: SupportDeps): Promise<Written> {
  const { config, rest, secrets, problems } = await loadConfig(options.config, deps.env);
  const known = config ?? rest;
  const files: Files = {
    'about.txt': ABOUT,
    'machine.json': describeMachine(deps.version, deps.env),
    'configuration.json': known ?? null,
    'problems.json': problems,
    'log.txt': await logOf(options.log),
    ...(known && (await ofGateway(known, options, deps))),
  };
  const tokens = known ? tokensOf(known, deps) : [];
  const redact = redactorOf([...secrets, ...tokens]);
  const texts = Object.entries(files).map(([name, content]) => ({
    name,
    text: name === 'about.txt' ? ABOUT : redact(textOf(content)),
  }));
  return write(options.out, texts);
}

async function ofGateway(config: Config, { payloads }: SupportOptions, deps: SupportDeps): Promise<Files> {
  const { nativeBinding, ask } = deps;
  const { path } = config.outbox;
  const state = stateFolderOf(config);
  const outbox = attempt(() => inspectOutbox({ path, nativeBinding }, payloads ? PAYLOADS : 0));
  const { newest = [], ...store } = { ...(outbox as Partial<NonNullable<ReturnType<typeof inspectOutbox>>>) };
  const running = isLocked(outbox);
  const control = attempt(() => inspectControl({ path: state, nativeBinding }));
  const audit = running
    ? askFor(ask, config, 'audit')
    : attempt(() => verifyStopped({ path, statePath: state, nativeBinding }));
  return {
    'status.json': running ? await askFor(ask, config, 'status') : { reason: 'the gateway does not run' },
    'telemetry.json': store,
    'control.json': control,
    'audit.json': await audit,
    'folders.json': await Promise.all([...new Set([path, state])].map(describeFolder)),
    ...(payloads && {
      'payloads.jsonl': running
        ? 'The records of a running gateway are not read: stop it first, or use `edgewright watch`.'
        : newest.join('\n'),
    }),
  };
}

/** Gives what the work gives, or the reason why it cannot be had. */
function attempt(work: () => unknown): unknown {
  try {
    return work() ?? { reason: 'the file is not there' };
  } catch (error) {
    return failure(error);
  }
}

async function askFor(ask: SupportDeps['ask'], config: Config, name: string): Promise<unknown> {
  try {
    return await ask(config, name);
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Files {
  if (!(error instanceof EdgewrightError)) throw error;
  const { code, message, hint } = error;
  return { code, reason: message, hint };
}

function isLocked(found: unknown): boolean {
  return typeof found === 'object' && found !== null && 'code' in found && found.code === 'store.locked';
}

/** The end of the log, in whole lines. */
async function logOf(file: string | undefined): Promise<string> {
  if (file === undefined) {
    return 'The gateway logs to stderr. With systemd: journalctl -u edgewright --since -1d > log.txt, then --log log.txt.\n';
  }
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - MAX_FILE_BYTES);
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
      const text = buffer.toString('utf8', 0, bytesRead);
      return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `${file} cannot be read: ${reasonOf(error)}\n`;
  }
}

function tokensOf(config: Config, { env }: SupportDeps): string[] {
  const given = env['EDGEWRIGHT_TOKEN'];
  const tokens = given === undefined ? [] : [given];
  try {
    tokens.push(readToken(tokenFileOf(config)));
  } catch {
    // A token that this user cannot read is in nothing else that this user can read.
  }
  return tokens;
}

function textOf(content: unknown): string {
  const text =
    typeof content === 'string' ? redactLog(content) : `${JSON.stringify(redactSettings(content).data, null, 2)}\n`;
  return text.length <= MAX_FILE_BYTES ? text : `${text.slice(0, MAX_FILE_BYTES)}\n... cut off\n`;
}

async function write(
  file: string,
  texts: readonly { readonly name: string; readonly text: string }[],
): Promise<Written> {
  const entries = texts.map(({ name, text }) => {
    const body = Buffer.from(text);
    return { header: { name: `${FOLDER}/${name}`, size: body.byteLength, mode: 0o600 }, body };
  });
  const bytes = await promisify(gzip)(await packTar(entries));
  try {
    const handle = await open(file, 'w', PRIVATE_FILE);
    try {
      // One of this name that was there keeps its rights until somebody takes them.
      if ((await handle.stat()).isFile()) await handle.chmod(PRIVATE_FILE);
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw bundleNotWritten(file, reasonOf(error), { cause: error });
  }
  return { file, bytes: bytes.byteLength, contents: texts.map(({ name }) => name) };
}
