import { type Clock, type Logger, reasonOf } from '../../common/core/index.ts';
import {
  type Closed,
  type Connected,
  createLink,
  type Ending,
  takenOver as takenOverError,
  tooLarge,
} from '../../common/link/index.ts';
import { type BatchIdentity, type ChannelTo, encodeReply, topicOf } from '../../common/protocol/index.ts';
import { type Lacks, lacksOf } from './broker-lacks.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { Channels, type InboundChannel, type OutboundChannel } from './channels.ts';
import type { CommandAnswer } from './command-answer.ts';
import { CommandHandler, MAX_COMMAND_BYTES } from './command-handler.ts';
import { connectionOptions } from './connection-options.ts';
import { drainOptions } from './drain-options.ts';
import { IdentityWatch } from './identity-watch.ts';
import { isRefusal, refusalText } from './outcome.ts';
import type { BudgetStore, Connect, DeviceState, LinkPort, OutboxPort, Settlement } from './ports.ts';
import { Publisher } from './publisher.ts';
import { MAX_RECEIPT_BYTES, ReceiptHandler } from './receipt-handler.ts';
import { resyncAnswer } from './resync-answer.ts';
import type { UplinkConfig } from './schema.ts';
import { statusAnswer } from './status-answer.ts';
import { StatusMessages } from './status-messages.ts';
import { StatusPublisher } from './status-publisher.ts';
import type { Traffic } from './traffic.ts';
import { TwinProbe } from './twin-probe.ts';
import { statusOf, type UplinkStatus } from './uplink-status.ts';

/** The time, in ms, between two looks at the day and at how long the connection stands. */
const LOOK_EVERY = 1_000;
/** The time, in ms, for the last status message, however long the rest took. */
const LEAST_GOODBYE = 200;

/** What an uplink works with. */
export interface UplinkDeps {
  readonly outbox: OutboxPort;
  /** Tells the state of the device; asked whenever a status message is made. */
  readonly state: () => DeviceState;
  /** Answers to the commands of the protocol, but for `status` and `resync`, which the uplink answers itself. */
  readonly answers: readonly CommandAnswer[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number that is uniform in [0, 1); for tests. */
  readonly random?: () => number;
  /** Makes the connection, unless said by `createLink`. */
  readonly connect?: Connect;
  /** Called once an episode in which two devices have one identity. */
  readonly onConflict?: (detail: Readonly<Record<string, unknown>>) => void;
  /** Keeps the budget of the day over restarts. */
  readonly budgetStore?: BudgetStore;
}

/** Carries the outbox to the broker and tells of the device's state. Never blocks anybody, and never fails. */
export interface Uplink extends Pick<Channels, 'inbound' | 'outbound'> {
  /** Begins to connect and returns at once. Channels are declared before. */
  start(): void;
  /** The connection as others need it who share it. */
  readonly traffic: Traffic;
  /** Has the status published soon: something in it has changed. */
  changed(): void;
  /** The uplink as `status` shows it. */
  status(): UplinkStatus;
  /** Sends what it still can within `timeout` ms, says goodbye and disconnects. */
  stop(timeout: number): Promise<void>;
}

/** Makes an uplink, which does nothing before `start`. Throws `link.bad-url` and `link.bad-tls`. */
export function createUplink(config: UplinkConfig, identity: BatchIdentity, deps: UplinkDeps): Uplink {
  return new MqttUplink(config, identity, deps);
}

class MqttUplink implements Uplink {
  readonly #deps: UplinkDeps;
  readonly #link: LinkPort;
  readonly #channels: Channels;
  readonly #publisher: Publisher;
  readonly #statusPublisher: StatusPublisher;
  readonly #commands: CommandHandler;
  readonly #receipts: ReceiptHandler | undefined;
  readonly #ends: (() => void)[] = [];
  readonly #clientId: string;
  readonly #watch: IdentityWatch;
  readonly #probe: TwinProbe;
  readonly #config: UplinkConfig;
  readonly #budget: BudgetKeeper | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** The reason why no receipt can come. */
  #receiptsRefused: string | undefined;
  #lacks: Lacks | undefined;
  #outage = false;
  #connectedAt = 0;
  #stopped: Promise<void> | undefined;

