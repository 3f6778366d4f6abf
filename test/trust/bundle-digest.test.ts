import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundleDigest, type FileDigest } from '../../src/common/trust/index.ts';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly digest: string;
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('fixtures/digests.json', import.meta.url), 'utf8'));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function digests(files: Readonly<Record<string, string>>): FileDigest[] {
  return Object.entries(files).map(([name, text]) => ({ name, sha256: sha256(text) }));
}

describe.each(cases)('as the reference implementation signs $name', ({ files, digest }) => {
  it('in any order of listing', () => {
    expect(bundleDigest(digests(files))).toBe(digest);
    expect(bundleDigest(digests(files).reverse())).toBe(digest);
  });
});

const files = digests({ 'manifest.json': '{}', 'model.onnx': 'x' });

it('does not cover the signature', () => {
  expect(bundleDigest([...files, { name: 'model.sig', sha256: sha256('s') }])).toBe(bundleDigest(files));
});

it('changes with the content of any file, and with one file more', () => {
  const [first, second] = digests({ 'manifest.json': '{}', 'model.onnx': 'y' });
  const others = [
    [files[0], second],
    [...files, { name: 'extra', sha256: sha256('') }],
    [first, second],
  ].map((list) => bundleDigest(list.flatMap((file) => file ?? [])));
  expect(others).not.toContain(bundleDigest(files));
});

it('leaves the order of its argument alone', () => {
  const given = [...files].reverse();
  bundleDigest(given);
  expect(given).toEqual([...files].reverse());
});

it.each([
  ['nothing', []],
  ['nothing but the signature', [{ name: 'model.sig', sha256: sha256('') }]],
  ['one name twice', [...files, { name: 'model.onnx', sha256: sha256('z') }]],
  ['a path that leaves the bundle', [{ name: '../key.pem', sha256: sha256('') }]],
  ['an absolute path', [{ name: '/etc/passwd', sha256: sha256('') }]],
  ['an empty name', [{ name: '', sha256: sha256('') }]],
  ['a backslash', [{ name: 'a\\b', sha256: sha256('') }]],
  ['a NUL', [{ name: 'a\0b', sha256: sha256('') }]],
  ['a lone surrogate', [{ name: 'a\ud800', sha256: sha256('') }]],
  ['a digest that is none', [{ name: 'a', sha256: 'ABC' }]],
] as [string, FileDigest[]][])('refuses %s', (_, list) => {
  expect(() => bundleDigest(list)).toThrow(expect.objectContaining({ code: 'trust.digest-invalid' }));
});
