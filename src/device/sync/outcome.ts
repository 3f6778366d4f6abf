import { reasonName } from '../../common/link/index.ts';

/**
 * The meaning of an acknowledgement for a batch: taken; too large or unfit, so that smaller ones are tried; not now.
 */
export type Outcome = 'taken' | 'split' | 'later';

/** Reason codes of MQTT 5's PUBACK. */
const SUCCESS = 0;
const PAYLOAD_FORMAT_INVALID = 0x99;
/** From here on a reason is a refusal. */
const FIRST_REFUSAL = 0x80;
/** The broker refuses the packet as too large. */
export const PACKET_TOO_LARGE = 0x95;
/** The broker has it and nobody to give it to: for records that is no confirmation. */
export const NO_SUBSCRIBERS = 0x10;

/**
 * Says what a reason code means for a batch. All but a few are a refusal that may pass: quota, authorization, load. A
 * topic name that the broker does not like (0x90) is among them: it concerns all records alike, and none of them is to
 * blame.
 */
export function outcomeOf(reasonCode: number): Outcome {
  if (reasonCode === SUCCESS) return 'taken';
  return reasonCode === PACKET_TOO_LARGE || reasonCode === PAYLOAD_FORMAT_INVALID ? 'split' : 'later';
}

/** Whether a reason code says that the broker did not take what it was sent. */
export function isRefusal(reasonCode: number): boolean {
  return reasonCode >= FIRST_REFUSAL;
}

/** What a reason code says of a message that is not taken, in words. */
export function refusalText(reasonCode: number | undefined): string {
  if (reasonCode === NO_SUBSCRIBERS) return 'nobody is subscribed to the records';
  if (reasonCode === undefined) return 'refused';
  return `refused with reason code 0x${reasonCode.toString(16)} (${reasonName(reasonCode)})`;
}
