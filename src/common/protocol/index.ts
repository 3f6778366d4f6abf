export { asyncApiDocument } from './asyncapi.ts';
export {
  BATCH_END,
  BATCH_SCHEMA,
  type BatchIdentity,
  batchSchema,
  batchStart,
  decodeBatch,
  isGzip,
  type RecordBatch,
  type UnknownRecord,
  withIdentity,
} from './batch.ts';
export * from './blob-bounds.ts';
export {
  BLOB_DATA_HEAD,
  type BlobData,
  blobPrefix,
  decodeBlobData,
  encodeBlobData,
  MAX_BLOB_DATA_BYTES,
} from './blob-data.ts';
export {
  type BlobGet,
  decodeBlobGet,
  encodeBlobGet,
  encodeHave,
  MAX_BLOB_GET_BYTES,
  wantedPieces,
} from './blob-get.ts';
export * from './block-list.ts';
export { type Book, Bookkeeper } from './bookkeeper.ts';
export { CHANNELS, type Channel, type ChannelDefinition, type ChannelTo } from './channels.ts';
export {
  COMMANDS,
  type Command,
  type CommandName,
  type CommandRequest,
  type CommandResult,
  commandSchema,
  decodeCommand,
  encodeReply,
  type ReadCommand,
  type Reply,
  replySchema,
} from './commands.ts';
export { encodeRecord } from './encode.ts';
export * from './errors.ts';
export { type Range, RangeSet } from './ranges.ts';
export { decodeReceipt, encodeReceipts, MAX_RECEIPT_RANGES, type Receipt, receiptSchema } from './receipt.ts';
export { RECORD_SCHEMAS, recordSchema } from './record-schemas.ts';
export {
  decodeStatus,
  encodeStatus,
  MAX_STATUS_BYTES,
  STATUS_SCHEMA,
  type StatusMessage,
  statusSchema,
} from './status-message.ts';
export { DEFAULT_PREFIX, type DeviceAddress, parseTopic, topicFilter, topicOf } from './topics.ts';
