import type { Command } from 'commander';
import { parseDuration, printable } from '../../common/core/index.ts';
import { ROLES, type RoleName } from '../../common/trust/index.ts';
import {
  initRoot,
  type RootChange,
  type RootView,
  readKeyFile,
  readPublicKeyFile,
  rotateRoot,
  type Signing,
  showRoot,
  signRoot,
} from '../keys/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { usage } from './errors.ts';
import { type Io, paint, writeLine } from './io.ts';

const INIT_HELP = `
Makes the first root: which keys may change the root, sign models, and sign orders. Holders of root keys sign it one after
the other, each on a machine of his own: \`trust sign\`. Then every gateway gets the file as \`trust.root\`.

Examples:
  edgewright trust init root.json --root alice.pub bob.pub carol.pub --model modeller.pub --deploy ops.pub
  edgewright trust init root.json --root a.pub b.pub c.pub --model m.pub --deploy d.pub e.pub --threshold deploy=2 \\
    --expires 730d --key a.key`;

const ROTATE_HELP = `
Makes the root after ROOT, one version higher. It is taken once it carries signatures by the thresholds of both: of the
keys that ROOT has, and of its own. An expired root can be rotated, too.

Examples:
  edgewright trust rotate root.json --out root-2.json --expires 365d
  edgewright trust rotate root.json --out root-2.json --remove 3fa1 --root dave.pub --key alice.key
  edgewright trust rotate root.json --out root-2.json --floor pump=7`;

const SIGN_HELP = `
Adds a signature to the file. A key that the new version takes away signs with --previous, which also says how many of
its signatures are missing.

Examples:
  edgewright trust sign root.json --key bob.key
  edgewright trust sign root-2.json --key carol.key --previous root.json`;

const SHOW_HELP = `
Exit status: 0 it has the signatures that it asks for (with --previous, those of the root before it, too), 1 some are missing.

Examples:
  edgewright trust show root.json
  edgewright trust show root-2.json --previous root.json --json`;

interface ChangeOptions extends Readonly<Partial<Record<RoleName, string[]>>> {
  readonly threshold?: string[];
  readonly remove?: string[];
  readonly floor?: string[];
  readonly expires: string;
}

interface SigningOptions {
  readonly key?: string[];
  readonly passphraseFile?: string;
  readonly previous?: string;
  readonly out: string;
  readonly json?: boolean;
}

export const trustCommand: DefineCommand = (program, context, finish) => {
  const { io } = context;
  const trust = program.command('trust').description('The root: which keys may sign what.');
  signing(changing(trust.command('init').argument('<file>', 'file to write')), 'sign it at once with these keys')
    .description('Make the first root.')
    .addHelpText('after', INIT_HELP)
    .action(async (out: string, options: ChangeOptions & SigningOptions) => {
      await tell(await initRoot(await changeOf(options), await targetOf({ ...options, out })), options, context);
    });
  signing(changing(trust.command('rotate').argument('<root>', 'newest root')), 'sign it at once with these keys')
    .requiredOption('--out <file>', 'file to write')
    .option('--remove <id...>', 'keys that go, by the beginnings of their IDs')
    .option('--floor <name=release...>', 'least release of a model that may act from now on')
    .description('Make the next root.')
    .addHelpText('after', ROTATE_HELP)
    .action(async (file: string, options: ChangeOptions & SigningOptions) => {
      await tell(await rotateRoot(file, await changeOf(options), await targetOf(options)), options, context);
    });
  trust
    .command('sign')
    .argument('<root>', 'file of the root')
    .requiredOption('--key <file...>', 'private root keys')
    .option('--passphrase-file <file>', 'file whose first line opens the keys')
    .option('--previous <root>', 'the root before it')
    .option('--json', 'write one JSON object')
    .description('Add signatures to a root.')
    .addHelpText('after', SIGN_HELP)
    .action(async (file: string, options: SigningOptions) => {
      await tell(await signRoot(file, await keysOf(options), options.previous), options, context);
    });
  trust
    .command('show')
    .argument('<root>', 'file of the root')
    .option('--previous <root>', 'the root before it')
    .option('--json', 'write one JSON object')
    .description('Say what a root allows, and who signed it.')
    .addHelpText('after', SHOW_HELP)
    .action(async (file: string, options: SigningOptions) => {
      const view = await showRoot(file, options.previous);
      await tell(view, options, { io });
      finish(view.signed.complete && view.previous?.complete !== false ? 0 : 1);
    });
};

