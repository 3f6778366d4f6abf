import type * as z from 'zod';
import type { RecordType, WireRecord } from '../core/index.ts';
import type { Frozen } from './fields.ts';
import type { RECORD_SCHEMAS } from './record-schemas.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The types of records whose schema and whose type in the vocabulary have parted. */
type Parted = {
  readonly [T in RecordType]: Same<
    Frozen<z.output<(typeof RECORD_SCHEMAS)[T]>>,
    Frozen<Extract<WireRecord, { type: T }>>
  > extends true
    ? never
    : T;
}[RecordType];

/** Compiles only while each record schema describes exactly the type of that record; else the error names the type. */
export const SCHEMAS_AGREE: [Parted] extends [never] ? true : Parted = true;
