import { type Logger, reasonOf } from '../../common/core/index.ts';
import type { Message } from '../../common/link/index.ts';
import { COMMANDS, type Command, type CommandName, decodeCommand, type Reply } from '../../common/protocol/index.ts';
import type { Answer, CommandAnswer } from './command-answer.ts';

/** Most bytes of a command; there is none of more than some hundred. */
export const MAX_COMMAND_BYTES = 64 * 1024;
/** Commands in a burst. */
const BURST = 10;
/** The time, in ms, after which there is room for another. */
const REFILL = 1_000;
/** Ids that are remembered: a broker sends a message again, but nobody an old command. */
const REMEMBERED = 256;

/** What a handler of commands works with. */
export interface CommandHandlerDeps {
  /** One for each command of the protocol. */
  readonly answers: readonly CommandAnswer[];
  /** Sends a reply; rejects where the broker did not take it. */
  readonly reply: (reply: Reply) => Promise<unknown>;
  readonly logger: Logger;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Answers commands, none of which changes what acts: each id once, no more often than a person asks. */
export class CommandHandler {
  readonly #deps: CommandHandlerDeps;
  readonly #answers: ReadonlyMap<CommandName, CommandAnswer>;
  readonly #refused = new Map<string, number>();
  readonly #answered = new Set<string>();
  #tokens = BURST;
  #filledAt: number;

  /** Throws a TypeError where a command has no answer, or two. */
  constructor(deps: CommandHandlerDeps) {
    this.#deps = deps;
    this.#answers = byName(deps.answers);
    this.#filledAt = deps.now();
  }

  /** How many messages were refused, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Takes a message of the topic `command`. */
  take({ payload, retain, oversized }: Message): void {
    // A retained command would come again at every connect.
    if (retain) this.#refuse('retained');
    else if (oversized !== undefined) this.#refuse('oversized', `${oversized} bytes`);
    else if (!this.#takeToken()) this.#refuse('too-many', `more than ${BURST} at once`);
    else this.#read(payload);
  }

  #read(payload: Uint8Array): void {
    const { id, command, problem } = decodeCommand(payload);
    if (id === undefined) {
      this.#refuse('malformed', problem);
      return;
    }
    if (this.#answered.has(id)) {
      this.#refuse('repeated', id);
      return;
    }
    this.#remember(id);
    void this.#answer(id, command, problem);
  }

  async #answer(id: string, command: Command | undefined, problem: string): Promise<void> {
    try {
      const answer = command && (await this.#answers.get(command.command)?.answer(command));
      await this.#deps.reply({ id, ...(answer ?? this.#cannot(problem)) });
    } catch (error) {
      this.#deps.logger.warn('command not answered', { id, reason: reasonOf(error) });
    }
  }

  #cannot(problem: string): Answer {
    this.#refuse('malformed', problem);
    return { ok: false, reason: `${problem}; known commands: ${COMMANDS.join(', ')}` };
  }

  #takeToken(): boolean {
    const now = this.#deps.now();
    const gained = Math.floor((now - this.#filledAt) / REFILL);
    this.#tokens = Math.min(BURST, this.#tokens + gained);
    this.#filledAt += gained * REFILL;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #remember(id: string): void {
    this.#answered.add(id);
    const [oldest] = this.#answered;
    if (this.#answered.size > REMEMBERED && oldest !== undefined) this.#answered.delete(oldest);
  }

  #refuse(reason: string, detail?: string): void {
    if (!this.#refused.has(reason))
      this.#deps.logger.warn('command refused, further ones are counted', { reason, detail });
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}

function byName(answers: readonly CommandAnswer[]): ReadonlyMap<CommandName, CommandAnswer> {
  const names = answers.map(({ name }) => name);
  const wrong = COMMANDS.filter((command) => names.filter((name) => name === command).length !== 1);
  if (wrong.length > 0) throw new TypeError(`each command needs one answer: look at ${wrong.join(', ')}`);
  return new Map(answers.map((answer) => [answer.name, answer]));
}
