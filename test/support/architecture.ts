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

/** Layer of each room, as the document has it. `main.ts` is the room ''. */
export function layerTable(): Map<string, number> {
  const rows = table('Layers').map(([layer, room]) => [names(room ?? '')[0] ?? '', Number(layer)] as const);
  return new Map(rows.map(([room, layer]) => [room === 'main.ts' ? '' : room, layer]));
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
