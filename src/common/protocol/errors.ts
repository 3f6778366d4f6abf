import { defineError } from '../core/index.ts';

export const notABatch = defineError(
  'protocol.not-a-batch',
  'Only batches of edgewright.records/1 belong on a records topic: look at who else publishes there.',
);
export const notAStatus = defineError(
  'protocol.not-a-status',
  'Only messages of edgewright.status/1 belong on a status topic: look at who else publishes there.',
);
export const tooLong = defineError(
  'protocol.too-long',
  'No gateway sends batches of this size: look at who else publishes there.',
);
export const notAReceipt = defineError(
  'protocol.not-a-receipt',
  'A receipt is {"boot","ranges":[[from,to],...]} with at most 1,000 ranges: look at who publishes there.',
);
