import { readFileSync } from 'node:fs';

const document = readFileSync('ARCHITECTURE.md', 'utf8');

/** Rows of the table below a heading, without its two head lines. */
function table(heading: string): string[][] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`ARCHITECTURE.md has no section "${heading}"`);
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** A room of `src`, as the document has it. */
export interface Room {
  readonly wing: string;
  readonly layer: number;
  /** First parts of the codes of its errors; whole codes that begin as those of another room. */
  readonly codes: readonly string[];
}

/** Rooms by name, as the document has them. `main.ts` is the room '' of the wing ''. */
export function roomTable(): Map<string, Room> {
  const rows = table('Layers').map(([layer = '', wing = '', room = '', codes = '']) => {
    const [name = ''] = names(room);
    return [
      name === 'main.ts' ? '' : name,
      { wing: names(wing)[0] ?? '', layer: Number(layer), codes: names(codes) },
    ] as const;
  });
  return new Map(rows);
}

/** For each wing the wings that it may import from, beside itself. */
export function wingTable(): Map<string, readonly string[]> {
  return new Map(table('Wings').map(([wing = '', imports = '']) => [names(wing)[0] ?? '', names(imports)]));
}

/** For each room that has folders in layers: these folders, from the lowest to the highest. Its own files stand above. */
export function folderTable(): Map<string, readonly string[]> {
  return new Map(
    table('Rooms within rooms').map(([room = '', folders = '']) => [names(room)[0] ?? '', names(folders)]),
  );
}

/** For each package the rooms that import it, as the document has it; 'any' where every room may. */
export function dependencyTable(): Map<string, readonly string[] | 'any'> {
  return new Map(
    table('Dependencies').map(([name, rooms = '']) => [
      names(name ?? '')[0] ?? '',
      rooms === 'any room' ? 'any' : names(rooms),
    ]),
  );
}
