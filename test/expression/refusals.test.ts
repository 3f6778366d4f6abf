import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { compileCondition, type Variables } from '../../src/common/expression/index.ts';

const variables: Variables = { tags: 'map', decision: 'string', rig: { speed: 'number', mode: 'string' } };

function refusal(source: string, path?: string): EdgewrightError {
  try {
    compileCondition(source, variables, path);
  } catch (error) {
    if (error instanceof EdgewrightError) return error;
    throw error;
  }
  throw new Error(`${source} was taken`);
}

describe('a refusal says where and what to do', () => {
  it.each([
    ['rig.sped > 3', 'column 1: unknown member of rig sped', 'Did you mean speed?'],
    ['3 < tag.speed', 'column 5: unknown variable tag', 'Did you mean tags?'],
    ['rig.speed > 1 and rig.mode == "x"', 'column 15:', '&& for and'],
    ['rig.speed = 3', 'column 11:', 'Write =='],
    ['tags.speed >', 'column 13:', 'CEL'],
    ['', 'column 1:', 'CEL'],
    ['rig.speed > 1 &&\n  rig.sped > 2', 'line 2, column 3:', 'Did you mean speed?'],
    ['12345 < 1 || rig.speed == "fast"', 'column 14:', 'CEL'],
    ['rig > 3', 'column 1: rig is a group of values', 'rig.speed'],
    ['decision.length == 3', 'column 1: decision has no members', 'CEL'],
    ['rig.speed', 'gives number, not true or false', 'Compare'],
    ['tags.x == null', 'null is no value', 'has('],
    ['tags[0] > 1', 'named in quotes', 'tags["speed"]'],
    ['tags[decision] > 1', 'named in quotes', 'tags["speed"]'],
  ])('%s', (source, reason, hint) => {
    const error = refusal(source);
    expect(error.code).toBe('expression.invalid');
    expect(error.message).toContain(reason);
    expect(error.hint).toContain(hint);
  });

  it('and carries the place in the file it stands in', () => {
    expect(refusal('x', 'pipelines.rig.when')).toMatchObject({
      path: 'pipelines.rig.when',
      subject: 'pipelines.rig.when',
    });
  });
});

describe('what could run long is refused', () => {
  it.each([
    ['a loop', '[1, 2].exists(v, v > 1)'],
    ['a loop over members', 'tags.all(k, true)'],
    ['a binding', 'cel.bind(a, "x", cel.bind(b, a + a, b == a))'],
    ['a regular expression', 'decision.matches("(a+)+$")'],
    ['a function of CEL that is not needed', 'timestamp("2024-01-01T00:00:00Z") > timestamp("2023-01-01T00:00:00Z")'],
    ['a map', '{"a": 1}.a == 1'],
    ['bytes', 'b"a" == b"a"'],
    ['a prototype', 'tags.__proto__.x == 1'],
    ['a long text', `decision == "${'x'.repeat(5000)}"`],
    ['many nodes', `true${' && true'.repeat(400)}`],
    ['deep nesting', `${'('.repeat(50)}true${')'.repeat(50)}`],
    ['a long list', `1 in [${'1, '.repeat(200)}1]`],
  ])('%s', (_, source) => {
    expect(refusal(source).code).toBe('expression.invalid');
  });
});

it('compiles or refuses any text, and never fails otherwise', () => {
  const pieces = fc.constantFrom(
    ...[
      'tags',
      '.',
      'speed',
      '"',
      '[',
      ']',
      '(',
      ')',
      '1',
      '0x',
      '1e',
      '&&',
      '||',
      '!',
      '-',
      '?',
      ':',
      '==',
      ' ',
      'has',
    ],
    ...[
      'rig',
      'decision',
      '{',
      '}',
      ',',
      'b"',
      "'",
      '\\',
      '\n',
      '// x',
      'in',
      'true',
      'null',
      '__proto__',
      '1u',
      'abs',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      try {
        compileCondition(parts.join(''), variables)({ tags: { speed: 1 }, decision: 'x', rig: {} });
      } catch (error) {
        expect(error).toBeInstanceOf(EdgewrightError);
      }
    }),
    { numRuns: 2000 },
  );
});
