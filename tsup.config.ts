import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'tsup';

const ortFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    'inference-worker': 'src/inference/worker.ts',
    'store-worker': 'src/runtime/store-worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // Commands are chunks of their own, loaded when they are asked for.
  splitting: true,
  clean: true,
  shims: true,
  silent: true,
  // Everything is bundled, so that the artifact runs on Node alone; the SQLite addon is loaded by path.
  noExternal: [/.*/],
  banner: {
    js: "import { createRequire as __edgewrightRequire } from 'node:module'; const require = __edgewrightRequire(import.meta.url);",
  },
  async onSuccess() {
    const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
    await Promise.all(ortFiles.map((file) => copyFile(join(ort, file), join('dist', file))));
  },
});
