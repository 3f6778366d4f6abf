import { isWellFormed } from '../../../common/core/index.ts';
import { splitFilter } from '../../../common/link/index.ts';

/** The names in a topic, which hold for the readings of its messages. All messages of the topic share it. */
export interface TopicNames {
  /** Empty where the level is. */
  readonly asset: string | undefined;
  readonly tag: string | undefined;
  /** The other names of the template. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** The most characters of a topic: its names are kept of each asset, and of each topic that is remembered. */
const MAX_TOPIC = 1_024;
/** The most topics whose names are remembered; others are parsed again. */
const MAX_CACHED = 20_000;
const NAME = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/** Says what is wrong with a template; undefined when nothing is. */
export function templateProblem(text: string): string | undefined {
  if (!isWellFormed(text)) return 'half a surrogate pair is no text that a broker takes';
  const { prefix, filter: template } = splitFilter(text);
  const problem = prefixProblem(text, prefix);
  if (problem !== undefined) return problem;
  if (template === '') return `"${text}": no topics after "${prefix}"`;
  const names = Array.from(template.matchAll(NAME), (match) => match[1]);
  if (new Set(names).size !== names.length) return 'names in braces must differ';
  const levels = template.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#' && index === levels.length - 1) continue;
    const bare = level.replace(NAME, '');
    if (/[{}]/.test(bare)) return `"${level}" is not a name in braces`;
    if (/[+#\0]/.test(bare) && bare !== '+')
      return `"${level}": use a name in braces, + as a whole level, or # at the end`;
    if (bare === '+' && level !== '+') return `"${level}": + stands for a whole level`;
    if ((level.match(NAME)?.length ?? 0) > 1) return `"${level}": one name a level`;
    if (index === 0 && level.startsWith('$') && level !== bare)
      return `"${level}": a broker gives no topics that begin with $ for a name there; write the level out`;
  }
  return undefined;
}

function prefixProblem(text: string, prefix: string): string | undefined {
  const [first, group] = text.split('/');
  if (first !== '$share') return /^\$(queue|exclusive)$/.test(text) ? `"${text}": no topics after it` : undefined;
  if (prefix === '') return `"${text}": write $share/GROUP/ before the topics`;
  if (group === '') return `"${text}": the group of $share/GROUP/ has no name`;
  if (/[+#{}\0]/.test(group ?? ''))
    return `"${group}": the group of $share/GROUP/ is plain text without +, # and braces`;
  return undefined;
}

/** A template of topics: gives the filter to subscribe to, and the names in a topic that came. */
export class TopicTemplate {
  /** What the broker is asked for, with `$share/GROUP/` where the template has it. */
  readonly filter: string;
  readonly #pattern: RegExp;
  readonly #names: readonly string[];
  readonly #cache = new Map<string, TopicNames | undefined>();

  constructor(text: string) {
    // A broker delivers shared topics without the prefix that they were asked for with.
    const { prefix, filter: template } = splitFilter(text);
    const levels = template.split('/');
    this.#names = Array.from(template.matchAll(NAME), (match) => match[1] ?? '');
    this.filter = prefix + levels.map((level) => (level.match(NAME) === null ? level : '+')).join('/');
    const open = levels.at(-1) === '#';
    const pattern = (open ? levels.slice(0, -1) : levels).map(levelPattern).join('/');
    // `a/#` takes `a` itself too.
    const rest = open ? (levels.length === 1 ? '.*' : '(?:/.*)?') : '';
    // Wildcards in the first level do not reach topics that begin with $.
    const own = template.startsWith('$') ? '' : '(?!\\$)';
    this.#pattern = new RegExp(`^${own}${pattern}${rest}$`, 's');
  }

  /** Number of topics that are remembered. */
  get remembered(): number {
    return this.#cache.size;
  }

  /** Finds the names in a topic; undefined where it does not fit. */
  match(topic: string): TopicNames | undefined {
    if (topic.length > MAX_TOPIC) return undefined;
    const known = this.#cache.get(topic);
    if (known !== undefined || this.#cache.has(topic)) return known;
    const names = this.#parse(topic);
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(topic, names);
    return names;
  }

  #parse(topic: string): TopicNames | undefined {
    const match = this.#pattern.exec(topic);
    if (match === null) return undefined;
    const values = new Map(this.#names.map((name, index) => [name, match[index + 1] ?? '']));
    const asset = values.get('asset');
    const tag = values.get('tag');
    values.delete('asset');
    values.delete('tag');
    return { asset, tag, attributes: values.size === 0 ? undefined : Object.freeze(Object.fromEntries(values)) };
  }
}

function levelPattern(level: string): string {
  if (level === '+') return '[^/]*';
  const [before = '', name, after = ''] = level.split(/\{([^}]*)\}/);
  return name === undefined ? escapeRegExp(level) : `${escapeRegExp(before)}([^/]*)${escapeRegExp(after)}`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
