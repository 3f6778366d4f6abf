import type { LinkState } from '../../common/link/index.ts';
import type { Amount } from './awaited-receipts.ts';
import type { BudgetKeeper } from './budget-keeper.ts';
import type { CommandHandler } from './command-handler.ts';
import type { IdentityWatch } from './identity-watch.ts';
import type { LinkPort } from './ports.ts';
import type { Publisher } from './publisher.ts';
import type { ReceiptHandler } from './receipt-handler.ts';

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

/** What the status is told of. */
export interface UplinkParts {
  readonly link: Pick<LinkPort, 'state' | 'info' | 'lastError'>;
  readonly publisher: Publisher;
  readonly watch: IdentityWatch;
  readonly commands: CommandHandler;
  readonly budget: BudgetKeeper | undefined;
  readonly receipts: ReceiptHandler | undefined;
  /** Why no receipt can come. */
  readonly receiptsRefused: string | undefined;
}

export function statusOf({
  link,
  publisher,
  watch,
  commands,
  budget,
  receipts,
  receiptsRefused,
}: UplinkParts): UplinkStatus {
  const { state, info, lastError } = link;
  const { batches, bytes, confirmed, rejected } = publisher.counts;
  const spent = budget?.allowance.others === false ? 'the budget of the day is used up' : undefined;
  const reason = lastError?.message ?? publisher.refusal ?? receiptsRefused ?? spent;
  const { awaiting } = publisher;
  return {
    state,
    ...(info === undefined ? {} : { version: info.version }),
    ...(reason === undefined ? {} : { reason }),
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
