import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layerTable } from '../support/architecture.ts';
import { groupBy, importsOf, resolveImport, roomOf, typescriptFiles } from '../support/source-tree.ts';

const layers = layerTable();
const files = typescriptFiles('src');

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const edges: Edge[] = files.flatMap((from) =>
  importsOf(from)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, typeOnly }) => ({ from, to: resolveImport(from, specifier), typeOnly })),
);

const between = edges.filter(({ from, to }) => roomOf(from) !== roomOf(to));
const layerOf = (path: string) => layers.get(roomOf(path) ?? '');
const shown = ({ from, to }: Edge) => `${from} -> ${to}`;

describe('rooms and their layers, as ARCHITECTURE.md has them', () => {
  it('are those of the source tree', () => {
    const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...layers.keys()].sort()).toEqual(['', ...rooms.map((entry) => entry.name)].sort());
  });

  it('import from lower layers only', () => {
    const upward = between.filter(({ from, to }) => (layerOf(to) ?? Infinity) >= (layerOf(from) ?? -1));
    expect(upward.map(shown)).toEqual([]);
  });

  it('are entered through their index.ts only', () => {
    const inside = between.filter(({ to }) => to !== `src/${roomOf(to)}/index.ts` && !to.endsWith('.json'));
    expect(inside.map(shown)).toEqual([]);
  });

  it('see imports at all, so that this guard can fail', () => {
    expect(between.length).toBeGreaterThan(30);
  });
});

describe('imports', () => {
  it('name files that are there', () => {
    const known = new Set(files);
    expect(edges.filter(({ to }) => to.endsWith('.ts') && !known.has(to)).map(shown)).toEqual([]);
  });

  it('have no cycle when the program runs', () => {
    expect(cycleIn(edges.filter(({ typeOnly }) => !typeOnly))).toBeUndefined();
  });
});

/** The files of one cycle, or undefined. */
function cycleIn(graph: readonly Edge[]): string[] | undefined {
  const next = groupBy(graph, ({ from }) => from);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const cycle = walk(to, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
