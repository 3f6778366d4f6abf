/** How one sample is written. */
export interface Encoding {
  /** Bytes of a sample. */
  readonly width: number;
  /** Reads a sample: integers as shares of full scale, -1 to 1; floats as they are. */
  read(bytes: Buffer, offset: number): number;
}

/** Encodings of WAVE and raw files, little-endian, by name. */
export const ENCODINGS = {
  u8: { width: 1, read: (bytes, at) => (bytes.readUInt8(at) - 128) / 2 ** 7 },
  i16: { width: 2, read: (bytes, at) => bytes.readInt16LE(at) / 2 ** 15 },
  i24: { width: 3, read: (bytes, at) => bytes.readIntLE(at, 3) / 2 ** 23 },
  i32: { width: 4, read: (bytes, at) => bytes.readInt32LE(at) / 2 ** 31 },
  f32: { width: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  f64: { width: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
} as const satisfies Readonly<Record<string, Encoding>>;

/** Reads one channel out of interleaved frames. */
export function channelOf(
  bytes: Buffer,
  { width, read }: Encoding,
  channels: number,
  channel: number,
  frames: number,
): Float64Array {
  const samples = new Float64Array(frames);
  const frame = width * channels;
  for (let i = 0, at = channel * width; i < frames; i += 1, at += frame) samples[i] = read(bytes, at);
  return samples;
}
