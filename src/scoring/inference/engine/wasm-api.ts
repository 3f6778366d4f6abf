/** Part of the global WebAssembly that is used here; TypeScript's libraries for Node leave it out. */
export interface WasmApi {
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: object) => object;
  Memory: new (descriptor: WasmMemoryDescriptor) => WasmMemory;
  readonly RuntimeError: new (message?: string) => Error;
}

/** Compiled code, which can be posted to other threads: they then share it. */
export type WasmModule = object & { readonly __wasmModule?: never };

/** Memory of one WebAssembly instance. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Sizes of a memory in pages of 64 KiB. */
export interface WasmMemoryDescriptor {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

/** The WebAssembly of this thread. */
export const wasm: WasmApi = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

const PAGE = 65536;

/**
 * Caps every WebAssembly memory that this thread creates from now on, whatever the creator asks for. An allocation
 * beyond the cap fails inside the engine, which answers with an error and goes on. Returns a function that counts the
 * bytes which those memories have by then.
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
