import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderTable, roomTable, wingTable } from '../support/architecture.ts';
import { type Edge, importEdges, shown } from '../support/import-graph.ts';
import { roomOf, typescriptFiles, wingOf } from '../support/source-tree.ts';

const rooms = roomTable();
const wings = wingTable();
const files = typescriptFiles('src');
const edges = importEdges(files);
const between = edges.filter(({ from, to }) => roomOf(from) !== roomOf(to));
const layerOf = (path: string) => rooms.get(roomOf(path) ?? '')?.layer;
const foldersOf = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('wings, as ARCHITECTURE.md has them', () => {
  it('are the folders of src', () => {
    expect([...wings.keys()].sort()).toEqual(foldersOf('src'));
  });

  it('import from the wings that the table names, and from no other', () => {
    const stray = edges.filter(({ from, to }) => {
      const [wing, target] = [wingOf(from), wingOf(to)];
      return wing !== undefined && wing !== target && !wings.get(wing)?.includes(target ?? '');
    });
    expect(stray.map(shown)).toEqual([]);
  });

  it('need each wing that the table lets them import from', () => {
    const used = new Set(edges.map(({ from, to }) => `${wingOf(from)} -> ${wingOf(to)}`));
    const idle = [...wings].flatMap(([wing, targets]) => targets.map((target) => `${wing} -> ${target}`));
    expect(idle.filter((arrow) => !used.has(arrow))).toEqual([]);
  });
});

describe('rooms and their layers, as ARCHITECTURE.md has them', () => {
  it('are those of the source tree, each in its wing', () => {
    const found = foldersOf('src').flatMap((wing) => foldersOf(`src/${wing}`).map((room) => `${wing}/${room}`));
    const documented = [...rooms].flatMap(([room, { wing }]) => (room === '' ? [] : [`${wing}/${room}`]));
    expect(documented.sort()).toEqual(found.sort());
  });

  it('import from lower layers only', () => {
    const upward = between.filter(({ from, to }) => (layerOf(to) ?? Infinity) >= (layerOf(from) ?? -1));
    expect(upward.map(shown)).toEqual([]);
  });

  it('are entered through their index.ts only', () => {
    const inside = between.filter(
      ({ to }) => to !== `src/${wingOf(to)}/${roomOf(to)}/index.ts` && !to.endsWith('.json'),
    );
    expect(inside.map(shown)).toEqual([]);
  });

  it('see imports at all, so that this guard can fail', () => {
    expect(between.length).toBeGreaterThan(30);
  });
});

describe.each([...folderTable()])('the room or folder %s', (name, folders) => {
  const path = `src/${rooms.get(name.split('/')[0] ?? '')?.wing}/${name}`;
  /** Place of a file's folder; the files beside the folders stand above them all. */
  const heightOf = (file: string) => {
    const [folder = '', rest] = posix.relative(path, file).split('/');
    return rest === undefined ? folders.length : folders.indexOf(folder);
  };
  const inside = ({ from, to }: Edge) => from.startsWith(`${path}/`) && to.startsWith(`${path}/`);

  it('has the folders that ARCHITECTURE.md names', () => {
    expect(foldersOf(path)).toEqual(folders.toSorted());
  });

  it('has folders that import only from those below', () => {
    const upward = edges.filter(inside).filter(({ from, to }) => heightOf(from) < heightOf(to));
    expect(upward.map(shown)).toEqual([]);
  });
});

it('imports name files that are there', () => {
  const known = new Set(files);
  expect(edges.filter(({ to }) => to.endsWith('.ts') && !known.has(to)).map(shown)).toEqual([]);
});
