import { expect, it } from 'vitest';
import { splitFilter, topicMatches } from '../../src/common/link/index.ts';

it.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/b/c', 'a/b', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['+/b', 'a/b', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['#', '$SYS/uptime', false],
  ['+/uptime', '$SYS/uptime', false],
  ['$SYS/#', '$SYS/uptime', true],
  ['$share/group/a/+', 'a/b', true],
  ['$share/group/a/+', 'group/a', false],
  ['$share/group/$SYS/#', '$SYS/uptime', true],
  ['$share/group/#', '$SYS/uptime', false],
  ['$share/group//a', '/a', true],
  ['$queue/a/+', 'a/b', true],
  ['$queue/a/+', '$queue/a/b', false],
  ['$exclusive/a/+', 'a/b', true],
  ['$shared/a', '$shared/a', true],
  ['/+', '/a', true],
  ['+/+', '/a', true],
  ['+', '/a', false],
  ['#', '/a', true],
  ['A/b', 'a/b', false],
])('%s on %s: %s', (filter, topic, expected) => {
  expect(topicMatches(filter, topic)).toBe(expected);
});

it.each([
  ['a/b', '', 'a/b', false],
  ['$share/g/a/b', '$share/g/', 'a/b', true],
  ['$queue/a', '$queue/', 'a', true],
  ['$exclusive/a', '$exclusive/', 'a', false],
  ['$share/g', '', '$share/g', false],
  ['$SYS/a', '', '$SYS/a', false],
])('%s is split into "%s" and %s', (text, prefix, filter, shared) => {
  expect(splitFilter(text)).toEqual({ prefix, filter, shared });
});
