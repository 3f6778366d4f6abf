/**
 * Views bytes as a Buffer, without a copy: mqtt.js clones what it sends, and of a plain Uint8Array the whole memory
 * underneath.
 */
export function asBuffer(bytes: Uint8Array | string): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes);
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
