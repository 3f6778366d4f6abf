import { Mutex } from '../engine/mutex.ts';
import {
  type Answer,
  type BatchAnswer,
  type Binding,
  inputWidth,
  newBuffer,
  numberBytes,
  outputOffsets,
  type Request,
  toWire,
} from './messages.ts';

/**
 * Batches between two processes. A batch's buffer has room for the most rows, with inputs and outputs; what is copied is
 * the inputs of the rows that are there, and their outputs back. Each copy counts as memory outside V8's heap, and
 * whole buffers, a few hundred a second, would make it collect garbage all the time.
 */
export interface PackedBatch {
  readonly id: number;
  readonly kind: 'packed';
  readonly rows: number;
  readonly inputs: Uint8Array;
}

/** `packed`: of each output its rows, one output after the other. */
export type PackedAnswer = Omit<BatchAnswer, 'buffer'> & { readonly id: number; readonly packed: Uint8Array };

type Batch = Extract<Request, { readonly kind: 'batch' }>;

/** The side that keeps the buffers. */
export class Packer {
  readonly #sent = new Map<number, Batch>();
  #binding: Binding | undefined;

  /** Shared memory ends at the process: a model travels as a copy, once, and a batch as what is in it. */
  pack(request: Request): Request | PackedBatch {
    if (request.kind === 'bind') this.#binding = request.binding;
    if (request.kind === 'create') return { ...request, model: Buffer.from(request.model) };
    if (request.kind !== 'batch' || this.#binding === undefined) return request;
    const { id, rows, buffer } = request;
    this.#sent.set(id, request);
    const bytes = rows * inputWidth(this.#binding) * numberBytes(this.#binding);
    return { id, kind: 'packed', rows, inputs: new Uint8Array(buffer, 0, bytes) };
  }

  /** An answer that fits no batch comes from a process that is broken. */
  unpack(answer: Answer | PackedAnswer): Answer {
    if (!('packed' in answer)) return answer;
    const { packed, ...rest } = answer;
    const batch = this.#sent.get(rest.id);
    this.#sent.delete(rest.id);
    const outputs = batch && this.#binding ? outputsOf(this.#binding, batch.buffer, batch.rows) : [];
    if (batch === undefined || outputs.reduce((sum, { length }) => sum + length, 0) !== packed.length) {
      return { id: rest.id, error: toWire(new Error('the process answered what it was not asked')) };
    }
    let at = 0;
    for (const output of outputs) {
      output.set(packed.subarray(at, at + output.length));
      at += output.length;
    }
    return { ...rest, buffer: batch.buffer };
  }
}

/** The other side: one batch after the other in one buffer. */
export class Unpacker {
  readonly #serve: (request: Request) => Promise<Answer>;
  readonly #mutex = new Mutex();
  #layout: { readonly binding: Binding; readonly buffer: ArrayBuffer } | undefined;

  constructor(serve: (request: Request) => Promise<Answer>) {
    this.#serve = serve;
  }

  serve(request: Request | PackedBatch): Promise<Answer | PackedAnswer> {
    return this.#mutex.run(() => this.#answer(request));
  }

  async #answer(request: Request | PackedBatch): Promise<Answer | PackedAnswer> {
    if (request.kind === 'bind') this.#layout = { binding: request.binding, buffer: newBuffer(request.binding) };
    if (request.kind !== 'packed') return this.#serve(request);
    if (this.#layout === undefined) throw new TypeError('a batch before its layout');
    const { id, rows, inputs } = request;
    const { binding, buffer } = this.#layout;
    new Uint8Array(buffer).set(inputs);
    const answer = await this.#serve({ id, kind: 'batch', rows, buffer });
    if (!('buffer' in answer)) return answer;
    const { buffer: full, ...rest } = answer;
    return { ...rest, packed: Buffer.concat(outputsOf(binding, full, rows)) };
  }
}

function outputsOf(binding: Binding, buffer: ArrayBuffer, rows: number): Uint8Array[] {
  const bytes = numberBytes(binding);
  const offsets = outputOffsets(binding);
  return binding.widths.map(
    (width, index) => new Uint8Array(buffer, (offsets[index] ?? 0) * bytes, rows * width * bytes),
  );
}
