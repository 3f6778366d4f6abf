import {
  type ClaimedBatch,
  type Clock,
  type EdgewrightError,
  type Lane,
  type Logger,
  reasonOf,
} from '../core/index.ts';
import {
  type Closed,
  type Connected,
  createLink,
  type LinkState,
  lost,
  takenOver as takenOverError,
  tooLarge,
} from '../link/index.ts';
import { type BatchIdentity, encodeReply, topicOf } from '../protocol/index.ts';
import type { Amount, ReceiptOptions } from './awaited.ts';
import { Budget, readBudget } from './budget.ts';
import { CommandDesk } from './commands.ts';
import { connectionOptions } from './connection-options.ts';
import { counted } from './counted-link.ts';
import { Drain } from './drain.ts';
import type { DrainAction, DrainEvent } from './drain-events.ts';
import { IdentityWatch } from './identity-watch.ts';
import { NO_SUBSCRIBERS } from './outcome.ts';
import type { Connect, DeviceState, Explain, LinkPort, OutboxPort, Received } from './ports.ts';
import { ReceiptDesk } from './receipts.ts';
import type { UplinkConfig } from './schema.ts';
import { StatusMessages } from './status-messages.ts';
import { StatusSpeaker } from './status-speaker.ts';

/** Bytes in flight, whatever the window: what memory the uplink may take. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** ms; after the broker refused records, or the outbox failed to give some. Only success resets it. */
const REFUSAL_BACKOFF = { first: 1_000, longest: 30_000, stable: Number.POSITIVE_INFINITY } as const;

/** What may be with the broker without a receipt, so that a consumer that never answers costs no memory. */
const AWAITED = { batches: 1_000, records: 100_000, bytes: 16 * 1024 * 1024 } as const;
/** ms after a connect for receipts that the broker kept for us. */
const RECEIPT_GRACE = 1_000;
/** How many times its first length the wait for a receipt becomes. */
const LONGEST_RECEIPT_TIMEOUT = 10;
/** ms between two looks at the day and at how long the connection stands. */
const LOOK_EVERY = 1_000;
/** ms; a crash forgets what was spent since. */
const SAVE_EVERY = 10_000;
/** ms for the last status message, however long the rest took. */
const LEAST_GOODBYE = 200;

export interface UplinkDeps {
  readonly outbox: OutboxPort;
  /** Asked whenever a status message is made. */
  readonly state: () => DeviceState;
  readonly explain: Explain;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly connect?: Connect;
  /** Two devices have one identity: told once an episode. */
  readonly onConflict?: (detail: Readonly<Record<string, unknown>>) => void;
  /** Keeps small values over restarts. */
  readonly memory?: Memory;
}

export interface Memory {
  /** As found at the start. */
  readonly budget: unknown;
  saveBudget(value: unknown): void;
}

export interface UplinkStatus {
  readonly state: LinkState;
  /** Version of MQTT of the connection that stands. */
  readonly version?: string;
  /** Why there is none, or why the broker takes no records. */
  readonly reason?: string;
  readonly inFlight: number;
  /** Since the start: batches and bytes sent (again counts again), records confirmed, records that no broker takes. */
  readonly sent: { readonly batches: number; readonly bytes: number };
  readonly confirmed: number;
  readonly rejected: number;
  /** Another device has the same identity, as it seems. */
  readonly identityConflict?: true;
  /** Bytes of the day, where there is a limit. */
  readonly budget?: { readonly used: number; readonly limit: number };
  /** Commands that were refused, by reason. */
  readonly commands: { readonly refused: Readonly<Record<string, number>> };
  /** Where the consumer's receipts are what counts; `confirmed` are then the records that they settled. */
  readonly receipts?: {
    /** With the broker, and no receipt yet. */
    readonly awaiting: Amount;
    /** Receipts, or ranges in them, by reason. */
    readonly refused: Readonly<Record<string, number>>;
  };
}

/** Carries the outbox to the broker and tells of the device's state. Never blocks anybody, and never fails. */
export interface Uplink {
  start(): void;
  /** Something in the device's state changed: says so soon. */
  changed(): void;
  status(): UplinkStatus;
  /** Sends what it still can within `timeout` ms, says goodbye and disconnects. */
  stop(timeout: number): Promise<void>;
}

/** Throws `link.bad-url`. */
export function createUplink(config: UplinkConfig, identity: BatchIdentity, deps: UplinkDeps): Uplink {
  return new MqttUplink(config, identity, deps);
}

