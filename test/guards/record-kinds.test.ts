import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFields, describeRecord } from '../../src/center/operator/index.ts';
import { RECORD_KINDS, RECORD_TYPES, recordKindOf, type WireRecord } from '../../src/common/core/index.ts';
import { asyncApiDocument, RECORD_SCHEMAS, recordSchema } from '../../src/common/protocol/index.ts';
import { records } from '../protocol/arbitraries.ts';

const SEED = 1;
const identity = { seq: 1, clock: true };
const sampleOf = (type: (typeof RECORD_TYPES)[number]): WireRecord => {
  if (!Object.hasOwn(records, type)) throw new Error(`no sample of ${type}: write one in test/protocol/arbitraries.ts`);
  const [record] = fc.sample<WireRecord>(
    records[type].map((made) => ({ ...made, ...identity })),
    { numRuns: 1, seed: SEED },
  );
  if (record === undefined) throw new Error(`no sample of ${type}`);
  return record;
};

describe.each(RECORD_TYPES)('records of type %s', (type) => {
  it('have a schema of their own, in batches and in the AsyncAPI document', () => {
    const record = JSON.parse(JSON.stringify(sampleOf(type)));
    expect(RECORD_SCHEMAS[type].parse(record)).toMatchObject({ type });
    expect(recordSchema.parse(record)).toMatchObject({ type });
    expect(asyncApiDocument()).toHaveProperty(['components', 'schemas', type, 'description']);
  });

  it('can be counted by a loss record', () => {
    const counts = [{ pipeline: 'p', type, dropped: 1 }];
    const loss = { ...JSON.parse(JSON.stringify(sampleOf('loss'))), counts };
    expect(RECORD_SCHEMAS.loss.parse(loss).counts).toEqual(counts);
  });

  it('are told to a person in a line', () => {
    const described = describeRecord(sampleOf(type));
    expect(described.type).toBe(type);
    expect(described.text).toMatch(/\S/);
    expect(described.text).not.toContain('does not know');
  });
});

it('the table of record types is the list of schemas, and no other list is needed', () => {
  expect(Object.keys(RECORD_SCHEMAS)).toEqual([...RECORD_TYPES]);
});

it('what is urgent is not thinned, and travels with the reserve of a byte budget', () => {
  for (const kind of Object.values(RECORD_KINDS).filter(({ urgent }) => urgent)) {
    expect(kind).toMatchObject({ urgentWhenMetered: true, givesWay: 'dropped' });
  }
});

it('a type of a later version is only ever dropped', () => {
  expect(recordKindOf('weather')).toMatchObject({ urgent: false, givesWay: 'dropped' });
  expect(recordKindOf('constructor')).toEqual(recordKindOf('weather'));
});

it('a type without words of its own is told by its fields', () => {
  const drift = { ...sampleOf('event'), event: 'start', detail: { distance: 0.5 } } as const;
  expect(describeFields(drift).text).toContain('event start, detail {"distance":0.5}');
});
