import { rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const ortFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

const common: Options = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: false,
  shims: true,
  silent: true,
  // Everything is bundled, so that the artifact runs on Node alone; the SQLite addon is loaded by path.
  noExternal: [/.*/],
  banner: {
    js: "import { createRequire as __edgewrightRequire } from 'node:module'; const require = __edgewrightRequire(import.meta.url);",
  },
};

export default defineConfig(({ clean = true }) => {
  if (clean) rmSync('dist', { recursive: true, force: true });
  return [
    {
      ...common,
      entry: { main: 'src/main.ts' },
      // Commands are chunks of their own, loaded when they are asked for.
      splitting: true,
      async onSuccess() {
        const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
        await Promise.all(ortFiles.map((file) => copyFile(join(ort, file), join('dist', file))));
      },
    },
    {
      ...common,
      // Each in one file: a chunk shared with the program would bring its schemas into every thread, 4 MB each.
      entry: { 'inference-worker': 'src/inference/worker.ts', 'store-worker': 'src/runtime/store-worker.ts' },
      splitting: false,
    },
  ];
});
