export { asyncApiDocument } from './asyncapi.ts';
export {
  BATCH_END,
  type BatchIdentity,
  batchStart,
  decodeBatch,
  isGzip,
  type RecordBatch,
  type UnknownRecord,
  withIdentity,
} from './batch.ts';
export { type Book, Bookkeeper } from './bookkeeper.ts';
export { decodeCommand, encodeReply, type ReadCommand } from './command.ts';
export { encodeRecord } from './encode.ts';
export * from './errors.ts';
export {
  BATCH_SCHEMA,
  batchSchema,
  COMMANDS,
  type Command,
  commandSchema,
  MAX_RECEIPT_RANGES,
  type Receipt,
  type Reply,
  receiptSchema,
  replySchema,
  STATUS_SCHEMA,
  type StatusMessage,
  statusSchema,
} from './message-schemas.ts';
export { type Range, RangeSet } from './ranges.ts';
export { decodeReceipt, encodeReceipts } from './receipt.ts';
export { RECORD_SCHEMAS, recordSchema } from './record-schemas.ts';
export { decodeStatus, encodeStatus } from './status.ts';
export {
  CHANNELS,
  type Channel,
  DEFAULT_PREFIX,
  type DeviceAddress,
  parseTopic,
  topicFilter,
  topicOf,
} from './topics.ts';
