import { ReasonCodes } from 'mqtt';
import { type EdgewrightError, reasonOf } from '../core/index.ts';
import { lost, protocolBroken, refused, takenOver, tooLarge, unreachable } from './errors.ts';
import { tlsFailure } from './tls-failures.ts';

/** The reason codes of MQTT 5 that mean something of their own here. */
export const Reason = {
  success: 0,
  noSubscribers: 0x10,
  refused: 0x80,
  notAuthorized: 0x87,
  takenOver: 0x8e,
  tooLarge: 0x95,
  noRetain: 0x9a,
  noQos: 0x9b,
} as const;

/** The codes with which a broker refuses a version: 1 is the return code of MQTT 3.1.1, 0x84 the reason of MQTT 5. */
const UNSUPPORTED_VERSION: readonly number[] = [1, 0x84];

/** The name of a reason code, as mqtt.js has it from the standard. */
export function reasonName(code: number): string {
  return (ReasonCodes as Readonly<Record<number, string>>)[code] ?? `reason code ${code}`;
}

/** Tells whether a broker refused a connection for its version of MQTT. */
export function isVersionRefusal(code: number | undefined): boolean {
  return code !== undefined && UNSUPPORTED_VERSION.includes(code);
}

/**
 * The code of an error of mqtt.js: a number for a reason of the broker, a string for one of the system, none for its
 * own.
 */
export function codeOf(error: unknown): number | string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' || typeof code === 'string' ? code : undefined;
}

/** The error for a connection that never stood, to which the will on the topic `will` belonged. */
export function attemptFailure(broker: string, error: unknown, will?: string): EdgewrightError {
  const code = codeOf(error);
  if (typeof code === 'number') {
    // A broker refuses a connection for its will, too.
    const about = code === Reason.notAuthorized && will !== undefined ? ` (its will goes to ${will})` : '';
    return refused(broker, `refused: ${reasonName(code)}${about}`, { cause: error });
  }
  if (typeof code === 'string') {
    return tlsFailure(broker, code, error) ?? unreachable(broker, reasonOf(error), { cause: error });
  }
  return protocolBroken(broker, reasonOf(error), { cause: error });
}

/** How a connection that stood came to its end. */
export interface Ended {
  /** What the socket or mqtt.js said, if anything. */
  readonly error: unknown;
  /** The reason of the broker's DISCONNECT, if it sent one. */
  readonly reasonCode: number | undefined;
  /** What the broker had not answered, in words. */
  readonly unanswered: string | undefined;
}

const FORBIDDEN =
  'A broker does that where this client may not use a topic: look at its log, its ACL or the policy of this client.';

/** The error for a connection that stood and ended. */
export function connectionFailure(broker: string, { error, reasonCode, unanswered }: Ended): EdgewrightError {
  if (reasonCode === Reason.takenOver) return takenOver(broker, 'another client came with the same client id');
  if (reasonCode === Reason.tooLarge) return tooLarge(broker, 'the broker refused a packet as too large');
  const during = unanswered === undefined ? '' : `, with ${unanswered} unanswered`;
  const forbidden = reasonCode === Reason.notAuthorized || (reasonCode ?? error) === undefined;
  const hint = forbidden && unanswered !== undefined ? { hint: FORBIDDEN } : {};
  if (reasonCode !== undefined) return lost(broker, `closed by the broker: ${reasonName(reasonCode)}${during}`, hint);
  const reason = error === undefined ? 'the connection was closed' : reasonOf(error);
  return lost(broker, `${reason}${during}`, { cause: error, ...hint });
}
