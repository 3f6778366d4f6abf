import { describe, expect, it } from 'vitest';
import { childOf, Graph, importEdges, pathsOf, sourceGraph } from '../support/import-graph.ts';
import { typescriptFiles } from '../support/source-tree.ts';

/** What a reader can take in at a time: files and folders side by side, and imports on top of one another. */
const MOST_NODES = 20;
const MOST_FLOORS = 6;

/** The rooms that are held to it; the room `features` is not: it has a file per feature. */
const ROOMS = ['storage/outbox', 'scoring/pipeline', 'scoring/windows', 'scoring/decision', 'scoring/sources'].map(
  (room) => `src/${room}`,
);
const files = ROOMS.flatMap((room) => typescriptFiles(room).filter((file) => file !== `${room}/index.ts`));
const edges = importEdges(files);
const levels = pathsOf(files).filter((folder) => ROOMS.some((room) => `${folder}/`.startsWith(`${room}/`)));

it('there are levels at all, so that this guard can fail', () => {
  expect(levels.length).toBeGreaterThan(3);
  expect(edges.length).toBeGreaterThan(100);
});

describe.each(levels)('the folder %s', (folder) => {
  const nameOf = (file: string) => childOf(folder, file);

  it(`has at most ${MOST_NODES} files and folders side by side`, () => {
    const nodes = new Set(files.map(nameOf).filter((name) => name !== undefined));
    expect([...nodes].slice(MOST_NODES)).toEqual([]);
  });

  it(`has at most ${MOST_FLOORS} floors of imports`, () => {
    expect(sourceGraph(edges, nameOf).floors).toBeLessThanOrEqual(MOST_FLOORS);
  });
});

describe('floors', () => {
  const floorsOf = (...arrows: readonly (readonly [from: string, to: string])[]) =>
    sourceGraph(
      arrows.map(([from, to]) => ({ from, to })),
      (file) => file,
    ).floors;

  it('are the nodes on the longest way', () => {
    expect(floorsOf(['a', 'b'], ['b', 'c'], ['a', 'c'], ['d', 'c'])).toBe(3);
  });

  it('are none without imports, and endless in a circle', () => {
    expect(new Graph(new Map()).floors).toBe(0);
    expect(floorsOf(['a', 'b'], ['b', 'a'])).toBe(Number.POSITIVE_INFINITY);
  });
});
