/** Most bytes of a blob that are on their way to a device at a time, and most of one message. */
export const MAX_OUTSTANDING = 64 * 1024;
/** Most pieces that one request covers, those that the device has included. */
export const MAX_PIECES = 1_024;
/** Most bytes of a list of block digests. */
export const MAX_LIST_BYTES = 1024 * 1024;
/** Most bytes of one block of a file: it is held in memory until it is whole. */
export const MAX_BLOCK_BYTES = 1024 * 1024;
/** Most bytes of one file. */
export const MAX_BLOB_BYTES = 16 * 1024 ** 3;
