import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { roomTable } from '../support/architecture.ts';
import { declaredErrors, declaredProblems, errorCatalogue, prefixOf } from '../support/error-catalogue.ts';
import { typescriptFiles } from '../support/source-tree.ts';

const errors = declaredErrors();
const rooms = roomTable();
const codesInTable = [...rooms.values()].flatMap(({ codes }) => codes);
/** Codes that the table names whole: their declaration moved to another room, and codes stay. */
const movedCodes = codesInTable.filter((code) => code.includes('.'));

it('ERRORS.md documents each code, and each code that it documents is real', () => {
  expect(readFileSync('ERRORS.md', 'utf8')).toBe(errorCatalogue());
});

it('each code begins as ARCHITECTURE.md says of the room that declares it, in an errors.ts', () => {
  const moved = new Set(movedCodes);
  const stray = errors.filter(
    ({ code, room, file }) =>
      !/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/.test(code) ||
      !rooms.get(room)?.codes.includes(moved.has(code) ? code : prefixOf(code)) ||
      !file.endsWith('/errors.ts'),
  );
  expect(stray).toEqual([]);
});

it('no two rooms share the beginning of their codes, and each beginning has codes', () => {
  const prefixes = codesInTable.filter((code) => !code.includes('.'));
  expect(prefixes.toSorted()).toEqual([...new Set(errors.map(({ code }) => prefixOf(code)))].sort());
});

it('a code that the table names whole is declared there, and begins as those of another room', () => {
  const declared = errors.filter(({ code, room }) => !rooms.get(room)?.codes.includes(prefixOf(code)));
  expect(declared.map(({ code }) => code).toSorted()).toEqual(movedCodes.toSorted());
});

it('each problem that check finds has a code of the same form, and none that an error has', () => {
  const codes = new Set(errors.map(({ code }) => code));
  const stray = declaredProblems().filter(
    ({ code }) => !/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/.test(code) || codes.has(code),
  );
  expect(stray).toEqual([]);
  expect(declaredProblems().length).toBeGreaterThan(3);
});

it('no code is declared twice', () => {
  const codes = errors.map(({ code }) => code);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});

it('each hint is a sentence that says what to do', () => {
  expect(errors.filter(({ hint }) => hint.length < 20 || !/[.)]$/.test(hint))).toEqual([]);
});

it('each declared error is used', () => {
  const sources = typescriptFiles('src').map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  const unused = errors.filter(
    ({ name, file }) =>
      !sources.some((source) => source.file !== file && new RegExp(`\\b${name}\\b`).test(source.text)),
  );
  expect(unused.map(({ code }) => code)).toEqual([]);
});
