import { describe, expect, it } from 'vitest';
import { importEdges, pathsOf, sourceGraph } from '../support/import-graph.ts';
import { typescriptFiles } from '../support/source-tree.ts';

const files = typescriptFiles('src');
const edges = importEdges(files);

describe('imports, also those of types alone', () => {
  it('have no circle between files', () => {
    expect(sourceGraph(edges, (file) => file).circle()).toBeUndefined();
  });

  it.each(pathsOf(files))('have no circle between what lies in %s', (folder) => {
    const graph = sourceGraph(edges, (file) => childOf(folder, file));
    expect(graph.circle()).toBeUndefined();
  });
});

/** The file or folder directly below a folder that a path belongs to; undefined outside it. */
function childOf(folder: string, path: string): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined;
  return path.slice(folder.length + 1).split('/')[0];
}
