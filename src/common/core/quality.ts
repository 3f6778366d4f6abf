import { StatusCode, type StatusName, statusName } from './status-code.ts';

/**
 * Quality of a window or a prediction: the worst status and why, one reason per tag and cause (`TS1: BadSensorFailure
 * x3`).
 */
export interface Quality {
  readonly code: StatusCode;
  readonly reasons: readonly string[];
}

/** Nothing is wrong. */
export const GOOD: Quality = Object.freeze({ code: StatusCode.Good, reasons: Object.freeze([]) });

/** Quality as it stands in records: the code by its OPC UA name. */
export interface QualityRecord {
  readonly code: StatusName;
  readonly reasons: readonly string[];
}

/** Turns quality into the form of records. */
export function toQualityRecord(quality: Quality): QualityRecord {
  return { code: statusName(quality.code), reasons: quality.reasons };
}
