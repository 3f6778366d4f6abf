import * as z from 'zod';
import { beyondBounds } from '../core/index.ts';
import type { CommandDefinition } from './command-definition.ts';
import { explainCommand } from './explain-command.ts';
import { commandId, type Frozen } from './fields.ts';
import { resyncCommand } from './resync-command.ts';
import { statusCommand } from './status-command.ts';
import { issueOf, SHORT_BOUNDS } from './validate.ts';

/** Every command that a device knows: the schemas, the types and the AsyncAPI document follow from this list. */
const DEFINITIONS = [statusCommand, resyncCommand, explainCommand] as const;

type Definition = (typeof DEFINITIONS)[number];

/** The name of a command. */
export type CommandName = Definition['name'];

type Named<N extends CommandName> = Extract<Definition, { readonly name: N }>;

/** The request of a command, as it was checked. */
export type CommandRequest<N extends CommandName> = Frozen<z.output<Named<N>['request']>>;

/** The fields of the reply to a command that could be answered, beside `id` and `ok`. */
export type CommandResult<N extends CommandName> = Frozen<z.output<z.ZodObject<Named<N>['reply']>>>;

/** The names of all commands, in the order of the alphabet. */
export const COMMANDS: readonly CommandName[] = DEFINITIONS.map(({ name }) => name).sort();

/** The schema of a message on the topic `command`: a request of any command. */
export const commandSchema = z
  .discriminatedUnion('command', requestsOf(DEFINITIONS))
  .describe('A question to a device. One that is retained, too long or no command is refused and counted.');

/** A request of any command. */
export type Command = Frozen<z.output<typeof commandSchema>>;

/** The schema of a message on the topic `reply`: the answer to any command. */
export const replySchema = z
  .object({
    id: commandId(),
    ok: z.boolean(),
    reason: z.string().exactOptional().describe('Why not.'),
    ...repliesOf(DEFINITIONS),
  })
  .describe('The answer to the command of this id.');

/** A reply to any command: where `ok`, it has the fields of that command, and else a `reason`. */
export type Reply = Frozen<z.output<typeof replySchema>>;

type Requests<D extends readonly CommandDefinition[]> = { -readonly [I in keyof D]: D[I]['request'] };

function requestsOf<D extends readonly CommandDefinition[]>(definitions: D): Requests<D> {
  // `map` forgets that there are as many, in the same order.
  return definitions.map(({ request }) => request) as Requests<D>;
}

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type Optional<S> = { [K in keyof S]: S[K] extends z.ZodType ? z.ZodExactOptional<S[K]> : never };

function repliesOf<D extends CommandDefinition>(definitions: readonly D[]): Optional<Intersection<D['reply']>> {
  const fields = definitions.flatMap(({ reply }) => Object.entries(reply));
  const optional = fields.map(([name, schema]) => [name, schema.exactOptional()]);
  return Object.fromEntries(optional) as Optional<Intersection<D['reply']>>;
}

/** A message on the topic `command`, as far as it could be read. */
export interface ReadCommand {
  /** The id of the request; undefined where nobody could be answered. */
  readonly id: string | undefined;
  /** The request; undefined where it is none. */
  readonly command: Command | undefined;
  /** The reason why it is no command; empty where it is one. */
  readonly problem: string;
}

const addressed = z.object({ id: commandId(), command: z.string() });

/**
 * Reads a message of the topic `command`. Never throws: who asks in the wrong way is told so, where an id says whom to
 * tell.
 */
export function decodeCommand(payload: Uint8Array): ReadCommand {
  const beyond = beyondBounds(payload, SHORT_BOUNDS);
  if (beyond !== undefined) return { id: undefined, command: undefined, problem: beyond };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return { id: undefined, command: undefined, problem: 'no JSON in UTF-8' };
  }
  const head = addressed.safeParse(value);
  if (!head.success) return { id: undefined, command: undefined, problem: issueOf('command', head.error) };
  const { id } = head.data;
  const result = commandSchema.safeParse(value);
  if (result.success) return { id, command: result.data, problem: '' };
  return { id, command: undefined, problem: issueOf('command', result.error) };
}

/** The payload of a reply: JSON in UTF-8. */
export function encodeReply(reply: Reply): Uint8Array {
  return Buffer.from(JSON.stringify(reply));
}
