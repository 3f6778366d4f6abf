/** The part of the WebAssembly global that is used here; the compiler's libraries for Node leave it out. */
export interface WasmApi {
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: object) => object;
  Memory: new (descriptor: WasmMemoryDescriptor) => WasmMemory;
  readonly RuntimeError: new (message?: string) => Error;
}

/** Compiled code; it can be posted to other threads, which then share it. */
export type WasmModule = object & { readonly __wasmModule?: never };

export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

export interface WasmMemoryDescriptor {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

export const wasm: WasmApi = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

const PAGE = 65536;

/**
 * Caps every WebAssembly memory that this thread creates from now on, whatever the creator asks for.
 * An allocation beyond it fails inside the engine, which answers with an error and goes on. Returns how many bytes they
 * have by now.
 */
export function capMemory(bytes: number): () => number {
  const pages = Math.floor(bytes / PAGE);
  const Original = wasm.Memory;
  const memories: WasmMemory[] = [];
  wasm.Memory = class extends Original {
    constructor(descriptor: WasmMemoryDescriptor) {
      super({ ...descriptor, maximum: Math.min(descriptor.maximum ?? pages, pages) });
      memories.push(this);
    }
  };
  return () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
