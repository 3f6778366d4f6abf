import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = 'examples';
const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
const links = Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target);

it('the README of the examples links to files that are there', () => {
  expect(links.length).toBeGreaterThan(4);
  expect(links.filter((target) => !existsSync(join(FOLDER, target)))).toEqual([]);
});

it('it links to each example', () => {
  // What the composition is made of is named there.
  const parts = new Set(['README.md', 'Dockerfile', 'mosquitto.conf']);
  const examples = readdirSync(FOLDER).filter((name) => !parts.has(name));
  expect(examples.filter((name) => !links.some((target) => target.split('/')[0] === name))).toEqual([]);
});

it('its commands name programs and files that are there', () => {
  const commands = text.split('\n').filter((line) => line.startsWith('    '));
  expect(commands.length).toBeGreaterThan(5);
  const files = commands.flatMap((line) => line.match(/\S+\.(mjs|py|txt|yaml|csv|json|sh)\b/g) ?? []);
  const places = ['.', FOLDER, join(FOLDER, 'scikit-learn')];
  expect(files.filter((file) => !places.some((place) => existsSync(join(place, file))))).toEqual([]);
});
