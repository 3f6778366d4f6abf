import * as z from 'zod';
import { commandId } from './fields.ts';

/** The schemas of the fields of a request or a reply, by name. */
type Shape = Readonly<Record<string, z.ZodType>>;

/** The form of a command on the wire: what is asked, and what the answer holds. */
export interface CommandDefinition<N extends string = string, Q extends Shape = Shape, A extends Shape = Shape> {
  /** The value of `command` in a request. */
  readonly name: N;
  /** The schema of the whole request, `id` and `command` included. */
  readonly request: z.ZodObject<{ id: z.ZodString; command: z.ZodLiteral<N> } & Q>;
  /** Fields of the reply beside `id`, `ok` and `reason`; no two commands share one. */
  readonly reply: A;
}

/**
 * Makes the definition of a command from its own fields. `asks` is the sentence that describes it in the AsyncAPI
 * document.
 */
export function defineCommand<N extends string, Q extends Shape, A extends Shape>(command: {
  readonly name: N;
  readonly asks: string;
  readonly request: Q;
  readonly reply: A;
}): CommandDefinition<N, Q, A> {
  const { name, asks, request, reply } = command;
  const head = { id: commandId(), command: z.literal(name) };
  return { name, request: z.object({ ...head, ...request }).describe(asks), reply };
}
