import { beforeAll, describe, expect, test } from 'vitest';
import type { Datatype, OipTensor } from '../../src/common/core/index.ts';
import type { Engine, Session } from '../../src/scoring/inference/engine/engine.ts';
import { type EngineTensor, fromOip, toOip } from '../../src/scoring/inference/engine/tensors.ts';
import { fixture, vectors } from './support.ts';

const float = (shape: readonly number[], data: Float32Array): EngineTensor => ({ datatype: 'FP32', shape, data });
const integers: EngineTensor = { datatype: 'INT64', shape: [1, 8], data: new BigInt64Array(8) };
const feed = (tensor: EngineTensor, name = 'x') => new Map([[name, tensor]]);

/** What every engine has to keep; `create` makes one inside this thread. */
export function describeEngine(name: string, create: () => Engine | Promise<Engine>, installed = true): void {
  describe.runIf(installed)(`engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await create();
    });
    const load = (model: string) => engine.create(fixture(model));

    test('tells its name and version', () => {
      expect(engine.name).toBe(name);
      expect(engine.version).toMatch(/^\d+\.\d+/);
    });

    test('tells inputs and outputs, free dimensions as -1', async () => {
      const { info } = await load('two_outputs');
      expect(info.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 4] }]);
      expect(info.outputs).toEqual([
        { name: 'sum', datatype: 'FP32', shape: [-1] },
        { name: 'negative', datatype: 'FP32', shape: [-1, 4] },
      ]);
      expect((await load('sequence_output')).info.opaque).toEqual({ inputs: [], outputs: ['y'] });
    });

    describe('exchanges every datatype exactly', () => {
      const samples: readonly (readonly [Datatype, string, OipTensor['data']])[] = [
        ['INT8', 'identity_int8', [-128, 0, 127]],
        ['UINT8', 'identity_uint8', [0, 1, 255]],
        ['INT16', 'identity_int16', [-32768, 0, 32767]],
        ['UINT16', 'identity_uint16', [0, 1, 65535]],
        ['INT32', 'identity_int32', [-2147483648, 0, 2147483647]],
        ['UINT32', 'identity_uint32', [0, 1, 4294967295]],
        ['INT64', 'identity_int64', ['-9223372036854775808', 0, '9007199254740993', '9223372036854775807']],
        ['UINT64', 'identity_uint64', [0, 1, '18446744073709551615']],
        ['FP16', 'identity_float16', [0.5, -65504, 2 ** -24, 'NaN', '-Infinity']],
        ['FP64', 'identity_double', [0.1, 1e300, 5e-324, 'NaN', 'Infinity']],
        ['BOOL', 'identity_bool', [true, false, true]],
        ['BYTES', 'identity_string', ['', 'plain', 'ż 大 김 🙂', 'a"b\\c']],
      ];
      test.each(samples)('%s', async (datatype, model, data) => {
        const session = await load(model);
        const tensor: OipTensor = { name: 'x', datatype, shape: [data.length], data };
        const [answer] = await session.run(feed(fromOip(tensor)), ['y']);
        expect(answer && toOip('x', answer)).toEqual(tensor);
      });
    });

    test('goes by the shapes that it infers, whatever the file declares', async () => {
      const { info, run } = await load('wrong_declared_shape');
      expect(info.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 4] }]);
      const [answer] = await run(feed(float([2, 4], Float32Array.of(-1, 2, -3, 4, 5, -6, 7, -8))), ['y']);
      expect(answer).toEqual(float([2, 4], Float32Array.of(0, 2, 0, 4, 5, 0, 7, 0)));
    });

    test('gives only the outputs asked for, in that order', async () => {
      const session = await load('two_outputs');
      const input = feed(float([1, 4], Float32Array.of(1, 2, 3, 4)));
      const both = await session.run(input, ['negative', 'sum']);
      expect(both.map(({ shape }) => shape)).toEqual([[1, 4], [1]]);
      expect(await session.run(input, ['sum'])).toEqual([float([1], Float32Array.of(10))]);
    });

    test('answers calls that overlap, on sessions with different inputs and outputs, as if they came one by one', async () => {
      const sessions = await Promise.all(['mlp', 'two_outputs', 'two_inputs'].map(load));
      const calls = vectors(300, 4).map((row, index) => () => {
        const session = sessions[index % 3] as Session;
        const feeds = session.info.inputs.map(({ name, shape }): [string, EngineTensor] => {
          const width = shape[1] ?? 0;
          return [
            name,
            float(
              [1, width],
              Float32Array.from({ length: width }, (_, i) => row[i % 4] ?? 0),
            ),
          ];
        });
        return session.run(
          new Map(feeds),
          session.info.outputs.map(({ name }) => name),
        );
      });
      const calm: EngineTensor[][] = [];
      for (const call of calls) calm.push(await call());
      expect(await Promise.all(calls.map((call) => call()))).toEqual(calm);
    });

    test('can be released while a run is on its way, and then loads again', async () => {
      const session = await load('mlp');
      const row = Float32Array.from(vectors(1, 8)[0] ?? []);
      const pending = session.run(feed(float([1, 8], row)), ['y']);
      await session.release();
      const answer = await pending;
      expect(await (await load('mlp')).run(feed(float([1, 8], row)), ['y'])).toEqual(answer);
    });

    test('reads a model from memory that it shares with others', async () => {
      const bytes = fixture('mlp');
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      expect((await engine.create(shared)).info.outputs).toHaveLength(1);
    });

    test.each([
      ['custom_domain', 'inference.operator-unavailable'],
      ['opset_99', 'inference.operator-unavailable'],
      ['external', 'inference.external-data'],
    ])('refuses %s with a code', async (model, code) => {
      await expect(load(model)).rejects.toMatchObject({ code });
    });

    test.each([
      ['half a model', () => fixture('mlp').slice(0, 500)],
      ['nothing', () => new Uint8Array()],
    ])('refuses %s and goes on', async (_name, bytes) => {
      await expect(engine.create(bytes())).rejects.toMatchObject({ code: 'inference.model-refused' });
      expect((await load('mlp')).info.inputs).toHaveLength(1);
    });

    test.each<[string, string, ReadonlyMap<string, EngineTensor>, string, string?]>([
      ['an output that is not there', 'mlp', feed(float([1, 8], new Float32Array(8))), 'z'],
      ['an input of another shape', 'mlp', feed(float([1, 7], new Float32Array(7))), 'y', 'tensor-invalid'],
      ['an input of another rank', 'mlp', feed(float([8], new Float32Array(8))), 'y', 'tensor-invalid'],
      ['an input of another datatype', 'mlp', feed(integers), 'y', 'tensor-invalid'],
      ['an input of another name', 'mlp', feed(float([1, 8], new Float32Array(8)), 'z'), 'y'],
      ['no input', 'mlp', new Map(), 'y'],
      ['a value that the model chokes on', 'fails_above_3', feed(float([1, 1], Float32Array.of(9))), 'y'],
    ])('fails a run with %s, and answers the next', async (_name, model, feeds, output, code = 'run-failed') => {
      const session = await load(model);
      await expect(session.run(feeds, [output])).rejects.toMatchObject({ code: `inference.${code}` });
      const width = model === 'mlp' ? 8 : 1;
      expect(await session.run(feed(float([1, width], new Float32Array(width))), ['y'])).toHaveLength(1);
    });
  });
}
