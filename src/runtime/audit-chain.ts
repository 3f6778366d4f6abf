import { AuditLog, type ChainVerdict } from '../audit/index.ts';
import type { Control } from '../control/index.ts';
import type { AuditEntry, AuditPlace, AuditPort } from '../outbox/index.ts';

/** Where control.db has the newest audit entry that telemetry.db had a copy of: that file may be lost. */
const COPIED = 'audit.copied';

/** The audit chain in control.db, as the outbox needs it. */
export class AuditChain implements AuditPort {
  private readonly control: Control;
  private readonly log: AuditLog;

  constructor(control: Control) {
    this.control = control;
    this.log = new AuditLog(control.store);
  }

  get head(): AuditPlace | undefined {
    return this.log.head;
  }

  begin(known: AuditPlace | undefined, at: number): number {
    const anew = this.log.begin(known, at);
    const newest = this.log.head?.n ?? 0;
    // Entries from before the one that it had to add were copied by whoever had that chain.
    if (anew) return newest - 1;
    return Math.min(newest, Math.max(known?.n ?? 0, this.counted()));
  }

  append(event: string, detail: Readonly<Record<string, unknown>>, at: number): void {
    this.log.append(event, detail, at);
  }

  following(n: number, limit: number): readonly AuditEntry[] {
    return this.log.following(n, limit);
  }

  copied(n: number): void {
    this.control.remember(COPIED, { chain: this.log.head?.chain, n });
  }

  verify(): ChainVerdict {
    return this.log.verify(this.log.head);
  }

  private counted(): number {
    const { chain, n } = (this.control.recall(COPIED) ?? {}) as { chain?: unknown; n?: unknown };
    return chain === this.log.head?.chain && typeof n === 'number' ? n : 0;
  }
}
