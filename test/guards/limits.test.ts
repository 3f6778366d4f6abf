import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constantOf } from '../support/constants.ts';
import { tablesOf } from '../support/markdown.ts';

const tables = tablesOf(readFileSync('docs/limits.md', 'utf8'));
const rowsUnder = (column: string) => tables.flatMap(({ header, rows }) => (header.includes(column) ? rows : []));

/** What a number with this unit is in ms, bytes or as a share; anything else counts things. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1e3, min: 60e3, h: 3600e3 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  '%': 0.01,
};

/** `1,024`, `64 KiB`, `1.5 s`, `100 records` as a number. */
function quantity(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+(?:\.\d+)?)(?: (\S+))?/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1);
}

/** `file.ts` `NAME`, and the unit of the constant where it is not ms, bytes or a number. */
function heldBy(cell: string): number {
  const [, file = '', name = '', unit = ''] = /^`([^`]+)` `([^`]+)`(?: \((\w+)\))?$/.exec(cell) ?? [];
  return constantOf(file, name) * (UNITS[unit] ?? 1);
}

describe('bounds of the program', () => {
  const bounds = rowsUnder('Held by').map(([what = '', bound = '', , holder = '']) => ({ what, bound, holder }));

  it.each(bounds)('$what: $bound, held by $holder', ({ bound, holder }) => {
    expect(quantity(bound)).toBe(heldBy(holder));
  });

  it('are seen at all, so that this guard can fail', () => {
    expect(bounds.length).toBeGreaterThanOrEqual(25);
    expect(bounds.filter(({ what, bound }) => what === '' || !/^\d/.test(bound))).toEqual([]);
  });

  it('are computed from what the source says, and not found where it says nothing', () => {
    expect(heldBy('`yaml-file.ts` `MAX_BYTES`')).toBe(1024 ** 2);
    expect(() => heldBy('`yaml-file.ts` `NO_SUCH_BOUND`')).toThrow('nowhere');
    expect(() => heldBy('`no-such-file.ts` `MAX_BYTES`')).toThrow('/yaml-file.ts');
    expect(quantity('1.5 s')).not.toBe(quantity('1.5 min'));
  });
});

interface Schema {
  readonly default?: unknown;
  readonly maximum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
}

/** The schema of `sources.NAME.maxLine`; `type` chooses among forms that have one. */
function schemaAt(path: string, type: string | undefined): Schema | undefined {
  let at: Schema | undefined = JSON.parse(readFileSync('device-config/config.schema.json', 'utf8'));
  for (const step of path.split('.')) {
    at = step === 'NAME' ? at?.additionalProperties : at?.properties?.[step];
    at = at?.oneOf?.find((form) => form.properties?.['type']?.const === type) ?? at;
  }
  return at;
}

describe('defaults of the configuration', () => {
  const defaults = rowsUnder('Key').map(([key = '', value = '', most = '']) => ({ key, value, most }));
  const schemaOf = (key: string) => {
    const [, path = '', type] = /^`([^`]+)`(?: \((\w+)\))?$/.exec(key) ?? [];
    return schemaAt(path, type);
  };

  it.each(defaults)('$key is $value', ({ key, value }) => {
    expect(String(schemaOf(key)?.default)).toBe(value);
  });

  it.each(defaults)('$key is $most at most', ({ key, most }) => {
    const { maximum, description = '' } = schemaOf(key) ?? {};
    expect(maximum === undefined ? /(?:At most|\S+ to) (\S+)\.$/.exec(description)?.[1] : String(maximum)).toBe(most);
  });

  it('are seen at all, so that this guard can fail', () => {
    expect(defaults.length).toBeGreaterThanOrEqual(25);
  });
});
