import * as z from 'zod';
import { parseDuration, parseSize } from './quantity.ts';

/** The least and the most that may stand in a configuration, as a person writes it there; both are inclusive. */
export interface Bounds {
  readonly least?: string;
  readonly most: string;
}

/** A duration in configuration (`30s`), milliseconds in the program. Its JSON Schema says its bounds in words. */
export const duration = (bounds: Bounds) =>
  quantity(/^\d+(\.\d+)?\s*(ms|s|m|min|h|d)$/, 'a duration such as 250ms, 30s, 5m, 72h or 7d', parseDuration, bounds);

/** A size in configuration (`2GiB`), bytes in the program. Its JSON Schema says its bounds in words. */
export const size = (bounds: Bounds) =>
  quantity(/^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)$/, 'a size such as 64KiB, 512MiB or 2GiB', parseSize, bounds);

function quantity(
  form: RegExp,
  what: string,
  parse: (text: string) => number | undefined,
  { least, most }: Bounds,
): z.ZodType<number, string> {
  const read = (text: string) => parse(text) ?? 0;
  return z
    .string()
    .regex(form, { error: `must be ${what}`, abort: true })
    .refine((text) => least === undefined || read(text) >= read(least), `must be at least ${least}`)
    .refine((text) => read(text) <= read(most), `must be at most ${most}`)
    .meta({ [BOUNDS]: least === undefined ? `At most ${most}.` : `${least} to ${most}.` })
    .transform(read);
}

/** The keyword under which the bounds of a quantity wait for its description. */
const BOUNDS = 'bounds';

/** The greatest 32-bit float, beyond which a model has no numbers. */
const MOST_REAL = 3.4028234663852886e38;

/** A real number of which nothing is known but that a model can be given it. */
export const real = () => z.number().min(-MOST_REAL).max(MOST_REAL);
/** A real number above zero of which nothing else is known. */
export const positiveReal = () => z.number().positive().max(MOST_REAL);

/** The longest time, in ms, that a timer of Node can wait: a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * JSON Schema of a file as a person writes it, in draft 7, which every editor understands.
 *
 * @param leaveOut keywords of the program's own (`.meta({ ... })`) that nobody else needs to see
 */
export function jsonSchemaOf(schema: z.ZodType, leaveOut: readonly string[] = []): Record<string, unknown> {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const keyword of leaveOut) delete jsonSchema[keyword];
    },
  });
  tellBounds(made);
  return made;
}

/** Moves the bounds of every quantity to the end of its description: no keyword of draft 7 could say them of a text. */
function tellBounds(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Record<string, unknown>;
  const bounds = schema[BOUNDS];
  if (typeof bounds === 'string') {
    const { description } = schema;
    schema['description'] = description === undefined ? bounds : `${description} ${bounds}`;
    delete schema[BOUNDS];
  }
  for (const child of Object.values(schema)) tellBounds(child);
}
