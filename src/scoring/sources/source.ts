import type * as z from 'zod';
import type { Clock, EdgewrightError, Logger, Reading } from '../../common/core/index.ts';
import type { LinkOptions, TlsFiles } from '../../common/link/index.ts';
import type { RejectReason } from './reject.ts';

/** Where a source's readings go. Everything is called on the main thread, never after `stop` has resolved. */
export interface SourceSink {
  /** `position` names the place after this reading: given back as `resumeFrom`, the source goes on with the next one. */
  push(reading: Reading, position?: string): void;
  /** Counts what was refused: a message, a reading or one value. Nothing stops because of it. */
  reject(reason: RejectReason, detail: string): void;
  /** Undefined: go on. A promise: push nothing until it resolves. Asked before every reading, or message. */
  credit(): Promise<void> | undefined;
  /** No more readings will come; called at most once, and not because of `stop`. */
  end(): void;
}

/** One way in for readings. `start` and `stop` may be called again without effect; a stopped source stays stopped. */
export interface Source {
  /** Resolves when readings can come (file opened, topic subscribed), or when it was stopped before. */
  start(sink: SourceSink): Promise<void>;
  /** Looks whether it could start, without a sink and without a trace; rejects with what `start` would. */
  probe?(): Promise<void>;
  /** Once it has resolved, the sink is not called again. */
  stop(): Promise<void>;
}

export interface SourceDeps {
  /** The source's name in the configuration. */
  readonly name: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Folder of the configuration file: relative paths start there. */
  readonly folder?: string;
  /** Position of the last reading that the outbox has committed. */
  readonly resumeFrom?: string;
  /** `site` and `device` of this gateway, for names that must differ between gateways. */
  readonly identity?: { readonly site: string; readonly device: string };
  /** The broker of a source that names none: the uplink's. Sources open a connection of their own to it. */
  readonly broker?: Pick<LinkOptions, 'url' | 'username' | 'password' | 'tls'>;
  /** Told when what is read from here on does not follow what was read before `resumeFrom`. */
  readonly onReset?: () => void;
  /** Told why when the other side is not there, and undefined when it is again; the source goes on trying by itself. */
  readonly onAway?: (why: EdgewrightError | undefined) => void;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A command that opens sources. */
export type SourceCommand = 'run' | 'replay';

/** What `replay` needs of a source that reads a recording. */
export interface Replayable<Config> {
  /** Where the recording lies: a file or folder. */
  pathOf(config: Config): string;
  /** The same source over another recording, as fast as it goes. */
  at(config: Config, path: string): Config;
}

/** The broker that a source connects to. */
export interface SourceBroker {
  /** Undefined for the broker of the uplink. */
  readonly url?: string | undefined;
  readonly version: LinkOptions['version'];
  readonly tls?: TlsFiles | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What the program may count on: it asks for a trait, never for the type of a source. */
export interface SourceTraits<Config = unknown> {
  /** Undefined for a live source: `replay` cannot read it. */
  readonly replayable: Replayable<Config> | undefined;
  /** Whether nothing is lost while it gets no credit: a recording waits, a machine goes on. */
  readonly canWait: boolean;
  /** The commands that open it. */
  opensIn(config: Config): readonly SourceCommand[];
  /** Of a source that connects to a broker: which one. */
  broker?(config: Config): SourceBroker;
  /** Of a source with positions: whether what is read up to `position` was read when it stood at `reached`. */
  isUpTo?(position: string, reached: string): boolean;
}

/** A kind of source: what its configuration looks like, what it can do, and how one is made. Making does no I/O. */
export interface SourceDefinition<Config = unknown> {
  readonly type: string;
  readonly schema: z.ZodType<Config>;
  readonly traits: SourceTraits<Config>;
  create(config: Config, deps: SourceDeps): Source;
}
