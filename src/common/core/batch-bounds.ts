/** Most bytes of a batch, unpacked: of what a gateway seals, and of what a consumer takes. */
export const MAX_BATCH_BYTES = 1024 * 1024;
/** Most records of a batch: of what a gateway seals, and of what a consumer takes. */
export const MAX_BATCH_RECORDS = 10_000;
