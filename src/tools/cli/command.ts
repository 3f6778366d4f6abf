import type { Command } from 'commander';
import type { Installation } from '../../device/runtime/index.ts';
import type { Io } from './io.ts';

/** What every command is given. */
export interface CommandContext {
  readonly io: Io;
  readonly installation: Installation;
}

/** Adds one command to the program; the command calls `finish` with its exit status where that may not be 0. */
export type DefineCommand = (program: Command, context: CommandContext, finish: (status: number) => void) => void;
