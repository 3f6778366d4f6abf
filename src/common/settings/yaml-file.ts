import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { EdgewrightError, formatBytes, isMap, readText as readTextFile, reasonOf } from '../core/index.ts';
import { configMissing, configTooLarge } from './errors.ts';
import type { Problem } from './problem.ts';

const MAX_BYTES = 1024 ** 2;
/** Uses of anchors: enough for what people write, too few for a file to multiply itself. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 20;

/**
 * Reads a file of YAML 1.2 that is a map of keys and values.
 *
 * @param problems gets a `config.not-yaml` with line and column for each fault; there are no data then
 * @throws `config.missing` or `config.too-large` where the file cannot be read
 */
export async function readYaml(
  file: string,
  problems: Problem[],
): Promise<{ data: Record<string, unknown> | undefined; text: string }> {
  const text = await readText(file);
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'error' });
  // A warning is about a tag that means nothing here: `!important` as a password would be lost.
  const faults = [...document.errors, ...document.warnings]
    .slice(0, MAX_FAULTS)
    .map(({ message }) => unquoted(message));
  if (faults.length === 0) {
    try {
      const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      if (isMap(data)) return { data: { ...data }, text };
      faults.push('it is not a map of keys and values');
    } catch (error) {
      faults.push(unquoted(reasonOf(error)));
    }
  }
  problems.push(...[...new Set(faults)].map(notYaml));
  return { data: undefined, text };
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) {
      throw configTooLarge(file, `has ${formatBytes(size)}, at most ${formatBytes(MAX_BYTES)} are read`);
    }
    const read = readTextFile(await readFile(file));
    if ('text' in read) return read.text;
    throw configMissing(file, read.problem, { hint: 'Save it as text in UTF-8.' });
  } catch (error) {
    if (error instanceof EdgewrightError) throw error;
    throw configMissing(file, reasonOf(error), { cause: error });
  }
}

/**
 * Keeps what is wrong and where, without what the parser quotes after a colon and below: it may be a password that
 * wanted quotes.
 */
function unquoted(message: string): string {
  const [what = ''] = message.split(/:|\n| at line/);
  const [where = ''] = / at line \d+, column \d+/.exec(message) ?? [];
  return what + where;
}

function notYaml(fault: string): Problem {
  return {
    severity: 'error',
    path: '',
    code: 'config.not-yaml',
    message: `the file is not good YAML: ${fault}`,
    hint: 'Mend it at the place named; `key: value` a line, indented by blanks, text with : # @ * or & in quotes.',
  };
}
