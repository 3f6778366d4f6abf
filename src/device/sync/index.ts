/**
 * The uplink carries committed records from the outbox to a broker, and speaks for the device there.
 *
 *     outbox -- claim --> Publisher -- publish --> Channels --> link --> broker
 *        ^                   |  ^
 *        |            action |  | event
 *        |                   v  |
 *        '-- confirm,       Drain (pure: BatchSizer, Pace, AwaitedReceipts)
 *            release, reject
 *
 * Lanes. What is claimed goes in four lanes, each before the next: `urgent` (alarms, losses, events; summaries, too, where
 * there is a budget), newest first; `live`, committed since the link stood; `backlog`, committed before, oldest first;
 * `again`, confirmed records that a consumer wants once more. The last two are paced: by a rate, and by what the link
 * carries without delay.
 *
 * In flight. A batch is claimed, published, and then confirmed, released or rejected; only what is in flight is in memory.
 * The window bounds it in batches and bytes, and a lane leaves places in it to those before it. After a refusal or a loss
 * one batch at a time is sent, until one is taken. A batch that is too large for the broker is given back and made
 * smaller; only a single record that is too large is rejected.
 *
 * Acknowledgement. With `receipts: none` the broker's PUBACK confirms, with reason 0 alone: 0x10, nobody subscribed,
 * does not. With `required` PUBACK ends the flight, and the batch awaits the consumer's receipt, bounded in number. What
 * has none in time is released and sent again; that time doubles only while no receipt comes at all. A receipt settles
 * rows in the outbox, whoever sent them and when. Records of the lane `again` were confirmed before: PUBACK is enough.
 *
 * Budget. Each message that is published counts, status and replies included. At three quarters of the day's bytes only
 * urgent records go, at all of them none; status messages always do. What comes in is counted apart, and limits nothing.
 *
 * Identity. The client id is made of site and device, unless configured, and its session outlives connections and starts. Take-overs
 * that the broker names make a conflict, and so do connections that it closes without a word while another tells its
 * status on this device's topic: it is told once, and attempts become rare.
 *
 * A poor broker. Without retained messages the status goes unretained. Without QoS 1 records go only where receipts confirm
 * them; else they wait.
 *
 * Reconnect. The link waits with full jitter. A new connection publishes the status first; then records are claimed. What
 * was in flight at its end has gone back to the outbox, and what awaits receipts is due again after a moment.
 *
 * Invariants:
 * - A record leaves the outbox only by an acknowledgement that counts, or by the broker's word that it takes none like it.
 * - A batch that is claimed is given back or confirmed, whatever becomes of the connection; a batch that awaits its receipt
 *   is released when that is late.
 * - Nothing here blocks or fails whoever commits: the uplink may be away for ever.
 * - No command changes what acts, and each is answered once.
 */

export type { InboundChannel, OutboundChannel } from './channels.ts';
export { type AnswerTo, answering, type CommandAnswer } from './command-answer.ts';
export { type Explain, explainAnswer } from './explain-answer.ts';
export type { BudgetStore, ClaimLimits, Connect, DeviceState, LinkPort, OutboxPort, Settlement } from './ports.ts';
export { type UplinkConfig, uplinkSchema } from './schema.ts';
export type { Traffic, TrafficListener } from './traffic.ts';
export { createUplink, type Uplink, type UplinkDeps } from './uplink.ts';
export type { UplinkStatus } from './uplink-status.ts';
export { type UplinkTrial, uplinkTrial } from './uplink-trial.ts';
