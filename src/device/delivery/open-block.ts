/** A block of which pieces are awaited, in memory until it is whole. */
export class OpenBlock {
  /** The place of its first byte in the blob. */
  readonly start: number;
  readonly #bytes: Uint8Array;
  #size: number;
  #had: boolean[];

  /** @param size bytes of a piece */
  constructor(start: number, length: number, size: number) {
    this.start = start;
    this.#bytes = new Uint8Array(length);
    this.#size = size;
    this.#had = new Array<boolean>(Math.ceil(length / size)).fill(false);
  }

  /** Bytes of a piece. */
  get size(): number {
    return this.#size;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get whole(): boolean {
    return this.#had.every((one) => one);
  }

  /** The index in the blob of its first piece; pieces of a blob with several blocks divide these. */
  get firstPiece(): number {
    return this.start / this.#size;
  }

  get pieces(): number {
    return this.#had.length;
  }

  /** Whether the piece of that index in the blob has come. */
  has(piece: number): boolean {
    return this.#had[piece - this.firstPiece] === true;
  }

  /** Whether the piece of that index in the blob is one of its own. */
  covers(piece: number): boolean {
    const at = piece - this.firstPiece;
    return at >= 0 && at < this.#had.length;
  }

  /** Cuts what is missing into pieces of another size; false where what has come does not fit into such. */
  cut(size: number): boolean {
    if (size === this.#size) return true;
    const ratio = size / this.#size;
    const finer = !Number.isInteger(ratio);
    if (finer && !Number.isInteger(1 / ratio)) return false;
    const had: boolean[] = [];
    for (let piece = 0; piece * size < this.#bytes.length; piece += 1) {
      const old = finer ? [this.#had[Math.floor(piece * ratio)]] : this.#had.slice(piece * ratio, (piece + 1) * ratio);
      if (old.some((one) => one !== old[0])) return false;
      had.push(old[0] === true);
    }
    this.#size = size;
    this.#had = had;
    return true;
  }

  /** Takes a piece: `taken`, or why it has no effect. */
  take(piece: number, bytes: Uint8Array): 'taken' | 'wrong-length' | 'duplicate' {
    const at = (piece - this.firstPiece) * this.#size;
    if (bytes.byteLength !== Math.min(this.#size, this.#bytes.length - at)) return 'wrong-length';
    if (this.has(piece)) return 'duplicate';
    this.#bytes.set(bytes, at);
    this.#had[piece - this.firstPiece] = true;
    return 'taken';
  }
}