class MqttUplink implements Uplink {
  readonly #config: UplinkConfig;
  readonly #deps: UplinkDeps;
  readonly #link: LinkPort;
  readonly #drain: Drain;
  readonly #speaker: StatusSpeaker;
  readonly #topic: string;
  readonly #receiptTopic: string;
  readonly #commandTopic: string;
  readonly #commands: CommandDesk;
  readonly #desk: ReceiptDesk | undefined;
  /** Claimed and not yet confirmed or given back. */
  readonly #batches = new Map<number, ClaimedBatch>();
  readonly #counts = { batches: 0, bytes: 0, confirmed: 0, rejected: 0 };
  readonly #ends: (() => void)[] = [];
  readonly #clientId: string;
  readonly #watch: IdentityWatch;
  readonly #budget: Budget | undefined;
  #budgetTimer: NodeJS.Timeout | undefined;
  /** Why no receipt can come. */
  #deaf: string | undefined;
  #wake: NodeJS.Timeout | undefined;
  #refusal: number | undefined;
  #outage = false;
  #over = false;
  #connectedAt = 0;
  #savedAt = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(config: UplinkConfig, identity: BatchIdentity, deps: UplinkDeps) {
    const { logger, random = Math.random } = deps;
    const address = { prefix: config.prefix, site: identity.site, device: identity.device };
    this.#config = config;
    this.#deps = deps;
    this.#topic = topicOf(address, 'records');
    this.#receiptTopic = topicOf(address, 'receipt');
    this.#desk = config.receipts === 'required' ? new ReceiptDesk(deps.outbox, logger) : undefined;
    const statusTopic = topicOf(address, 'status');
    const messages = new StatusMessages(identity, deps.state, deps.clock);
    const connect = deps.connect ?? ((options) => createLink(options, { logger }));
    const options = connectionOptions(config, identity, statusTopic, () => messages.offline('lost'));
    this.#clientId = options.clientId;
    this.#watch = new IdentityWatch(random);
    this.#budget =
      config.budget === undefined
        ? undefined
        : new Budget(config.budget, performance.now(), readBudget(deps.memory?.budget));
    const onEnd = (error: EdgewrightError | undefined, stood: number) => this.#onEnd(error, stood);
    this.#link = counted(connect({ ...options, onEnd }), (bytes) => this.#budget?.spend(bytes));
    this.#speaker = new StatusSpeaker(this.#link, statusTopic, messages, logger);
    this.#commandTopic = topicOf(address, 'command');
    const replyTopic = topicOf(address, 'reply');
    this.#commands = new CommandDesk({
      outbox: deps.outbox,
      status: () => messages.online(),
      explain: deps.explain,
      reply: (reply) => this.#link.publish(replyTopic, encodeReply(reply), { qos: 1, contentType: 'application/json' }),
      wanted: () => this.#feed({ type: 'offered' }),
      logger,
      now: () => performance.now(),
    });
    this.#drain = new Drain({
      batch: { maxBytes: config.batch.size, maxRecords: config.batch.records },
      topicBytes: Buffer.byteLength(this.#topic),
      window: config.window,
      windowBytes: WINDOW_BYTES,
      linger: config.linger,
      rate: config.backlog.rate,
      backoff: REFUSAL_BACKOFF,
      random,
      ...(this.#desk && { receipts: receiptOptions(config.receiptTimeout) }),
    });
  }

  start(): void {
    this.#ends.push(
      this.#link.listen({ connected: (info) => this.#onConnected(info), closed: (closed) => this.#onClosed(closed) }),
      this.#deps.outbox.onCommitted((commit) => this.#feed({ type: 'committed', ...commit })),
      this.#deps.outbox.onOffered(() => this.#feed({ type: 'offered' })),
    );
    this.#look();
    this.#budgetTimer = setInterval(() => this.#look(), LOOK_EVERY);
    if (this.#desk !== undefined) this.#listenForReceipts(this.#desk);
    this.#link
      .subscribe({ filter: this.#commandTopic, qos: 1, onMessage: (message) => this.#commands.take(message) })
      // The link has said so; a device that hears no commands does everything else.
      .catch(() => {});
    this.#link.start();
  }

  #listenForReceipts(desk: ReceiptDesk): void {
    const { outbox, logger } = this.#deps;
    this.#ends.push(outbox.onReceived((received) => this.#onReceived(received)));
    this.#link
      .subscribe({ filter: this.#receiptTopic, qos: 1, onMessage: (message) => desk.take(message) })
      .catch((error: unknown) => {
        if (this.#stopped !== undefined) return;
        this.#deaf = `receipts are required, and the broker refuses the subscription to ${this.#receiptTopic}`;
        const hint = `Let ${this.#clientId} subscribe to it at the broker, or set uplink.receipts to none.`;
        logger.error(this.#deaf, { reason: reasonOf(error), hint });
      });
  }

  #onReceived({ records, batches }: Received): void {
    this.#counts.confirmed += records;
    this.#deaf = undefined;
    this.#feed({ type: 'received', ids: batches, records });
  }

  changed(): void {
    this.#speaker.changed();
  }

  status(): UplinkStatus {
    const { state, info, lastError } = this.#link;
    const { batches, bytes, confirmed, rejected } = this.#counts;
    const paused = this.#drain.paused ? refusalText(this.#refusal) : undefined;
    const spent = this.#budget?.allowance.others === false ? 'the budget of the day is used up' : undefined;
    const reason = lastError?.message ?? paused ?? this.#deaf ?? spent;
    const { awaiting } = this.#drain;
    return {
      state,
      ...(info === undefined ? {} : { version: info.version }),
      ...(reason === undefined ? {} : { reason }),
      inFlight: this.#drain.inFlight,
      sent: { batches, bytes },
      confirmed,
      rejected,
      ...(this.#watch.conflict ? { identityConflict: true as const } : {}),
      ...(this.#budget && { budget: { used: this.#budget.state.used, limit: this.#budget.limit } }),
      commands: { refused: this.#commands.refused },
      ...(awaiting && this.#desk && { receipts: { awaiting, refused: this.#desk.refused } }),
    };
  }

  stop(timeout: number): Promise<void> {
    this.#stopped ??= this.#stop(timeout);
    return this.#stopped;
  }

  async #stop(timeout: number): Promise<void> {
    const began = performance.now();
    await within(timeout, this.#flush());
    await within(Math.max(LEAST_GOODBYE, timeout - (performance.now() - began)), this.#speaker.goodbye());
    clearInterval(this.#budgetTimer);
    if (this.#budget !== undefined) this.#deps.memory?.saveBudget(this.#budget.state);
    for (const end of this.#ends) end();
    this.#feed({ type: 'closed', tooLarge: false });
    this.#over = true;
    clearTimeout(this.#wake);
    await this.#link.close();
  }

  /** Settles when everything is sent that can be. */
  #flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#feed({ type: 'flush' });
    });
  }

  #onEnd(error: EdgewrightError | undefined, stood: number): number | undefined {
    const takenOver = error?.code === takenOverError.kind.code;
    const closedByBroker = error?.code === lost.kind.code && error.cause === undefined;
    if (this.#watch.ended({ takenOver, closedByBroker, stood })) {
      this.#deps.logger.error('another device seems to have the same identity', {
        clientId: this.#clientId,
        hint: 'Give each device its own site and device name, or its own uplink.clientId. Attempts are rare until then.',
      });
      this.#deps.onConflict?.({ clientId: this.#clientId, certain: takenOver });
    }
    return this.#watch.wait;
  }

  /** A second passes: a day may be over, an episode too. */
  #look(): void {
    if (this.#link.info !== undefined) this.#watch.stands(performance.now() - this.#connectedAt);
    if (this.#budget === undefined) return;
    const { clock, memory } = this.#deps;
    this.#budget.tick(clock.trusted() ? clock.now() : undefined, performance.now());
    this.#allow();
    if (performance.now() - this.#savedAt < SAVE_EVERY) return;
    this.#savedAt = performance.now();
    memory?.saveBudget(this.#budget.state);
  }

  #allow(): void {
    if (this.#budget !== undefined) this.#feed({ type: 'allowed', ...this.#budget.allowance });
  }

  /** The birth comes first: who follows a device hears of a boot before its records. */
  async #onConnected({ version, receiveMaximum, maximumPacketSize }: Connected): Promise<void> {
    this.#outage = false;
    this.#connectedAt = performance.now();
    this.#deps.logger.info('uplink connected', { version });
    const connection = this.#link.info;
    await this.#speaker.say();
    if (this.#link.info !== connection || connection === undefined) return;
    this.#deps.outbox.beginLive();
    this.#feed({ type: 'connected', receiveMaximum, maximumPacketSize });
  }

  #onClosed({ error, retryIn }: Closed): void {
    this.#speaker.pause();
    this.#feed({ type: 'closed', tooLarge: error?.code === tooLarge.kind.code });
    if (error === undefined) return;
    const fields = { code: error.code, reason: error.message, hint: error.hint, retryInMs: retryIn };
    // One line an outage, not one an attempt.
    if (this.#outage) this.#deps.logger.debug('uplink still down', fields);
    else this.#deps.logger.warn('uplink down, records wait in the outbox', fields);
    this.#outage = true;
  }

  #feed(event: DrainEvent): void {
    // A birth that was on its way may end only now; nothing is to be sent after it.
    if (this.#over) return;
    for (const action of this.#drain.handle(event, performance.now())) this.#do(action);
    clearTimeout(this.#wake);
    const { wakeAt } = this.#drain;
    if (wakeAt !== undefined) {
      this.#wake = setTimeout(() => this.#feed({ type: 'tick' }), Math.max(0, wakeAt - performance.now()));
    }
    if (this.#drain.idle) this.#onIdle?.();
  }

  #do(action: DrainAction): void {
    const { outbox, logger } = this.#deps;
    switch (action.type) {
      case 'claim':
        void this.#claim(action);
        return;
      case 'publish':
        void this.#publish(action.id);
        return;
      case 'confirm':
        this.#counts.confirmed += this.#forget(action.id);
        outbox.confirm(action.id);
        return;
      case 'await':
        // Its rows are in the outbox: the bytes are made anew where they are wanted again.
        this.#forget(action.id);
        return;
      case 'release':
        this.#forget(action.id);
        outbox.release(action.id);
        return;
      case 'reject':
        this.#counts.rejected += this.#forget(action.id);
        logger.error('record that no broker takes', { reason: refusalText(action.reasonCode) });
        outbox.reject(action.id, refusalText(action.reasonCode));
        return;
    }
  }

  #forget(id: number): number {
    const records = this.#batches.get(id)?.records ?? 0;
    this.#batches.delete(id);
    return records;
  }

  async #claim({ lane, limits }: { lane: Lane; limits: { maxBytes: number; maxRecords: number } }): Promise<void> {
    try {
      const batch = await this.#deps.outbox.claim(lane, { ...limits, gzip: this.#config.gzip });
      if (batch !== undefined) this.#batches.set(batch.id, batch);
      this.#allow();
      const size = batch && { id: batch.id, records: batch.records, bytes: batch.payload.byteLength };
      this.#feed({ type: 'claimed', lane, batch: size });
    } catch (error) {
      this.#deps.logger.error('outbox gave no batch', { reason: reasonOf(error) });
      this.#feed({ type: 'claim-failed', lane });
    }
  }

  async #publish(id: number): Promise<void> {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    const { payload, contentType } = batch;
    this.#counts.batches += 1;
    this.#counts.bytes += payload.byteLength;
    let reasonCode: number;
    try {
      ({ reasonCode } = await this.#link.publish(this.#topic, payload, { qos: 1, contentType }));
    } catch {
      // The connection is gone, and says why itself.
      this.#feed({ type: 'unsent', id });
      return;
    }
    this.#noteRefusal(reasonCode);
    this.#allow();
    this.#feed({ type: 'acked', id, reasonCode });
  }

  /** One line when the broker begins to refuse for another reason, not one a batch. */
  #noteRefusal(reasonCode: number): void {
    const refusal = reasonCode === 0 ? undefined : reasonCode;
    if (refusal !== undefined && refusal !== this.#refusal) {
      this.#deps.logger.warn('broker does not take records', { reason: refusalText(refusal) });
    }
    this.#refusal = refusal;
  }
}

function receiptOptions(timeout: number): ReceiptOptions {
  return { ...AWAITED, timeout, longest: timeout * LONGEST_RECEIPT_TIMEOUT, grace: Math.min(RECEIPT_GRACE, timeout) };
}

function refusalText(reasonCode: number | undefined): string {
  if (reasonCode === NO_SUBSCRIBERS) return 'nobody is subscribed to the records';
  return reasonCode === undefined ? 'refused' : `refused with reason code 0x${reasonCode.toString(16)}`;
}

/** Settles with the promise, at the latest after `ms`. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
