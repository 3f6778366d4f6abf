// The bare engine: the benchmark's model in ONNX Runtime on Node, without anything of Edgewright.
// PACKAGE is onnxruntime-web or onnxruntime-node.
// node bare.mjs PACKAGE MODEL first      prints a line at the first answer and waits
// node bare.mjs PACKAGE MODEL loop N     runs N rows at batch 1, then N rows at batch 32, and prints CPU us a row and memory
import { readFileSync } from 'node:fs';

const [, , engine, file, mode, count] = process.argv;
const SHAPE = [30, 14];
const WARM_MS = 1_000;

const ort = await import(engine);
if (engine === 'onnxruntime-web') ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
const session = await ort.InferenceSession.create(readFileSync(file), { intraOpNumThreads: 1, interOpNumThreads: 1 });

async function run(rows) {
  const input = new ort.Tensor('float32', new Float32Array(rows * SHAPE[0] * SHAPE[1]).fill(0.5), [rows, ...SHAPE]);
  return (await session.run({ x: input }, ['y'])).y.data;
}

async function cpuPerRow(rows, total) {
  const warm = performance.now();
  while (performance.now() - warm < WARM_MS) await run(rows);
  const before = process.cpuUsage();
  for (let done = 0; done < total; done += rows) await run(rows);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / total;
}

await run(1);
process.stdout.write('{"event":"first"}\n');
if (mode === 'loop') {
  const batch1 = await cpuPerRow(1, Number(count));
  const batch32 = await cpuPerRow(32, Number(count));
  process.stdout.write(`${JSON.stringify({ event: 'done', batch1, batch32, rssBytes: process.memoryUsage.rss() })}\n`);
}
