import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { EdgewrightError, formatBytes, isMap, reasonOf } from '../core/index.ts';
import { configMissing, configTooLarge } from './errors.ts';
import type { Problem } from './problem.ts';

const MAX_BYTES = 1024 ** 2;
/** Enough for anchors that people write, few enough that a file cannot multiply itself. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 20;

/** A file's map of keys and values; undefined with problems where it has none. Throws where it cannot be read. */
export async function readYaml(file: string, problems: Problem[]): Promise<Record<string, unknown> | undefined> {
  const document = parseDocument(await readText(file), { prettyErrors: true, uniqueKeys: true, logLevel: 'error' });
  // A warning is a tag that means nothing here: `!important` as a password would be lost.
  const faults = [...document.errors, ...document.warnings]
    .slice(0, MAX_FAULTS)
    .map(({ message }) => unquoted(message));
  if (faults.length === 0) {
    try {
      const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      if (isMap(data)) return { ...data };
      faults.push('it is not a map of keys and values');
    } catch (error) {
      faults.push(unquoted(reasonOf(error)));
    }
  }
  problems.push(...[...new Set(faults)].map(notYaml));
  return undefined;
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) {
      throw configTooLarge(file, `has ${formatBytes(size)}, at most ${formatBytes(MAX_BYTES)} are read`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof EdgewrightError) throw error;
    throw configMissing(file, reasonOf(error), { cause: error });
  }
}

/** What and where, without what the parser quotes after a colon and below: it may be a password that wanted quotes. */
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
