import { EdgewrightError } from '../../common/core/index.ts';
import { AuditLog, type ChainVerdict } from '../audit/index.ts';
import { type Control, readControl } from '../control/index.ts';
import { type AuditEntry, type AuditPlace, type AuditPort, readKnownEntry } from '../outbox/index.ts';

/** Key under which control.db keeps the newest audit entry that telemetry.db has a copy of: that file may be lost. */
const COPIED = 'audit.copied';

/** A verification's result, and whether telemetry.db could say which entry it has the newest copy of. */
export type AuditVerdict = ChainVerdict & { readonly compared: boolean };

/** The audit chain in control.db, as the outbox needs it. */
export class AuditChain implements AuditPort {
  readonly #control: Control;
  readonly #log: AuditLog;

  constructor(control: Control) {
    this.#control = control;
    this.#log = new AuditLog(control.store);
  }

  get head(): AuditPlace | undefined {
    return this.#log.head;
  }

  begin(known: AuditPlace | undefined, at: number): number {
    const anew = this.#log.begin(known, at);
    const newest = this.#log.head?.n ?? 0;
    // Entries from before the one that it had to add were copied by whoever had that chain.
    if (anew) return newest - 1;
    return Math.min(newest, Math.max(known?.n ?? 0, this.#counted()));
  }

  append(event: string, detail: Readonly<Record<string, unknown>>, at: number): void {
    this.#log.append(event, detail, at);
  }

  following(n: number, limit: number): readonly AuditEntry[] {
    return this.#log.following(n, limit);
  }

  copied(n: number): void {
    this.#control.remember(COPIED, { chain: this.#log.head?.chain, n });
  }

  verify(): AuditVerdict {
    return { ...this.#log.verify(this.#log.head), compared: true };
  }

  #counted(): number {
    const { chain, n } = (this.#control.recall(COPIED) ?? {}) as { chain?: unknown; n?: unknown };
    return chain === this.#log.head?.chain && typeof n === 'number' ? n : 0;
  }
}

export interface StoppedGateway {
  /** Folder of telemetry.db. */
  readonly path: string;
  readonly statePath: string;
  readonly nativeBinding: string | undefined;
}

/**
 * Verifies the chain of a gateway that does not run, against the newest copy that telemetry.db has. Undefined where
 * there is no control.db. Throws store errors; `store.locked` where the gateway runs.
 */
export function verifyStopped({ path, statePath, nativeBinding }: StoppedGateway): AuditVerdict | undefined {
  return readControl({ path: statePath, nativeBinding }, (store) => {
    const known = knownEntry(path, nativeBinding);
    return { ...new AuditLog(store).verify(known), compared: known !== undefined };
  });
}

/** Undefined where telemetry.db is lost or broken: the chain is verified by itself. */
function knownEntry(path: string, nativeBinding: string | undefined): AuditPlace | undefined {
  try {
    return readKnownEntry({ path, nativeBinding });
  } catch (error) {
    if (error instanceof EdgewrightError) return undefined;
    throw error;
  }
}
