import { BlobStore } from '../../src/storage/blobs/index.ts';
import { described, noise, silent } from '../support/noise.ts';

/** Writes a blob into the folder that it is given, and says of each block that it is written. */
const BLOCK = 16 * 1024;
const content = noise(64 * BLOCK);
const { file } = described(content, BLOCK);
const store = await BlobStore.open({ path: process.argv[2] ?? '', max: 2 ** 30, freeFloor: 0, logger: silent });
const part = await store.part(file);
for (let i = 0; i < 64; i += 1) {
  await part.write(i * BLOCK, content.subarray(i * BLOCK, (i + 1) * BLOCK));
  console.log(`written ${i}`);
}
await part.finish();
console.log('finished');
await part.close();
setInterval(() => undefined, 1_000);
