import * as z from 'zod';
import { commandId } from './fields.ts';

/** What the fields of a request or a reply look like, by name. */
type Shape = Readonly<Record<string, z.ZodType>>;

/** A command as it goes over the wire: what is asked, and what the answer holds. */
export interface CommandDefinition<N extends string = string, Q extends Shape = Shape, A extends Shape = Shape> {
  /** What a request says as `command`. */
  readonly name: N;
  /** The whole request, `id` and `command` included. */
  readonly request: z.ZodObject<{ id: z.ZodString; command: z.ZodLiteral<N> } & Q>;
  /** Fields of the reply beside `id`, `ok` and `reason`; no two commands share one. */
  readonly reply: A;
}

/** Makes the definition of a command. `asks` is the sentence that describes it in the AsyncAPI document. */
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
