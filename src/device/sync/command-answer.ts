import type { Command, CommandName, CommandRequest, CommandResult, Reply } from '../../common/protocol/index.ts';

/** A reply without its id. */
export type Answer = Omit<Reply, 'id'>;

/** The answer to one command: what its definition promises, or why not. */
export type AnswerTo<N extends CommandName> =
  | ({ readonly ok: true } & CommandResult<N>)
  | { readonly ok: false; readonly reason: string };

/** A command of the protocol, and the answer of this device to it. */
export interface CommandAnswer {
  readonly name: CommandName;
  /** Answers a request. Rejects where the device cannot say; nobody is answered then. */
  answer(command: Command): Promise<Answer>;
}

/** Binds an answer to the command of that name, whose request it is given as the protocol has checked it. */
export function answering<N extends CommandName>(
  name: N,
  answer: (request: CommandRequest<N>) => Promise<AnswerTo<N>>,
): CommandAnswer {
  return {
    name,
    async answer(command) {
      if (!isNamed(command, name)) throw new TypeError(`${command.command} is not ${name}`);
      return answer(command);
    },
  };
}

function isNamed<N extends CommandName>(command: Command, name: N): command is Command & CommandRequest<N> {
  return command.command === name;
}
