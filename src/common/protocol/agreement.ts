import type * as z from 'zod';
import type { RecordType, WireRecord } from '../core/index.ts';
import type { Frozen } from './fields.ts';
import type { RECORD_SCHEMAS } from './record-schemas.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Does not compile when a schema and the type in the vocabulary that it stands for have parted. */
type Agreement = {
  readonly [T in RecordType]: Same<
    Frozen<z.output<(typeof RECORD_SCHEMAS)[T]>>,
    Frozen<Extract<WireRecord, { type: T }>>
  >;
};

export const SCHEMAS_AGREE: Agreement & Readonly<Record<RecordType, true>> = {
  prediction: true,
  summary: true,
  alarm: true,
  loss: true,
  event: true,
};
