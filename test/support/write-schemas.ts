import { writeFile } from 'node:fs/promises';
import { asyncApiDocument } from '../../src/common/protocol/index.ts';
import { orderJsonSchema, rootJsonSchema } from '../../src/common/trust/index.ts';
import { configJsonSchema } from '../../src/device/config/index.ts';
import { manifestJsonSchema } from '../../src/scoring/pipeline/index.ts';

/** Published files that are made from the code; a guard test holds each against what is written here. */
export const generated: Readonly<Record<string, () => unknown>> = {
  'src/common/protocol/asyncapi.json': asyncApiDocument,
  'src/common/trust/order.schema.json': orderJsonSchema,
  'src/common/trust/root.schema.json': rootJsonSchema,
  'device-config/config.schema.json': configJsonSchema,
  'models/manifest.schema.json': manifestJsonSchema,
};

export function rendered(path: string): string {
  return `${JSON.stringify(generated[path]?.(), null, 2)}\n`;
}

if (process.argv[1]?.endsWith('write-schemas.ts')) {
  await Promise.all(Object.keys(generated).map((path) => writeFile(path, rendered(path))));
}
