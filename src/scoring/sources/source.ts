import type * as z from 'zod';
import type { Clock, EdgewrightError, Logger, Reading } from '../../common/core/index.ts';
import type { LinkOptions, TlsFiles } from '../../common/link/index.ts';
import type { RejectReason } from './reject.ts';

/** Takes what a source reads. Everything is called on the main thread, never after `stop` has resolved. */
export interface SourceSink {
  /**
   * Takes a reading. `position` names the place after it: with that as `resumeFrom` the source goes on with the next
   * one. Throws where a pipeline could not take it: the source refuses it as `failed`, with its place, and goes on.
   */
  push(reading: Reading, position?: string): void;
  /** Counts what was refused: a message, a reading or one value. Nothing stops because of it. */
  reject(reason: RejectReason, detail: string): void;
  /**
   * Gives undefined where the source may go on, else a promise until which it pushes nothing. Asked before every
   * reading, or message.
   */
  credit(): Promise<void> | undefined;
  /** Notes that no more readings will come; called at most once, and not because of `stop`. */
  end(): void;
}

/** A way in for readings. `start` and `stop` may be called again without effect; a stopped source stays stopped. */
export interface Source {
  /** Opens it. Resolves when readings can come (file opened, topic subscribed), or when it was stopped before. */
  start(sink: SourceSink): Promise<void>;
  /** Looks whether it could start, without a sink and without a trace; rejects with what `start` would. */
  probe?(): Promise<void>;
  /** Stops it: once this has resolved, the sink is not called again. */
  stop(): Promise<void>;
}

/** What a source is given beside its configuration. */
export interface SourceDeps {
  /** The source's name in the configuration. */
  readonly name: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Folder of the configuration file: relative paths start there. */
  readonly folder?: string;
  /** The position behind which it goes on; absent at the beginning. */
  readonly resumeFrom?: string;
  /** `site` and `device` of this gateway, for names that must differ between gateways. */
  readonly identity?: { readonly site: string; readonly device: string };
  /** The uplink's broker, for a source that names none; a source opens a connection of its own to it. */
  readonly broker?: Pick<LinkOptions, 'url' | 'username' | 'password' | 'tls'>;
  /** Called when what is read from here on does not follow what was read before `resumeFrom`. */
  readonly onReset?: () => void;
  /**
   * Called with the reason when the other side is not there, and with undefined when it is again; the source goes on
   * trying by itself.
   */
  readonly onAway?: (why: EdgewrightError | undefined) => void;
  /** Called with the reason when readings may be missing between those pushed and those to come. */
  readonly onGap?: (reason: string) => void;
  /** Waits so many milliseconds, or until the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A command that opens sources. */
export type SourceCommand = 'run' | 'replay';

/** What `replay` needs of a source that reads a recording. */
export interface Replayable<Config> {
  /** Says where the recording lies: a file or folder. */
  pathOf(config: Config): string;
  /** Puts another recording in its place, read as fast as it goes. */
  at(config: Config, path: string): Config;
}

/** The broker that a source connects to. */
export interface SourceBroker {
  /** Address of the broker; undefined for that of the uplink. */
  readonly url?: string | undefined;
  readonly version: LinkOptions['version'];
  readonly tls?: TlsFiles | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The topic filter that it subscribes to, and with which QoS. */
  readonly filter?: string;
  readonly qos?: 0 | 1;
  /** Seconds that the broker is to keep the session. */
  readonly sessionExpiry?: number | undefined;
}

/** What a kind of source can do. The program asks for a trait, never for the type of a source. */
export interface SourceTraits<Config = unknown> {
  /** How `replay` reads it; undefined for a live source, which `replay` cannot read. */
  readonly replayable: Replayable<Config> | undefined;
  /** Whether nothing is lost while it gets no credit: a recording waits, a machine goes on. */
  readonly canWait: boolean;
  /** Whether each of its readings surely has one tag; absent where it may have several. */
  carriesOneTag?(config: Config): boolean;
  /** Names the commands that open it. */
  opensIn(config: Config): readonly SourceCommand[];
  /** Names the broker that it connects to; absent where it connects to none. */
  broker?(config: Config): SourceBroker;
  /**
   * Compares two of its positions: whether what is read up to `position` was read when it stood at `reached`. Absent
   * without positions.
   */
  isUpTo?(position: string, reached: string): boolean;
}

/** A kind of source: what its configuration looks like, what it can do, and how one is made. Making does no I/O. */
export interface SourceDefinition<Config = unknown> {
  readonly type: string;
  readonly schema: z.ZodType<Config>;
  readonly traits: SourceTraits<Config>;
  create(config: Config, deps: SourceDeps): Source;
}
