/** Parts of a protobuf message (protobuf.dev/programming-guides/encoding), to be joined. */
export type Bytes = readonly Uint8Array[];

/** Encodes a whole number that is not negative. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

/** Encodes a field of a number. */
export const numberField = (field: number, value: number): Bytes => [varint(field * 8), varint(value)];

/** Encodes a field of a nested message, or of bytes. */
export function messageField(field: number, content: Bytes): Bytes {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return [varint(field * 8 + 2), varint(length), ...content];
}

/** Encodes a field of text. */
export const textField = (field: number, text: string): Bytes => messageField(field, [new TextEncoder().encode(text)]);

/** Joins parts into one message. */
export function join(parts: Bytes): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
