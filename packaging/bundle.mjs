// Bundles the program into FOLDER/dist and writes there what belongs to it: the WASM engine, the start script with the
// Node it is for, a package.json without dependencies, and the notices of what was bundled.
// Usage: node packaging/bundle.mjs FOLDER EPOCH_SECONDS
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'tsup';
import { notices } from './notices.mjs';

const [folder, epoch] = process.argv.slice(2);
const dist = join(folder, 'dist');
const require = createRequire(import.meta.url);
const manifest = JSON.parse(await readFile('package.json', 'utf8'));

/** Files that went into the program or a worker, which are builds of their own. */
const inputs = new Set();
const gatherInputs = {
  name: 'gather-inputs',
  setup: ({ onEnd }) => onEnd(({ metafile }) => Object.keys(metafile.inputs).forEach((file) => inputs.add(file))),
};

await mkdir(dist, { recursive: true });
await build({
  outDir: dist,
  // White space and syntax only: a stack trace in a report has to name functions.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    options.legalComments = 'none';
  },
  define: { __EDGEWRIGHT_BUILD_TIME__: String(Number(epoch) * 1000) },
  metafile: true,
  esbuildPlugins: [gatherInputs],
  onSuccess: async () => {},
});

await rm(join(dist, 'metafile-esm.json'));
await writeFile(join(folder, 'THIRD-PARTY.txt'), await notices([...inputs].sort()));

const engine = dirname(require.resolve('onnxruntime-web'));
for (const file of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
  await copyFile(join(engine, file), join(dist, file));
}

await copyFile('packaging/start.cjs', join(dist, 'start.cjs'));
const { node, modules } = process.versions;
const target = {
  abi: modules,
  major: node.split('.')[0],
  minimum: manifest.engines.node.replace(/[^\d.]/g, ''),
  platform: process.platform,
  arch: process.arch,
};
await writeFile(join(dist, 'target.json'), `${JSON.stringify(target)}\n`);

const { name, version, description, license, type, engines } = manifest;
await writeFile(
  join(folder, 'package.json'),
  `${JSON.stringify({ name, version, description, license, type, engines }, null, 2)}\n`,
);
