import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface PageLink {
  /** As written: `../ERRORS.md#cli`. */
  readonly target: string;
  readonly title: string | undefined;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Paths of the Markdown pages of a folder, or of all below it, with `/`, sorted. */
export function markdownFiles(folder: string, recursive = true): string[] {
  return readdirSync(folder, { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'))
    .sort();
}

const withoutFences = (text: string) => text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '');

/** What a page links to; code is left out. */
export function linksOf(text: string): PageLink[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)(?:\s+"([^"]*)")?\)/g)].map(([, target = '', title]) => ({ target, title }));
}

/** Links of a page below `root` that lead to no file there, or to no heading of it. Addresses on the web are not asked. */
export function brokenLinks(page: string, text = readFileSync(page, 'utf8'), root = '.'): string[] {
  return linksOf(text)
    .map(({ target }) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target, text, root));
}

function leadsSomewhere(page: string, target: string, text: string, root: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : posix.join(posix.dirname(page), path);
  const isInside = !posix.relative(root, file).startsWith('..');
  if (path !== '' && !(isInside && existsSync(file))) return false;
  if (anchor === undefined) return true;
  return anchorsOf(path === '' ? text : readFileSync(file, 'utf8')).has(anchor);
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const counts = new Map<string, number>();
  const headings = [...withoutFences(text).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => heading);
  const anchors = headings.map((heading) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}

/** How many words a page has; drawings and bare signs are none. */
export function wordsOf(text: string): number {
  return text.match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0;
}

export function withoutTables(text: string): string {
  return text.replaceAll(/^\|.*$/gm, '');
}

/** Every table of a page, cells without blanks around them. */
export function tablesOf(text: string): Table[] {
  return [...text.matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) => {
    const [header = [], , ...rows] = table.trim().split('\n').map(cellsOf);
    return { header, rows };
  });
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}
