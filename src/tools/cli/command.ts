import type { Command } from 'commander';
import type { Installation } from '../../device/runtime/index.ts';
import type { Io } from './io.ts';

/** What every command is given. It returns its exit status. */
export interface CommandContext {
  readonly io: Io;
  readonly installation: Installation;
}

/** Adds one command to the program. `finish` takes the exit status where it is not 0. */
export type DefineCommand = (program: Command, context: CommandContext, finish: (status: number) => void) => void;
