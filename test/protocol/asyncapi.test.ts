import { readFile } from 'node:fs/promises';
import specs from '@asyncapi/specs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  asyncApiDocument,
  CHANNELS,
  encodeStatus,
  RECORD_SCHEMAS,
  STATUS_SCHEMA,
  topicOf,
} from '../../src/common/protocol/index.ts';
import { generated, rendered } from '../support/write-schemas.ts';
import { anyRecord } from './arbitraries.ts';

const document = JSON.parse(JSON.stringify(asyncApiDocument()));
let ajv: Ajv;

beforeAll(() => {
  ajv = new Ajv({ strict: false, allErrors: true });
  // NodeNext sees the module, not its default.
  (formats as unknown as (target: Ajv) => void)(ajv);
});

function schemaOf(id: string): ValidateFunction {
  return ajv.compile({ $ref: `#/components/schemas/${id}`, components: document.components });
}

describe('the AsyncAPI document', () => {
  it.each(Object.keys(generated))('%s is what the code makes now (else: npm run schema)', async (path) => {
    expect(await readFile(path, 'utf8')).toBe(rendered(path));
  });

  it('is valid AsyncAPI 3', () => {
    const valid = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
    expect(valid(document), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true);
    expect(valid({ ...document, channels: { bad: { address: 1 } } })).toBe(false);
  });

  it('has every topic that is built and no other', () => {
    const built = ['blob/data', 'blob/get', 'command', 'receipt', 'records', 'reply', 'status'] as const;
    const addresses = Object.values<{ address: string }>(document.channels).map(({ address }) => address);
    const device = { prefix: 'edgewright/v1', site: '{site}', device: '{device}' };
    expect(addresses.sort()).toEqual(built.map((channel) => topicOf(device, channel)));
    expect(Object.keys(CHANNELS).sort()).toEqual(built);
  });

  it('has every record that is built, in the batch', () => {
    const { oneOf, anyOf } = document.components.schemas.recordBatch.properties.records.items;
    const refs = (oneOf ?? anyOf).map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1));
    expect(refs.sort()).toEqual(Object.keys(RECORD_SCHEMAS).sort());
  });

  it('describes the records that are sent', () => {
    const schemas = new Map(Object.keys(RECORD_SCHEMAS).map((type) => [type, schemaOf(type)]));
    fc.assert(
      fc.property(anyRecord, (record) => {
        const valid = schemas.get(record.type);
        expect(valid?.({ ...record, seq: 1, clock: true }), JSON.stringify(valid?.errors)).toBe(true);
        expect(valid?.({ ...record, clock: true })).toBe(false);
      }),
    );
  });

  it('describes the status that is sent', () => {
    const status = {
      ...{ site: 'plant', device: 'gw1', online: true, boot: 'ab'.repeat(16), seq: 3, at: 1.5, clock: true },
      schema: STATUS_SCHEMA,
      versions: { edgewright: '0.1.0' },
      models: [{ pipeline: 'p', name: 'm', version: '1', digest: '0'.repeat(64), signed: false }],
      queue: { pending: 1, bytes: 2, level: 0 },
    } as const;
    const valid = schemaOf('status');
    expect(valid(JSON.parse(Buffer.from(encodeStatus(status)).toString())), JSON.stringify(valid.errors)).toBe(true);
    expect(valid({ ...status, boot: 'short' })).toBe(false);
  });
});
