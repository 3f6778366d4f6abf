import { describe, expect, it } from 'vitest';
import { childOf, Graph, importEdges, pathsOf, sourceGraph } from '../support/import-graph.ts';
import { typescriptFiles } from '../support/source-tree.ts';

/** What a reader can take in at a time: files and folders side by side, and imports on top of one another. */
const MOST_NODES = 20;
const MOST_FLOORS = 6;

const OUTBOX = 'src/storage/outbox';
const files = typescriptFiles(OUTBOX).filter((file) => file !== `${OUTBOX}/index.ts`);
const edges = importEdges(files);
const levels = pathsOf(files).filter((folder) => `${folder}/`.startsWith(`${OUTBOX}/`));

it('the outbox has levels at all, so that this guard can fail', () => {
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
