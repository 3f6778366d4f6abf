import * as z from 'zod';
import { type Command, commandId, commandSchema, type Reply } from './message-schemas.ts';
import { issueOf } from './validate.ts';

export interface ReadCommand {
  /** Undefined where nobody could be answered. */
  readonly id: string | undefined;
  readonly command: Command | undefined;
  /** What is wrong; empty where there is a command. */
  readonly problem: string;
}

const addressed = z.object({ id: commandId(), command: z.string() });

/** Never throws: who asks in the wrong way is told so, where an id says whom to tell. */
export function decodeCommand(payload: Uint8Array): ReadCommand {
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

export function encodeReply(reply: Reply): Uint8Array {
  return Buffer.from(JSON.stringify(reply));
}
