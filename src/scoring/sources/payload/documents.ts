import { MAX_TOLD, type Recovered, recover } from './recover.ts';
import type { Text } from './text.ts';

const BLANK = 0x20;
const NOTHING: Recovered = Object.freeze({ documents: [], broken: [] });
/** How a line ends whose document goes on. */
const OPEN_ENDS: ReadonlySet<string> = new Set([',', ':', '[', '{']);
/** What RFC 7464 puts before each text. */
const SEPARATOR = '\x1e';

/**
 * Reads the JSON documents of a message: mostly one, which is parsed as it is. What JSON refuses is read as far as it is
 * beyond doubt; `broken` names the rest.
 */
export function readDocuments({ text, damaged }: Text): Recovered {
  if (!damaged) {
    const whole = parse(text);
    if (whole !== undefined) return whole;
  }
  const content = trimmed(text);
  if (content === '') return { documents: [], broken: ['nothing is in it'] };
  const lines = content.replaceAll(SEPARATOR, '\n').split(/\r\n|[\n\r]/);
  const full = lines.filter((line) => line.trim() !== '');
  if (full.length < 2 || !full.every(isDocument))
    return (damaged ? undefined : parse(content)) ?? recover(content, damaged);
  return readLines(lines, damaged);
}

/** Reads a document a line: from the first line on that JSON refuses without asking it, since its errors are dear. */
function readLines(lines: readonly string[], damaged: boolean): Recovered {
  let refused = damaged;
  const read = lines.map((line) => {
    if (line.trim() === '') return NOTHING;
    const parsed = refused ? undefined : parse(line);
    refused ||= parsed === undefined;
    return parsed ?? recover(line, damaged);
  });
  const broken = read.flatMap((one, index) => one.broken.map((place) => `line ${index + 1}, ${place}`));
  const more = broken.length - MAX_TOLD;
  return {
    documents: read.flatMap(({ documents }) => documents),
    broken: more > 0 ? [...broken.slice(0, MAX_TOLD), `${more} more places`] : broken,
  };
}

/** Whether a line may be a document by itself, and not a part of one that goes over several lines. */
function isDocument(line: string): boolean {
  return /^[{[]/.test(line) && !OPEN_ENDS.has(line.trimEnd().at(-1) ?? '');
}

function parse(text: string): Recovered | undefined {
  try {
    return { documents: [{ content: JSON.parse(text), whole: true }], broken: [] };
  } catch {
    return undefined;
  }
}

/** Cuts off what C and fixed lengths leave at the end: NUL, blanks, and the ends of lines. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= BLANK) end -= 1;
  return text.slice(0, end);
}
