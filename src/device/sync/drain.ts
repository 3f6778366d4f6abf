import { LANES, type Lane } from '../../common/core/index.ts';
import { Backoff } from '../../common/link/index.ts';
import { type Amount, AwaitedReceipts } from './awaited-receipts.ts';
import { type BatchLimits, BatchSizer } from './batch-sizer.ts';
import type { DrainAction, DrainEvent, DrainOptions, InFlight } from './drain-events.ts';
import { outcomeOf, PACKET_TOO_LARGE } from './outcome.ts';
import { Pace } from './pace.ts';

/**
 * Connections in a row that ended with batches in flight and none acknowledged, after which their size is suspected.
 */
const SUSPICIOUS_CLOSES = 2;
const NEVER = Number.POSITIVE_INFINITY;
/** Places in the window that a lane leaves to those before it, so that these never wait for its acknowledgements. */
const LEAVES: Readonly<Record<Lane, number>> = { urgent: 0, live: 1, backlog: 2, again: 2 };

interface Flying extends InFlight {
  readonly since: number;
}

function isPaced(lane: Lane): boolean {
  return lane === 'backlog' || lane === 'again';
}

/**
 * Decides which batch to claim, send, confirm or give back, and when. Pure: events in, actions out, time as an
 * argument. Nothing is confirmed but by an acknowledgement; whatever is in flight when the connection ends goes back.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #sizer: BatchSizer;
  readonly #backoff: Backoff;
  readonly #pace: Pace;
  readonly #inFlight = new Map<number, Flying>();
  readonly #awaited: AwaitedReceipts | undefined;
  /** Batches in flight whose receipts came before the broker's acknowledgement. */
  readonly #early = new Set<number>();
  #connected = false;
  #slots = 0;
  #bytes = 0;
  #claiming = false;
  /** The time at which a lane is to be claimed from next; never while it is known to be empty. */
  readonly #due: Record<Lane, number> = { urgent: NEVER, live: NEVER, backlog: NEVER, again: NEVER };
  #allowed = { urgent: true, others: true };
  /** The number of live records that wait; infinite until a claim has found none since the connection stood. */
  #waiting = NEVER;
  /** The number of them that were committed since the claim that is under way. */
  #newcomers = 0;
  #lastLive = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Whether one batch at a time is sent, as after a refusal or a loss until one is taken. */
  #cautious = false;
  #refused = false;
  #fruitless = 0;
  #flushing = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#pace = new Pace({ rate: options.rate, most: options.windowBytes });
    this.#sizer = new BatchSizer(options.batch, options.topicBytes);
    this.#backoff = new Backoff(options.backoff, options.random);
    this.#awaited = options.receipts && new AwaitedReceipts(options.receipts);
  }

  /** The number of batches that are published and not acknowledged. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** How much awaits receipts; undefined where none are asked for. */
  get awaiting(): Amount | undefined {
    return this.#awaited?.amount;
  }

  /** Whether the broker's last answer was that it does not take records now. */
  get paused(): boolean {
    return this.#refused;
  }

  /** Whether nothing is on its way, and nothing could be sent now. */
  get idle(): boolean {
    if (!this.#connected) return true;
    if (this.#inFlight.size > 0 || this.#claiming) return false;
    // A batch whose receipt is not heard before the end is sent again after the next start.
    if (this.#flushing && (this.#awaited?.amount.batches ?? 0) > 0) return false;
    return this.#refused || LANES.every((lane) => this.#due[lane] === NEVER || !this.#isAllowed(lane));
  }

  /** The time at which `tick` is wanted; undefined while only events can change anything. */
  get wakeAt(): number | undefined {
    if (!this.#connected) return undefined;
    const wake = Math.min(this.#claimAt, this.#awaited?.dueAt ?? NEVER);
    return wake === NEVER ? undefined : wake;
  }

  get #claimAt(): number {
    if (this.#claiming) return NEVER;
    const due = LANES.map((lane) => (this.#mayClaim(lane) ? this.#dueAt(lane) : NEVER));
    return Math.max(Math.min(...due), this.#pausedUntil);
  }

  /**
   * Whether urgent or live records wait at `now`: for their turn, or for longer than the link itself takes. Those that the
   * broker does not take now wait for it, and not for the link.
   */
  isBehind(now: number): boolean {
    if (!this.#connected || this.#refused) return false;
    if (LANES.some((lane) => !isPaced(lane) && this.#isAllowed(lane) && this.#due[lane] <= now)) return true;
    return [...this.#inFlight.values()].some(({ lane, since }) => !isPaced(lane) && now - since > this.#pace.patience);
  }

  /** Takes an event at `now` (monotonic ms), and returns what is to be done about it, in order. */
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
        this.#lookEverywhere(now);
        return [];
      case 'offered':
        this.#lookEverywhere(now);
        return [];
      case 'allowed':
        this.#allowed = { urgent: event.urgent, others: event.others };
        return [];
      case 'tick':
        return [];
    }
  }

  #onConnected(receiveMaximum: number, maximumPacketSize: number | undefined, now: number): DrainAction[] {
    this.#connected = true;
    // One of the broker's places is for status messages.
    this.#slots = Math.max(1, Math.min(this.#options.window, receiveMaximum - 1));
    this.#sizer.connected(maximumPacketSize);
    this.#backoff.reset();
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    this.#refused = false;
    this.#waiting = NEVER;
    this.#pace.connected();
    this.#lookEverywhere(now);
    this.#awaited?.reconnected(now);
    return [];
  }

  #lookEverywhere(now: number): void {
    for (const lane of LANES) this.#due[lane] = now;
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
    if (largest !== undefined && tooLarge) this.#sizer.refused(largest);
    else if (largest !== undefined && this.#fruitless % SUSPICIOUS_CLOSES === 0) this.#sizer.suspected(largest);
    // Only the broker's word condemns a record, and only when there is no other that it could mean.
    const condemned = tooLarge && batches.length === 1 && largest?.records === 1 ? largest.id : undefined;
    return batches.map(({ id }) =>
      id === condemned ? { type: 'reject', id, reasonCode: PACKET_TOO_LARGE } : { type: 'release', id },
    );
  }

  #onCommitted(records: number, urgent: number | undefined, now: number): DrainAction[] {
    if (urgent !== 0) this.#due.urgent = Math.min(this.#due.urgent, now);
    this.#await(records - (urgent ?? 0));
    this.#setLiveDue(now);
    return [];
  }

  /** Full batches go at once, others at most one every `linger`. */
  #setLiveDue(now: number): void {
    if (this.#waiting <= 0) return;
    const hurry = this.#flushing || this.#waiting >= this.#sizer.current.maxRecords;
    const due = hurry ? now : Math.max(now, this.#lastLive + this.#options.linger);
    this.#due.live = Math.min(this.#due.live, due);
  }

  #onLiveEmpty(now: number): void {
    this.#waiting = this.#newcomers;
    this.#due.live = NEVER;
    this.#setLiveDue(now);
  }

  #onClaimed(lane: Lane, batch: Omit<InFlight, 'lane'> | undefined, now: number): DrainAction[] {
    this.#claiming = false;
    if (batch === undefined) {
      if (lane === 'live') this.#onLiveEmpty(now);
      return [];
    }
    if (!this.#connected) return [{ type: 'release', id: batch.id }];
    if (lane === 'live') this.#onLiveClaimed(batch.records, now);
    else this.#due[lane] = now;
    if (isPaced(lane)) this.#pace.sent(batch.bytes, now);
    this.#inFlight.set(batch.id, { ...batch, lane, since: now });
    this.#bytes += batch.bytes;
    return [{ type: 'publish', id: batch.id }];
  }

  #onLiveClaimed(records: number, now: number): void {
    this.#waiting = Math.max(0, this.#waiting - records);
    this.#lastLive = now;
    if (records >= this.#sizer.current.maxRecords) this.#due.live = now;
    else this.#setLiveDue(now);
  }

  #onAcked(id: number, reasonCode: number, now: number): DrainAction[] {
    const batch = this.#inFlight.get(id);
    if (batch === undefined) return [];
    const early = this.#early.delete(id);
    this.#fruitless = 0;
    this.#pace.acked(now - batch.since);
    switch (outcomeOf(reasonCode)) {
      case 'taken':
        this.#forget(batch);
        this.#cautious = false;
        this.#refused = false;
        this.#backoff.reset();
        this.#sizer.confirmed();
        if (this.#awaited === undefined || batch.lane === 'again') return [{ type: 'confirm', id }];
        if (!early) this.#awaited.add(id, batch, now);
        return [{ type: 'await', id }];
      case 'split':
        this.#giveBack(batch, now);
        this.#sizer.refused(batch);
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

  /** Offers again what nobody confirmed in time; only a connection can send it. */
  #expire(now: number): DrainAction[] {
    const ids = (this.#connected && this.#awaited?.expired(now)) || [];
    if (ids.length === 0) return [];
    this.#lookEverywhere(now);
    this.#waiting = NEVER;
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
    if (isPaced(batch.lane)) this.#pace.done(batch.bytes);
    this.#inFlight.delete(batch.id);
    this.#bytes -= batch.bytes;
  }

  #giveBack(batch: InFlight, now: number): void {
    this.#forget(batch);
    this.#due[batch.lane] = now;
    if (batch.lane === 'live') this.#await(batch.records);
  }

  #await(records: number): void {
    this.#waiting += records;
    this.#newcomers += records;
  }

  #isAllowed(lane: Lane): boolean {
    return lane === 'urgent' ? this.#allowed.urgent : this.#allowed.others;
  }

  #dueAt(lane: Lane): number {
    return isPaced(lane) ? Math.max(this.#due[lane], this.#pace.freeAt) : this.#due[lane];
  }

  #mayClaim(lane: Lane): boolean {
    const flying = this.#inFlight.size;
    if (!this.#isAllowed(lane)) return false;
    if (this.#awaited?.hasRoom(lane === 'urgent') === false) return false;
    if (this.#cautious) return flying === 0;
    if (isPaced(lane) && !this.#pace.hasRoom) return false;
    if (lane === 'urgent') return flying < this.#slots;
    return flying === 0 || (flying < this.#slots - LEAVES[lane] && this.#bytes < this.#options.windowBytes);
  }

  #claim(now: number): DrainAction | undefined {
    if (!this.#connected || this.#claiming || now < this.#pausedUntil) return undefined;
    const lane = LANES.find((one) => this.#dueAt(one) <= now && this.#mayClaim(one));
    if (lane === undefined) return undefined;
    this.#claiming = true;
    this.#due[lane] = NEVER;
    if (lane === 'live') this.#newcomers = 0;
    return { type: 'claim', lane, limits: this.#limitsOf(lane) };
  }

  #limitsOf(lane: Lane): BatchLimits {
    const { maxBytes, maxRecords } = this.#sizer.current;
    return isPaced(lane) ? { maxBytes: Math.min(maxBytes, this.#pace.maxBytes), maxRecords } : { maxBytes, maxRecords };
  }
}
