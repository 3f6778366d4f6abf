import type { Lane } from '../core/index.ts';
import { Backoff } from '../link/index.ts';
import { type Amount, Awaited } from './awaited.ts';
import type { DrainAction, DrainEvent, DrainOptions, InFlight } from './drain-events.ts';
import { Limits } from './limits.ts';
import { outcomeOf, PACKET_TOO_LARGE } from './outcome.ts';

/** Connections in a row that ended with batches in flight and none acknowledged, before their size is suspected. */
const SUSPICIOUS_CLOSES = 2;

/**
 * Which batch to claim, send, confirm or give back, and when: events in, actions out, time (monotonic ms) as an argument.
 * Nothing is confirmed but by an acknowledgement; whatever is in flight when the connection ends goes back.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #limits: Limits;
  readonly #backoff: Backoff;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #awaited: Awaited | undefined;
  /** In flight, and received before the broker acknowledged it. */
  readonly #early = new Set<number>();
  #connected = false;
  #slots = 0;
  #bytes = 0;
  #claiming = false;
  /** When a lane is to be claimed from next; never while it is known to be empty. */
  readonly #due: Record<Lane, number> = { urgent: Number.POSITIVE_INFINITY, backlog: Number.POSITIVE_INFINITY };
  /** Records of the backlog that wait; infinite until a claim has found it empty since the connection stood. */
  #waiting = Number.POSITIVE_INFINITY;
  /** Of them, those committed since the claim that is under way. */
  #newcomers = 0;
  #lastBacklog = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** After a refusal or a loss one batch at a time is sent, until one is taken. */
  #cautious = false;
  #refused = false;
  #fruitless = 0;
  #flushing = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#limits = new Limits(options.batch, options.topicBytes);
    this.#backoff = new Backoff(options.backoff, options.random);
    this.#awaited = options.receipts && new Awaited(options.receipts);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** What awaits receipts; undefined where none are asked for. */
  get awaiting(): Amount | undefined {
    return this.#awaited?.amount;
  }

  /** The broker's last answer was that it does not take records now. */
  get paused(): boolean {
    return this.#refused;
  }

  /** Nothing on its way and nothing that could be sent now. */
  get idle(): boolean {
    if (!this.#connected) return true;
    if (this.#inFlight.size > 0 || this.#claiming) return false;
    // Whose receipt is not heard before the end is sent again after the next start.
    if (this.#flushing && (this.#awaited?.amount.batches ?? 0) > 0) return false;
    return (
      this.#refused || (this.#due.urgent === Number.POSITIVE_INFINITY && this.#due.backlog === Number.POSITIVE_INFINITY)
    );
  }

  /** When `tick` is wanted; undefined while only events can change anything. */
  get wakeAt(): number | undefined {
    if (!this.#connected) return undefined;
    const wake = Math.min(this.#claimAt, this.#awaited?.dueAt ?? Number.POSITIVE_INFINITY);
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }

  get #claimAt(): number {
    if (this.#claiming) return Number.POSITIVE_INFINITY;
    const due = Math.min(
      this.#mayClaim('urgent') ? this.#due.urgent : Number.POSITIVE_INFINITY,
      this.#mayClaim('backlog') ? this.#due.backlog : Number.POSITIVE_INFINITY,
    );
    return Math.max(due, this.#pausedUntil);
  }

  handle(event: DrainEvent, now: number): DrainAction[] {
    const actions = [...this.#take(event, now), ...this.#expire(now)];
    const claim = this.#claim(now);
    return claim === undefined ? actions : [...actions, claim];
  }

  #take(event: DrainEvent, now: number): DrainAction[] {
    switch (event.type) {
      case 'connected':
        return this.#onConnected(event.receiveMaximum, event.maximumPacketSize, now);
      case 'closed':
        return this.#onClosed(event.tooLarge);
      case 'committed':
        return this.#onCommitted(event.records, event.urgent, now);
      case 'claimed':
        return this.#onClaimed(event.lane, event.batch, now);
      case 'claim-failed':
        this.#claiming = false;
        this.#due[event.lane] = now;
        this.#pause(now);
        return [];
      case 'acked':
        return this.#onAcked(event.id, event.reasonCode, now);
      case 'received':
        this.#onReceived(event.ids, event.records);
        return [];
      case 'unsent':
        return this.#onUnsent(event.id, now);
      case 'flush':
        this.#flushing = true;
        this.#due.urgent = now;
        this.#due.backlog = now;
        return [];
      case 'tick':
        return [];
    }
  }

  #onConnected(receiveMaximum: number, maximumPacketSize: number | undefined, now: number): DrainAction[] {
    this.#connected = true;
    // One of the broker's places is for status messages.
    this.#slots = Math.max(1, Math.min(this.#options.window, receiveMaximum - 1));
    this.#limits.connected(maximumPacketSize);
    this.#backoff.reset();
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    this.#refused = false;
    this.#waiting = Number.POSITIVE_INFINITY;
    this.#due.urgent = now;
    this.#due.backlog = now;
    this.#awaited?.reconnected(now);
    return [];
  }

  #onClosed(tooLarge: boolean): DrainAction[] {
    this.#connected = false;
    const batches = [...this.#inFlight.values()];
    if (batches.length > 0) {
      this.#fruitless += 1;
      this.#cautious = true;
    }
    this.#inFlight.clear();
    this.#early.clear();
    this.#bytes = 0;
    const largest = batches.reduce<InFlight | undefined>((a, b) => (a && a.bytes >= b.bytes ? a : b), undefined);
    if (largest !== undefined && tooLarge) this.#limits.refused(largest);
    else if (largest !== undefined && this.#fruitless % SUSPICIOUS_CLOSES === 0) this.#limits.suspected(largest);
    // Only the broker's word condemns a record, and only when there is no other that it could mean.
    const condemned = tooLarge && batches.length === 1 && largest?.records === 1 ? largest.id : undefined;
    return batches.map(({ id }) =>
      id === condemned ? { type: 'reject', id, reasonCode: PACKET_TOO_LARGE } : { type: 'release', id },
    );
  }

  #onCommitted(records: number, urgent: number | undefined, now: number): DrainAction[] {
    if (urgent !== 0) this.#due.urgent = Math.min(this.#due.urgent, now);
    this.#await(records - (urgent ?? 0));
    this.#setBacklogDue(now);
    return [];
  }

  /** Full batches go at once, others at most one every `linger`. */
  #setBacklogDue(now: number): void {
    if (this.#waiting <= 0) return;
    const hurry = this.#flushing || this.#waiting >= this.#limits.current.maxRecords;
    const due = hurry ? now : Math.max(now, this.#lastBacklog + this.#options.linger);
    this.#due.backlog = Math.min(this.#due.backlog, due);
  }

  #onBacklogEmpty(now: number): void {
    this.#waiting = this.#newcomers;
    this.#due.backlog = Number.POSITIVE_INFINITY;
    this.#setBacklogDue(now);
  }

  #onClaimed(lane: Lane, batch: Omit<InFlight, 'lane'> | undefined, now: number): DrainAction[] {
    this.#claiming = false;
    if (batch === undefined) {
      if (lane === 'backlog') this.#onBacklogEmpty(now);
      return [];
    }
    if (!this.#connected) return [{ type: 'release', id: batch.id }];
    if (lane === 'urgent') this.#due.urgent = now;
    else {
      this.#waiting = Math.max(0, this.#waiting - batch.records);
      this.#lastBacklog = now;
      if (batch.records >= this.#limits.current.maxRecords) this.#due.backlog = now;
      else this.#setBacklogDue(now);
    }
    this.#inFlight.set(batch.id, { ...batch, lane });
    this.#bytes += batch.bytes;
    return [{ type: 'publish', id: batch.id }];
  }

  #onAcked(id: number, reasonCode: number, now: number): DrainAction[] {
    const batch = this.#inFlight.get(id);
    if (batch === undefined) return [];
    const early = this.#early.delete(id);
    this.#fruitless = 0;
    switch (outcomeOf(reasonCode)) {
      case 'taken':
        this.#forget(batch);
        this.#cautious = false;
        this.#refused = false;
        this.#backoff.reset();
        this.#limits.confirmed();
        if (this.#awaited === undefined) return [{ type: 'confirm', id }];
        if (!early) this.#awaited.add(id, batch, now);
        return [{ type: 'await', id }];
      case 'split':
        this.#giveBack(batch, now);
        this.#limits.refused(batch);
        return [batch.records === 1 ? { type: 'reject', id, reasonCode } : { type: 'release', id }];
      case 'later':
        this.#giveBack(batch, now);
        this.#pause(now);
        return [{ type: 'release', id }];
    }
  }

  #onReceived(ids: readonly number[], records: number): void {
    if (records > 0) this.#awaited?.progress();
    for (const id of ids) if (!this.#awaited?.remove(id) && this.#inFlight.has(id)) this.#early.add(id);
  }

  /** What nobody confirmed in time is offered again; only a connection can send it. */
  #expire(now: number): DrainAction[] {
    const ids = (this.#connected && this.#awaited?.expired(now)) || [];
    if (ids.length === 0) return [];
    this.#due.urgent = now;
    this.#due.backlog = now;
    this.#waiting = Number.POSITIVE_INFINITY;
    return ids.map((id) => ({ type: 'release', id }));
  }

  #onUnsent(id: number, now: number): DrainAction[] {
    const batch = this.#inFlight.get(id);
    if (batch === undefined) return [];
    this.#early.delete(id);
    this.#giveBack(batch, now);
    this.#pause(now);
    return [{ type: 'release', id }];
  }

  /** Refusals of one window count as one. */
  #pause(now: number): void {
    this.#cautious = true;
    this.#refused = true;
    if (now >= this.#pausedUntil) this.#pausedUntil = now + this.#backoff.failed(now);
  }

  #forget(batch: InFlight): void {
    this.#inFlight.delete(batch.id);
    this.#bytes -= batch.bytes;
  }

  #giveBack(batch: InFlight, now: number): void {
    this.#forget(batch);
    this.#due[batch.lane] = now;
    if (batch.lane === 'backlog') this.#await(batch.records);
  }

  #await(records: number): void {
    this.#waiting += records;
    this.#newcomers += records;
  }

  #mayClaim(lane: Lane): boolean {
    const flying = this.#inFlight.size;
    if (this.#awaited?.hasRoom(lane === 'urgent') === false) return false;
    if (this.#cautious) return flying === 0;
    // The last place is kept for alarms, so that they never wait for the backlog's acknowledgements.
    if (lane === 'urgent') return flying < this.#slots;
    return flying === 0 || (flying < this.#slots - 1 && this.#bytes < this.#options.windowBytes);
  }

  #claim(now: number): DrainAction | undefined {
    if (!this.#connected || this.#claiming || now < this.#pausedUntil) return undefined;
    const lane = (['urgent', 'backlog'] as const).find((one) => this.#due[one] <= now && this.#mayClaim(one));
    if (lane === undefined) return undefined;
    this.#claiming = true;
    this.#due[lane] = Number.POSITIVE_INFINITY;
    if (lane === 'backlog') this.#newcomers = 0;
    return { type: 'claim', lane, limits: this.#limits.current };
  }
}
