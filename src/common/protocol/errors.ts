import { defineError } from '../core/index.ts';

/** Thrown by `decodeBatch`: what came on a records topic is no batch. */
export const notABatch = defineError(
  'protocol.not-a-batch',
  'Only batches of edgewright.records/1 belong on a records topic: look at who else publishes there.',
);
/** Thrown by `decodeStatus`: what came on a status topic is no status. */
export const notAStatus = defineError(
  'protocol.not-a-status',
  'Only messages of edgewright.status/1 belong on a status topic: look at who else publishes there.',
);
/** Thrown by `decodeBatch`: a batch is too long to be unpacked. */
export const tooLong = defineError(
  'protocol.too-long',
  'No gateway sends batches of this size: look at who else publishes there.',
);
/** Thrown by `decodeReceipt`: what came on a receipt topic is no receipt. */
export const notAReceipt = defineError(
  'protocol.not-a-receipt',
  'A receipt is {"boot","ranges":[[from,to],...]} with at most 1,000 ranges: look at who publishes there.',
);
/** Thrown by `decodeBlobGet` and `decodeBlobData`: what came on such a topic is none of theirs. */
export const notABlobMessage = defineError(
  'protocol.not-a-blob-message',
  'Only devices publish on blob/get, and only who serves bundles on blob/data: look at who else publishes there.',
);
