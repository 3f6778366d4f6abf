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
 * Batch on its way from one process to the other. A batch's buffer has room for the most rows, with inputs and outputs,
 * but only the inputs of the rows that are there are copied, and only their outputs come back. Each copy counts as
 * memory outside V8's heap: whole buffers, a few hundred a second, would make V8 collect garbage all the time.
 */
export interface PackedBatch {
  readonly id: number;
  readonly kind: 'packed';
  readonly rows: number;
  readonly inputs: Uint8Array;
}

/** Answer to a packed batch; `packed` has the rows of the first output, then those of the next. */
export type PackedAnswer = Omit<BatchAnswer, 'buffer'> & { readonly id: number; readonly packed: Uint8Array };

type Batch = Extract<Request, { readonly kind: 'batch' }>;

/** Packs batches on the gateway's side, which keeps the buffers. */
export class Packer {
  readonly #sent = new Map<number, Batch>();
  #binding: Binding | undefined;

  /** Converts a request for another process, where shared memory ends: a model is copied, a batch is packed. */
  pack(request: Request): Request | PackedBatch {
    if (request.kind === 'bind') this.#binding = request.binding;
    if (request.kind === 'create') return { ...request, model: Buffer.from(request.model) };
    if (request.kind !== 'batch' || this.#binding === undefined) return request;
    const { id, rows, buffer } = request;
    this.#sent.set(id, request);
    const bytes = rows * inputWidth(this.#binding) * numberBytes(this.#binding);
    return { id, kind: 'packed', rows, inputs: new Uint8Array(buffer, 0, bytes) };
  }

  /**
   * Puts an answer's outputs back into the batch's buffer. An answer that fits no batch means that the process is
   * broken.
   */
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

/** Unpacks batches in the process, one after the other into one buffer. */
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
