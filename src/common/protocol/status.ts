import { notAStatus } from './errors.ts';
import { type StatusMessage, statusSchema } from './message-schemas.ts';
import { parseJson } from './validate.ts';

export function encodeStatus(status: StatusMessage): Uint8Array {
  return Buffer.from(JSON.stringify(status));
}

/** Throws `protocol.not-a-status`. */
export function decodeStatus(payload: Uint8Array): StatusMessage {
  return parseJson(payload, statusSchema, 'status', (reason, cause) => notAStatus('status', reason, { cause }));
}
