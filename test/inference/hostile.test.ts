import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import { ModelTester } from '../../src/scoring/inference/index.ts';
import { clock, engines, fixture, fixtureText, parts } from './support.ts';

const folder = fileURLToPath(new URL('fixtures/hostile/', import.meta.url));

/** What each is refused with; those that only look dangerous are answered. */
const EXPECTED: Readonly<Record<string, string>> = {
  'claims_64_gib.onnx': 'inference.declared-shape',
  'cycle.onnx': 'inference.model-refused',
  'dimensions_overflow.onnx': 'inference.declared-shape',
  'eats_1_pb.onnx': 'inference.out-of-memory',
  'eats_40_gb.onnx': 'inference.out-of-memory',
  'empty.onnx': 'onnx.not-a-model',
  'expands_to_16_gb.onnx': 'inference.out-of-memory',
  'garbage.onnx': 'onnx.not-a-model',
  'garbage.ort': 'onnx.malformed',
  'grows_for_ever.onnx': 'inference.out-of-memory',
  'name_constructor.onnx': 'ran',
  'name_long.onnx': 'onnx.too-large',
  'name_newline.onnx': 'ran',
  'name_nul.onnx': 'onnx.bad-name',
  'name_proto.onnx': 'onnx.bad-name',
  'name_proto_output.onnx': 'onnx.bad-name',
  'name_quotes.onnx': 'ran',
  'negative_dimension.onnx': 'inference.model-refused',
  'negative_shape.onnx': 'inference.declared-shape',
  'nested_twenty_deep.onnx': 'onnx.too-large',
  'page.onnx': 'onnx.not-a-model',
  'reads_nothing.onnx': 'inference.external-data',
  'reads_parent.onnx': 'inference.external-data',
  'reads_passwd.onnx': 'inference.external-data',
  'recursive_function.onnx': 'inference.model-refused',
  'ten_thousand_inputs.onnx': 'onnx.too-large',
  'zeros.ort': 'onnx.malformed',
};

describe.each(engines)('models that want to do harm, on %s', (engine) => {
  const tester = new ModelTester({ ...parts, engine, memoryMiB: 256, clock });
  const golden = parseGolden(fixtureText('mlp.golden.json'), 'mlp.golden.json');

  test('are all known here', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(Object.entries(EXPECTED))('%s costs itself alone: %s', async (file, expected) => {
    const verdict = await tester.test({ name: file, bytes: readFileSync(folder + file) });
    expect(verdict.code ?? verdict.verdict).toBe(expected);
    if (verdict.verdict === 'refused') expect(verdict.hint).toMatch(/\w{3,}/);
    expect(await tester.test({ name: 'mlp', bytes: fixture('mlp'), golden })).toMatchObject({ verdict: 'equal' });
  });
});