  constructor(config: UplinkConfig, identity: BatchIdentity, deps: UplinkDeps) {
    const { outbox, clock, logger, random = Math.random } = deps;
    this.#deps = deps;
    this.#config = config;
    const address = { prefix: config.prefix, site: identity.site, device: identity.device };
    const messages = new StatusMessages(identity, deps.state, clock);
    const options = connectionOptions(config, identity, topicOf(address, 'status'), () => messages.offline('lost'));
    this.#clientId = options.clientId;
    this.#watch = new IdentityWatch(random);
    this.#budget = config.budget === undefined ? undefined : new BudgetKeeper(config.budget, clock, deps.budgetStore);
    const connect = deps.connect ?? ((opened) => createLink(opened, { logger }));
    this.#link = connect({ ...options, onEnd: (ending) => this.#onEnd(ending) });
    this.#channels = new Channels(this.#link, address, (bytes) => this.#budget?.spend(bytes));
    this.#statusPublisher = new StatusPublisher(this.#channels.outbound('status'), this.#link, messages, logger);

    this.#probe = new TwinProbe({
      link: this.#link,
      topic: topicOf(address, 'status'),
      boot: identity.boot,
      maxBytes: options.maxIncomingBytes,
      onSeen: () => this.#watch.seen(),
    });

