import type { LinkState } from '../../common/link/index.ts';
import type { Amount } from './awaited-receipts.ts';
import type { Lacks } from './broker-lacks.ts';
import type { BudgetKeeper } from './budget-keeper.ts';
import type { CommandHandler } from './command-handler.ts';
import type { IdentityWatch } from './identity-watch.ts';
import type { LinkPort } from './ports.ts';
import type { Publisher } from './publisher.ts';
import type { ReceiptHandler } from './receipt-handler.ts';

/** The uplink as `status` shows it; its keys are those of the JSON. */
export interface UplinkStatus {
  readonly state: LinkState;
  /** The version of MQTT of the connection that stands. */
  readonly version?: string;
  /** The reason why there is no connection, or why the broker takes no records. */
  readonly reason?: string;
  /** The time, in ms, until the next attempt to connect. */
  readonly retryInMs?: number;
  /** What the broker lacks, and the uplink does without. */
  readonly without?: readonly string[];
  /** Batches that are published and not acknowledged. */
  readonly inFlight: number;
  /** Batches and bytes sent since the start; what was sent again counts again. */
  readonly sent: { readonly batches: number; readonly bytes: number };
  /** Records confirmed since the start. */
  readonly confirmed: number;
  /** Records since the start that no broker takes. */
  readonly rejected: number;
  /** Whether another device has the same identity. */
  readonly identityConflict?: true;
  /** The bytes of the day, where there is a limit. */
  readonly budget?: { readonly used: number; readonly limit: number };
  /** The number of commands that were refused, by reason. */
  readonly commands: { readonly refused: Readonly<Record<string, number>> };
  /** The receipts, where the consumer's word is what counts; `confirmed` are then the records that they settled. */
  readonly receipts?: {
    /** How much is with the broker and has no receipt yet. */
    readonly awaiting: Amount;
    /** The number of receipts, or of ranges in them, that were refused, by reason. */
    readonly refused: Readonly<Record<string, number>>;
  };
}

/** The parts of an uplink that its status tells of. */
export interface UplinkParts {
  readonly link: Pick<LinkPort, 'state' | 'info' | 'lastError' | 'retryIn'>;
  readonly publisher: Publisher;
  /** The reason why the broker takes no status. */
  readonly statusRefusal: string | undefined;
  /** What the broker of the connection that stands lacks. */
  readonly lacks: Lacks | undefined;
  readonly watch: IdentityWatch;
  readonly commands: CommandHandler;
  readonly budget: BudgetKeeper | undefined;
  readonly receipts: ReceiptHandler | undefined;
  /** The reason why no receipt can come. */
  readonly receiptsRefused: string | undefined;
}

/** Puts the status together from the parts of an uplink. */
export function statusOf({
  link,
  publisher,
  statusRefusal,
  lacks,
  watch,
  commands,
  budget,
  receipts,
  receiptsRefused,
}: UplinkParts): UplinkStatus {
  const { state, info, lastError, retryIn } = link;
  const { batches, bytes, confirmed, rejected } = publisher.counts;
  const spent = budget?.allowance.others === false ? 'the budget of the day is used up' : undefined;
  const reason =
    lastError?.message ?? lacks?.noRecords ?? publisher.refusal ?? receiptsRefused ?? statusRefusal ?? spent;
  const { awaiting } = publisher;
  return {
    state,
    ...(info === undefined ? {} : { version: info.version }),
    ...(reason === undefined ? {} : { reason }),
    ...(retryIn === undefined ? {} : { retryInMs: Math.round(retryIn) }),
    ...(lacks && lacks.without.length > 0 ? { without: lacks.without } : {}),
    inFlight: publisher.inFlight,
    sent: { batches, bytes },
    confirmed,
    rejected,
    ...(watch.conflict ? { identityConflict: true as const } : {}),
    ...(budget && { budget: budget.spent }),
    commands: { refused: commands.refused },
    ...(awaiting && receipts && { receipts: { awaiting, refused: receipts.refused } }),
  };
}
