import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dependencyTable } from '../support/architecture.ts';
import { groupBy, importsOf, packageOf, roomOf, typescriptFiles } from '../support/source-tree.ts';

const documented = dependencyTable();
const manifest: { dependencies: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));

const uses = typescriptFiles('src').flatMap((file) =>
  importsOf(file).flatMap(({ specifier }) => {
    const name = packageOf(specifier);
    return name === undefined ? [] : [{ file, room: roomOf(file) ?? '', name }];
  }),
);

it('the table of ARCHITECTURE.md holds the packages that package.json has, with a reason each', () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

it('each package is imported where the table says, and nowhere else', () => {
  const rooms = groupBy(uses, ({ name }) => name);
  for (const [name, expected] of documented) {
    const actual = [...new Set(rooms.get(name)?.map(({ room }) => room))].sort();
    expect({ name, rooms: expected === 'any' ? 'any' : actual }).toEqual({ name, rooms: expected });
  }
});

it('nothing is imported that a fresh install would not bring', () => {
  expect(uses.filter(({ name }) => manifest.dependencies[name] === undefined)).toEqual([]);
});

it.each([
  ['better-sqlite3', 'store'],
  ['mqtt', 'link'],
  ['onnxruntime-web', 'inference'],
])('%s is imported by %s alone', (name, room) => {
  expect([...new Set(uses.filter((use) => use.name === name).map((use) => use.room))]).toEqual([room]);
});
