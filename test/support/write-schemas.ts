import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '../../src/config/index.ts';
import { manifestJsonSchema } from '../../src/pipeline/index.ts';
import { asyncApiDocument } from '../../src/protocol/index.ts';

/** Published files that are made from the code; a guard test holds each against what is written here. */
export const generated: Readonly<Record<string, () => unknown>> = {
  'src/protocol/asyncapi.json': asyncApiDocument,
  'device-config/config.schema.json': configJsonSchema,
  'models/manifest.schema.json': manifestJsonSchema,
};

export function rendered(path: string): string {
  return `${JSON.stringify(generated[path]?.(), null, 2)}\n`;
}

if (process.argv[1]?.endsWith('write-schemas.ts')) {
  await Promise.all(Object.keys(generated).map((path) => writeFile(path, rendered(path))));
}