function changing(command: Command): Command {
  return command
    .option('--root <pub...>', 'public keys that may change the root')
    .option('--model <pub...>', 'public keys that may sign models')
    .option('--deploy <pub...>', 'public keys that may sign orders')
    .option('--threshold <role=n...>', 'signatures that it takes: root=2 and deploy=1 at first; model always takes one')
    .option('--expires <when>', 'a duration such as 365d, or a time in UTC', '365d');
}

function signing(command: Command, what: string): Command {
  return command
    .option('--key <file...>', what)
    .option('--passphrase-file <file>', 'file whose first line opens the keys')
    .option('--json', 'write one JSON object');
}

async function changeOf(options: ChangeOptions): Promise<RootChange> {
  const add = await Promise.all(
    ROLES.map(async (name) => [name, await Promise.all((options[name] ?? []).map(readPublicKeyFile))] as const),
  );
  return {
    add: Object.fromEntries(add),
    remove: options.remove ?? [],
    thresholds: pairs('--threshold', options.threshold, isRole),
    floors: pairs('--floor', options.floor, (name): name is string => name !== ''),
    expires: timeOf(options.expires),
  };
}

async function targetOf(options: SigningOptions) {
  return { out: options.out, keys: await keysOf(options), now: Date.now() };
}

function keysOf({ key = [], passphraseFile }: SigningOptions) {
  return Promise.all(key.map((file) => readKeyFile(file, passphraseFile)));
}

const isRole = (name: string): name is RoleName => ROLES.some((role) => role === name);

/** `name=number` of each, by name. Throws `cli.usage`. */
function pairs<K extends string>(
  option: string,
  given: readonly string[] = [],
  known: (name: string) => name is K,
): Readonly<Record<K, number>> {
  const entries = given.map((text) => {
    const [, name = '', digits = ''] = /^(.*)=(\d{1,15})$/.exec(text) ?? [];
    if (!known(name) || digits === '') throw usage(option, `${text} is no name=number`);
    return [name, Number(digits)] as const;
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

/** The latest time that RFC 3339 can write. */
const LATEST = Date.UTC(9999, 11, 31);

/** A duration from now on, or a time, in ms since the epoch. Throws `cli.usage`. */
function timeOf(text: string): number {
  const duration = parseDuration(text);
  const time = duration === undefined ? Date.parse(/^\d{4}-/.test(text) ? text : '') : Date.now() + duration;
  if (!(time <= LATEST)) throw usage('--expires', `${text} is neither a duration nor a time before the year 10000`);
  return time;
}

async function tell(view: RootView, { json }: SigningOptions, { io }: Pick<CommandContext, 'io'>): Promise<void> {
  if (json) await writeLine(io, JSON.stringify(view));
  else for (const line of describe(view, io)) await writeLine(io, line);
}

function describe({ version, expires, roles, floors, signed, previous, warnings }: RootView, io: Io): string[] {
  const roleLines = ROLES.flatMap((name) => [
    `${name.padEnd(8)} ${roles[name].threshold} of ${roles[name].keys.length}`,
    ...roles[name].keys.map((id) => `         ${id}${signed.signers.includes(id) ? ' (signed)' : ''}`),
  ]);
  return [
    `version  ${version}`,
    `expires  ${expires}${Date.parse(expires) <= Date.now() ? ' (expired)' : ''}`,
    ...roleLines,
    ...Object.entries(floors).map(([name, release]) => `floor    ${printable(name)}: release ${release}`),
    ...(previous === undefined ? [signed] : [previous, signed]).map((one) => describeSigning(one, io)),
    ...warnings.map((text) => `${paint(io, 'yellow', 'warning')}  ${text}`),
  ];
}

function describeSigning({ version, threshold, signers, complete }: Signing, io: Io): string {
  const state = complete ? paint(io, 'green', 'signed') : paint(io, 'yellow', 'missing');
  return `${state.padEnd(8)} ${signers.length} of the ${threshold} signatures that version ${version} asks for`;
}
