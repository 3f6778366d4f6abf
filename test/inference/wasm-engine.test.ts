import { pathToFileURL } from 'node:url';
import { createWasmEngine } from '../../src/scoring/inference/engine/wasm-engine.ts';
import { describeEngine } from './engine-contract.ts';
import { wasmDir } from './support.ts';

const folder = pathToFileURL(wasmDir);

describeEngine('wasm', () =>
  createWasmEngine({
    loader: new URL('ort-wasm-simd-threaded.mjs', folder),
    wasmFile: new URL('ort-wasm-simd-threaded.wasm', folder),
  }),
);
