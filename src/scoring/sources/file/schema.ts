import * as z from 'zod';
import { duration, real, size } from '../../../common/core/index.ts';
import { speedSchema } from '../pacer.ts';
import { payloadKeys } from '../payload/schema.ts';
import { checkShape, shapeKeys, withUnit } from '../shapes/catalogue.ts';
import { instant, timeKeys } from '../time.ts';

const period = (text: string) => duration({ least: '0.000001ms', most: '366d' }).describe(text);
const origin = instant().prefault('2000-01-01T00:00:00Z').describe('Event time of count or row 0.');

const timeSchema = z
  .strictObject({
    column: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(4)])
      .optional()
      .describe(
        'Column that holds the time, or a count; several are put together with blanks, such as [Date, Time]. Without it rows come at a fixed rate.',
      ),
    ...timeKeys,
    period: period('Time between two counts or rows; with it a column is a count (cycles) and not a time.').optional(),
    origin,
  })
  .prefault({});

const tabularKeys = {
  columns: z
    .array(z.string().min(1))
    .min(1)
    .max(10_000)
    .optional()
    .describe('Names of the columns in order, for files without a header; of csv files.'),
  header: z
    .boolean()
    .optional()
    .describe('Whether the first row is a header; by default where no columns are declared.'),
  separator: z
    .union([z.enum(['tab', 'whitespace']), z.string().length(1)])
    .optional()
    .describe(
      'Between columns: a character, tab, or whitespace (any run of blanks); whitespace in wide files and a comma in others where absent.',
    ),
  decimal: z.enum(['.', ',']).default('.').describe('Decimal mark.'),
  thousands: z
    .enum(['.', ',', "'", ' ', '\u00A0', '\u202F', '\u2019'])
    .optional()
    .describe('Mark between groups of three digits; a number with one is none where it is not declared.'),
  missing: z
    .array(z.union([z.string().max(64), real()]))
    .max(64)
    .optional()
    .describe('What stands in a cell without a value, such as [n/a, -9999]; an empty cell has none in any case.'),
  skip: z.int().min(0).max(10_000).optional().describe('Lines before the header, or before the first row.'),
  unitRows: z.int().min(0).max(100).optional().describe('Rows under the header that hold no values, such as units.'),
  comment: z.string().min(1).max(8).optional().describe('What begins a line that is no row, such as #.'),
};

const wideTag = z.strictObject({
  tag: z.string().min(1).describe('Name of the tag and of its file.'),
  rate: z.number().positive().max(1e6).describe('Samples a second; the columns of a row must fit it.'),
});

/** Configuration of a source of type file. */
export const fileSchema = z
  .strictObject({
    type: z.literal('file').describe('Recorded readings from files.'),
    path: z.string().min(1).describe('A file, or a folder of files that are read in name order.'),
    use: z.enum(['run', 'replay', 'both']).default('both').describe('Which command opens it: run, replay or both.'),
    match: z.string().min(1).optional().describe('Files of the folder that are read, such as day-*.csv.gz.'),
    format: z
      .enum(['auto', 'csv', 'jsonl', 'wide', 'f32', 'wav'])
      .default('auto')
      .describe(
        'csv, jsonl; wide: a folder with one file a tag, one cycle a row; f32 (little-endian float32) or wav: samples at a rate, one channel a tag. auto goes by the name.',
      ),
    ...tabularKeys,
    asset: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the asset, with {column} and {file} (name without endings) filled in; {file} where absent.'),
    tags: z
      .array(z.union([z.string().min(1), wideTag]))
      .min(1)
      .max(256)
      .optional()
      .describe(
        'Columns that are tags; all but those of time and asset where absent. Of wide, f32 and wav: the tags or channels in order.',
      ),
    rate: z
      .number()
      .positive()
      .max(1e6)
      .optional()
      .describe('Samples a second of f32 and wav files; a wav that says another is refused.'),
    rates: z
      .record(z.string().min(1), z.number().positive().max(1e6))
      .optional()
      .describe('Samples a second by pattern of the file name, where some recordings have another rate.'),
    constants: z
      .record(z.string().min(1), real())
      .optional()
      .describe('Values that each reading has besides: what the recording does not hold and never changes.'),
    time: timeSchema.describe(
      'Where event time comes from; a csv file needs a column or a period, a wide one a period.',
    ),
    paths: payloadKeys.paths,
    ...shapeKeys,
    speed: speedSchema,
    encoding: z
      .enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'latin1'])
      .optional()
      .describe(
        'Encoding of text files; UTF-8 where absent, or UTF-16 where the file begins with its mark. latin1 is read as windows-1252, which has more characters.',
      ),
    maxLine: size({ most: '256MiB' }).prefault('1MiB').describe('Longest line; a longer one is counted and left out.'),
  })
  .overwrite(withUnit)
  .superRefine((config, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    checkShape(config, issue);
    if (config.shape !== undefined && config.format !== 'auto' && config.format !== 'jsonl') {
      issue('shape', 'is for lines that are messages (format: jsonl)');
    }
    if (config.format === 'wide') {
      if (config.tags === undefined) issue('tags', 'a wide layout needs its tags');
      if (config.time.period === undefined || config.time.column !== undefined) {
        issue('time', 'a wide layout needs the period of a row and no column (time: {period: 60s})');
      }
      if (/\{(?!file\})/.test(config.asset ?? '')) issue('asset', 'a wide layout has no columns to fill in');
    } else if (config.tags?.some((tag) => typeof tag !== 'string')) {
      issue('tags', 'only a wide layout has rates of tags');
    }
    if (config.format === 'f32' || config.format === 'wav') checkSignal(config, issue);
    else if ((config.rate ?? config.rates) !== undefined && config.format !== 'auto') {
      issue('rate', 'only a recorded signal (f32, wav) has a rate');
    }
    if (config.thousands === config.decimal) issue('thousands', 'the decimal mark cannot stand between thousands, too');
    if (config.time.period !== undefined && (config.time.format ?? config.time.zone) !== undefined) {
      issue('time', 'a count (period) has neither format nor zone');
    }
    if (config.time.period !== undefined && Array.isArray(config.time.column)) {
      issue('time', 'a count (period) is one column');
    }
    if (config.format === 'csv' && config.time.column === undefined && config.time.period === undefined) {
      issue('time', 'a csv file needs the column of its time, or the period of its rows');
    }
  });

/** The same, parsed: durations in ms, sizes in bytes. */
export type FileConfig = z.output<typeof fileSchema>;

function checkSignal(
  { format, tags, rate, rates, time, asset = '' }: FileConfig,
  issue: (path: string, message: string) => void,
): void {
  if (tags === undefined) issue('tags', 'a recorded signal needs the names of its channels');
  if (format === 'f32' && rate === undefined && rates === undefined) issue('rate', 'a raw file does not say its rate');
  if (time.column !== undefined || time.period !== undefined) {
    issue('time', 'a recorded signal has its time from its rate (time: {origin} alone)');
  }
  if (/\{(?!file\})/.test(asset)) issue('asset', 'a recorded signal has no columns to fill in');
}
