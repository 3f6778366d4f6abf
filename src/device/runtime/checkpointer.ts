import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import type { AssetSnapshot } from '../../scoring/pipeline/index.ts';
import type { CheckpointRow } from '../../storage/control/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Driver, SnapshotListener } from './driver.ts';
import type { Positions } from './positions.ts';

/** Time between two rounds. */
const EVERY_MS = 5_000;
/** Bytes a second beyond which rounds come less often: flash wears out. */
const BYTES_PER_SECOND = 64 * 1024;
/** Size of one transaction, so that an alarm never waits long for its own. */
const CHUNK_BYTES = 256 * 1024;

/** A record that is committed. */
export interface Place {
  readonly boot: string;
  readonly seq: number;
}

export interface CheckpointerDeps {
  readonly store: Pick<ControlClient, 'addToCheckpoint' | 'completeCheckpoint' | 'forgetAssets'>;
  /** Names of the pipelines that there are. */
  readonly pipelines: () => readonly string[];
  /** Has every pipeline take a snapshot, as of this moment; each is given to the listener when it is complete. */
  readonly snapshot: (taken: SnapshotListener) => void;
  /** How far each source has been read. */
  readonly positions: () => Readonly<Record<string, string>>;
  readonly committed: () => Place;
  /** Number of the newest round that there is. */
  readonly round: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Round {
  readonly clean: boolean;
  readonly place: Place;
  readonly positions: Readonly<Record<string, string>>;
  /** Pipelines whose snapshot is not complete. */
  readonly open: Set<string>;
  readonly done: () => void;
}

/**
 * Writes what the pipelines hold to control.db every few seconds, one moment of all of them with the positions of the
 * sources. Never waits on the main thread, and never has two rounds under way: while the disk is slow, rounds are left out.
 */
export class Checkpointer {
  readonly #deps: CheckpointerDeps;
  /** Newest snapshots that are not on disk, by pipeline and asset. */
  readonly #unsaved = new Map<string, CheckpointRow>();
  #round: Round | undefined;
  #ended: Promise<void> = Promise.resolve();
  #number: number;
  #positions = '';
  #dueAt: number;
  /** Bytes of the newest round. */
  #bytes = 0;

  constructor(deps: CheckpointerDeps) {
    this.#deps = deps;
    this.#number = deps.round;
    this.#dueAt = deps.clock.monotonic() + EVERY_MS;
  }

  /** Begins a round where one is due. */
  tick(): void {
    if (this.#round === undefined && this.#deps.clock.monotonic() >= this.#dueAt) this.#begin(false);
  }

  /** An alarm changed: begins the next round soon, where rounds are small. */
  soon(): void {
    if (this.#bytes <= BYTES_PER_SECOND) this.#dueAt = this.#deps.clock.monotonic();
  }

  /** A pipeline's snapshot is complete. */
  taken(pipeline: string, assets: readonly AssetSnapshot[], forgotten: readonly string[] = []): void {
    for (const asset of forgotten) this.#unsaved.delete(JSON.stringify([pipeline, asset]));
    this.forget(forgotten.map((asset) => [pipeline, asset]));
    for (const { asset, body } of assets)
      this.#unsaved.set(JSON.stringify([pipeline, asset]), { pipeline, asset, body });
    const round = this.#round;
    if (round?.open.delete(pipeline) && round.open.size === 0) void this.#write(round);
  }

  /** The last round, once nothing changes any more. Resolves when it is on disk, or failed. */
  async stop(): Promise<void> {
    await this.#ended;
    this.#begin(true);
    await this.#ended;
  }

  /** Deletes assets that a source turned out not to go on with: the next start must not go on with them either. */
  forget(assets: readonly (readonly [pipeline: string, asset: string])[]): void {
    if (assets.length === 0) return;
    const { store, logger } = this.#deps;
    store
      .forgetAssets(assets)
      .catch((error: unknown) => logger.warn('checkpoints not forgotten', { reason: reasonOf(error) }));
  }

  #begin(clean: boolean): void {
    const { snapshot, positions, committed } = this.#deps;
    const pipelines = this.#deps.pipelines();
    this.#ended = new Promise((done) => {
      this.#round = { clean, place: committed(), positions: positions(), open: new Set(pipelines), done };
    });
    if (pipelines.length > 0) snapshot((...taken) => this.taken(...taken));
    else if (this.#round) void this.#write(this.#round);
  }

  async #write(round: Round): Promise<void> {
    const { clock, logger } = this.#deps;
    try {
      this.#bytes = await this.#save(round);
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      // The rows that were not written stay, and go with the next round.
      const { code, message, hint } = error;
      logger.warn('checkpoint not written', { code, reason: message, hint });
    } finally {
      this.#dueAt = clock.monotonic() + Math.max(EVERY_MS, (this.#bytes / BYTES_PER_SECOND) * 1000);
      this.#round = undefined;
      round.done();
    }
  }

  async #save({ clean, place, positions }: Round): Promise<number> {
    const { store, logger } = this.#deps;
    const rows = [...this.#unsaved.values()];
    const reached = JSON.stringify(positions);
    if (rows.length === 0 && reached === this.#positions && !clean) return 0;
    this.#number += 1;
    let left = 0;
    for (const chunk of chunks(rows)) left += await store.addToCheckpoint(this.#number, chunk);
    await store.completeCheckpoint({ round: this.#number, ...place, positions, clean });
    this.#positions = reached;
    for (const row of rows) {
      const key = JSON.stringify([row.pipeline, row.asset]);
      if (this.#unsaved.get(key) === row) this.#unsaved.delete(key);
    }
    if (left > 0)
      logger.warn('checkpoint leaves out the largest assets: after a restart they begin anew', { assets: left });
    return rows.reduce((sum, { body }) => sum + body.byteLength, 0);
  }
}

function* chunks(rows: readonly CheckpointRow[]): Generator<CheckpointRow[]> {
  let chunk: CheckpointRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    chunk.push(row);
    bytes += row.body.byteLength;
    if (bytes < CHUNK_BYTES) continue;
    yield chunk;
    [chunk, bytes] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}

/** The checkpoints of a gateway. @param parts.round number of the newest round that there is */
export function createCheckpointer(parts: {
  readonly driver: Driver;
  readonly positions: Positions;
  readonly outbox: OutboxClient;
  readonly control: ControlClient;
  readonly round: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): Checkpointer {
  const { driver, positions, outbox, control, round, clock, logger } = parts;
  return new Checkpointer({
    store: control,
    pipelines: () => driver.scored.map(({ pipeline }) => pipeline.name),
    snapshot: (taken) => driver.snapshot(taken),
    positions: () => positions.read(),
    committed: () => ({ boot: outbox.opened.boot, seq: outbox.seq }),
    ...{ round, clock, logger },
  });
}
