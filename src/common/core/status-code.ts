/**
 * OPC UA status codes (OPC 10000-4, 7.39) that say how far a value can be trusted.
 * The two top bits are the severity: 00 good, 01 uncertain, 10 bad.
 */
export const StatusCode = {
  Good: 0x00000000,
  UncertainLastUsableValue: 0x40900000,
  UncertainNoCommunicationLastUsableValue: 0x408f0000,
  UncertainSubstituteValue: 0x40910000,
  UncertainSensorNotAccurate: 0x40930000,
  UncertainEngineeringUnitsExceeded: 0x40940000,
  UncertainDataSubNormal: 0x40a40000,
  UncertainSimulatedValue: 0x42090000,
  BadDecodingError: 0x80070000,
  BadInvalidTimestamp: 0x80230000,
  BadNoCommunication: 0x80310000,
  BadWaitingForInitialData: 0x80320000,
  BadOutOfRange: 0x803c0000,
  BadSensorFailure: 0x808c0000,
  BadDataLost: 0x809d0000,
} as const;

/** One of these codes; the type and its values share a name. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];
/** Name of a code, as records have it. */
export type StatusName = keyof typeof StatusCode;

const names = new Map<number, StatusName>(
  (Object.entries(StatusCode) as [StatusName, StatusCode][]).map(([name, code]) => [code, name]),
);

/** The name of a code; that of a code which is not in the table is BadDecodingError. */
export function statusName(code: StatusCode): StatusName {
  return names.get(code) ?? 'BadDecodingError';
}

/** Severity of a code: 0 good, 1 uncertain, 2 or more bad. */
export function severity(code: StatusCode): number {
  return code >>> 30;
}

/** Whether a value of this status is not to be used. */
export function isBad(code: StatusCode): boolean {
  return severity(code) >= 2;
}

/** The code of higher severity; of two alike the first. */
export function worst(a: StatusCode, b: StatusCode): StatusCode {
  return severity(b) > severity(a) ? b : a;
}