    const records = this.#channels.outbound('records');
    this.#publisher = new Publisher(drainOptions(config, records.topic, random), {
      outbox,
      publish: ({ payload, contentType }) => records.publish(payload, contentType),
      gzip: config.gzip,
      allowance: () => this.#budget?.allowance,
      logger,
    });

    this.#receipts = config.receipts === 'required' ? new ReceiptHandler(outbox, logger) : undefined;
    if (this.#receipts !== undefined) this.#channels.inbound(this.#receiptChannel(this.#receipts));

    const replies = this.#channels.outbound('reply');
    const offered = () => this.#publisher.feed({ type: 'offered' });
    this.#commands = new CommandHandler({
      answers: [statusAnswer(() => messages.online()), resyncAnswer(outbox, offered), ...deps.answers],
      reply: async (reply) => {
        const { reasonCode } = await replies.publish(encodeReply(reply));
        if (isRefusal(reasonCode)) throw new Error(refusalText(reasonCode));
      },
      logger,
      now: () => performance.now(),
    });
    // A device that hears no commands does everything else.
    this.#channels.inbound({ name: 'command', maxBytes: MAX_COMMAND_BYTES, handle: (m) => this.#commands.take(m) });
  }

  inbound(channel: InboundChannel): void {
    this.#channels.inbound(channel);
  }

  outbound(name: ChannelTo<'up'>): OutboundChannel {
    return this.#channels.outbound(name);
  }

  get traffic(): Traffic {
    const [link, publisher, budget] = [this.#link, this.#publisher, this.#budget];
    return {
      get connected() {
        return link.info !== undefined;
      },
      get behind() {
        return publisher.behind;
      },
      get budgetLeft() {
        return budget?.allowance.others !== false;
      },
      spend: (bytes) => budget?.spend(bytes),
      listen: ({ connected, closed }) =>
        link.listen({ connected: () => connected(), closed: ({ wasConnected }) => wasConnected && closed() }),
    };
  }

  start(): void {
    this.#ends.push(
      this.#link.listen({ connected: (info) => this.#onConnected(info), closed: (closed) => this.#onClosed(closed) }),
      this.#deps.outbox.onCommitted((commit) => this.#publisher.feed({ type: 'committed', ...commit })),
      this.#deps.outbox.onOffered(() => this.#publisher.feed({ type: 'offered' })),
      this.#deps.outbox.onReceived((settlement) => this.#onReceived(settlement)),
    );
    this.#look();
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY);
    this.#link.start();
  }

  #receiptChannel(handler: ReceiptHandler): InboundChannel {
    const onRefused = (topic: string, error: unknown) => {
      if (this.#stopped !== undefined) return;
      this.#receiptsRefused = `receipts are required, and the broker refuses the subscription to ${topic}`;
      const hint = `Let ${this.#clientId} subscribe to it at the broker, or set uplink.receipts to none.`;
      this.#deps.logger.error(this.#receiptsRefused, { reason: reasonOf(error), hint });
    };
    return { name: 'receipt', maxBytes: MAX_RECEIPT_BYTES, handle: (message) => handler.take(message), onRefused };
  }

  #onReceived(settlement: Settlement): void {
    this.#receiptsRefused = undefined;
    this.#publisher.received(settlement);
  }

  changed(): void {
    this.#statusPublisher.changed();
  }

  status(): UplinkStatus {
    return statusOf({
      link: this.#link,
      publisher: this.#publisher,
      statusRefusal: this.#statusPublisher.refusal,
      lacks: this.#lacks,
      watch: this.#watch,
      commands: this.#commands,
      budget: this.#budget,
      receipts: this.#receipts,
      receiptsRefused: this.#receiptsRefused,
    });
  }

  stop(timeout: number): Promise<void> {
    this.#stopped ??= this.#stop(timeout);
    return this.#stopped;
  }

  async #stop(timeout: number): Promise<void> {
    const began = performance.now();
    await within(timeout, this.#publisher.flush());
    await within(Math.max(LEAST_GOODBYE, timeout - (performance.now() - began)), this.#statusPublisher.goodbye());
    clearInterval(this.#looking);
    this.#budget?.save();
    for (const end of this.#ends) end();
    this.#publisher.end();
    await this.#link.close();
  }

  #onEnd({ error, stood, silent, unanswered }: Ending): number | undefined {
    const takenOver = error?.code === takenOverError.kind.code;
    if (this.#watch.ended({ takenOver, silent: silent && unanswered === undefined, stood })) {
      this.#deps.logger.error('another device has the same identity', {
        clientId: this.#clientId,
        hint: 'Give each device its own site and device name, or its own uplink.clientId. Attempts are rare until then.',
      });
      this.#deps.onConflict?.({ clientId: this.#clientId, certain: takenOver });
    }
    return this.#watch.wait;
  }

  /** Looks once a second: a day may be over, an episode too. */
  #look(): void {
    if (this.#link.info !== undefined) this.#watch.stands(performance.now() - this.#connectedAt);
    if (!this.#watch.suspicious) this.#probe.end();
    this.#budget?.tick();
    this.#publisher.allow();
    this.#budget?.saveWhenDue();
  }

  /** Publishes the status before any records: who follows a device hears of a boot before its records. */
  async #onConnected(info: Connected): Promise<void> {
    this.#outage = false;
    this.#connectedAt = performance.now();
    this.#deps.logger.info('uplink connected', { version: info.version });
    this.#noteLacks(info);
    const connection = this.#link.info;
    // Before the birth: what the topic retains now is the word of whoever spoke last.
    if (this.#watch.suspicious) this.#probe.begin();
    if (await this.#statusPublisher.publish()) this.#probe.told();
    if (this.#link.info !== connection || connection === undefined) return;
    if (this.#lacks?.noRecords !== undefined) return;
    const { receiveMaximum, maximumPacketSize } = info;
    this.#deps.outbox.beginLive();
    this.#publisher.feed({ type: 'connected', receiveMaximum, maximumPacketSize });
  }

  #noteLacks(info: Connected): void {
    this.#lacks = lacksOf(info, this.#config);
    const { without, noRecords } = this.#lacks;
    for (const what of without) this.#deps.logger.warn('the broker lacks something', { what });
    if (noRecords !== undefined) this.#deps.logger.error('no records can be sent', { reason: noRecords });
  }

  #onClosed({ error, retryIn, wasConnected }: Closed): void {
    this.#lacks = undefined;
    if (wasConnected) this.#probe.closed();
    this.#statusPublisher.pause();
    this.#publisher.feed({ type: 'closed', tooLarge: error?.code === tooLarge.kind.code });
    if (error === undefined) return;
    const fields = { code: error.code, reason: error.message, hint: error.hint, retryInMs: retryIn };
    // The log has one line an outage, not one an attempt.
    if (this.#outage) this.#deps.logger.debug('uplink still down', fields);
    else this.#deps.logger.warn('uplink down, records wait in the outbox', fields);
    this.#outage = true;
  }
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
