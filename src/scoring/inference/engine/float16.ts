const scratch = new DataView(new ArrayBuffer(4));

/** Rounds a number to float32, then to IEEE 754 binary16, ties to even; returns the 16 bits. */
export function toFloat16(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Float16 numbers below 2^-14 are multiples of 2^-24: scaling makes them integers, and adding 2^52 rounds to even.
  if (magnitude < 0x38800000) return sign | (Math.abs(Math.fround(value)) * 2 ** 24 + 2 ** 52 - 2 ** 52);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Converts binary16 bits to the number that they stand for, exactly. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
