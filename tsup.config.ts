import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const program = { main: 'src/main.ts' };
const workers = {
  'inference-worker': 'src/scoring/inference/worker/wasm-thread.ts',
  'inference-process': 'src/scoring/inference/worker/native-process.ts',
  'inference-parent-watch': 'src/scoring/inference/worker/parent-watch-thread.ts',
  'store-worker': 'src/storage/thread/store-worker.ts',
};
const ortFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

const DAY_MS = 86_400_000;
/** The day of the build; a reproducible one gives its own. */
const builtAt = Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.now() / 1000) * 1000;

const common: Options = {
  define: { __EDGEWRIGHT_BUILD_TIME__: String(Math.floor(builtAt / DAY_MS) * DAY_MS) },
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

async function copyEngine(): Promise<void> {
  const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  await Promise.all(ortFiles.map((file) => copyFile(join(ort, file), join('dist', file))));
}

/** Chunks of earlier builds, whose names carry a hash. Nothing is taken away before its successor is there. */
async function removeStaleChunks(started: number): Promise<void> {
  const entries = new Set(Object.keys({ ...program, ...workers }).map((name) => `${name}.js`));
  for (const file of await readdir('dist')) {
    const path = join('dist', file);
    const chunk = file.endsWith('.js') && !entries.has(file);
    if (chunk && (await stat(path)).mtimeMs < started) await rm(path);
  }
}

export default defineConfig(({ clean = true }) => {
  const started = Date.now();
  return [
    {
      ...common,
      entry: program,
      // Commands are chunks of their own, loaded when they are asked for.
      splitting: true,
      async onSuccess() {
        await copyEngine();
        if (clean) await removeStaleChunks(started);
      },
    },
    // Each in one file: a chunk shared with the program would bring its schemas into every thread, 4 MB each.
    { ...common, entry: workers, splitting: false },
  ];
});
