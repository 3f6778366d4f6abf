import * as z from 'zod';
import { parseDuration, parseSize } from './quantity.ts';

/** A duration in configuration (`30s`), milliseconds in the program. */
export const duration = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|min|h|d)$/, 'must be a duration such as 250ms, 30s, 5m, 72h or 7d')
    .transform((text) => parseDuration(text) ?? 0);

/** A size in configuration (`2GiB`), bytes in the program. */
export const size = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)$/, 'must be a size such as 64KiB, 512MiB or 2GiB')
    .transform((text) => parseSize(text) ?? 0);

/**
 * JSON Schema of a file as a person writes it, in draft 7, which every editor understands.
 *
 * @param leaveOut keywords of the program's own (`.meta({ ... })`) that nobody else needs to see
 */
export function jsonSchemaOf(schema: z.ZodType, leaveOut: readonly string[] = []): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const keyword of leaveOut) delete jsonSchema[keyword];
    },
  });
}
