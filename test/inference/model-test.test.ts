import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import { ModelTester } from '../../src/scoring/inference/index.ts';
import { findModels } from '../../src/scoring/registry/index.ts';
import { MISFITS, withFirstCase } from './misfits.ts';
import { clock, engines, fixture, fixtureText, parts } from './support.ts';

const golden = parseGolden(fixtureText('mlp.golden.json'), 'mlp.golden.json');

const folder = fileURLToPath(new URL('../../../shared/models', import.meta.url));
const models = existsSync(folder) ? await findModels(folder) : [];

describe.each(engines)('on %s', (engine) => {
  const tester = new ModelTester({ ...parts, engine, memoryMiB: 256, clock });

  describe('the verdict', () => {
    test('is equal where the golden cases are met', async () => {
      const verdict = await tester.test({ name: 'm', bytes: fixture('mlp'), golden });
      expect(verdict).toEqual({ verdict: 'equal', maxError: expect.any(Number) });
      expect(verdict.maxError).toBeLessThan(1e-5);
    });

    test('is differs where they are not, with the largest error', async () => {
      const tight = { ...golden, tolerance: { rtol: 0, atol: 1e-9 } };
      const verdict = await tester.test({ name: 'm', bytes: fixture('mlp_dynamic'), golden: tight });
      expect(verdict).toMatchObject({ verdict: 'differs', code: 'inference.golden-mismatch' });
      expect(verdict.reason).toContain('case 0, output y');
      expect(verdict.maxError).toBeGreaterThan(1e-9);
    });

    test.each([
      'mlp',
      'mlp_no_batch',
      'any_rank',
      'two_inputs',
      'identity_string',
      'identity_int64',
      'identity_float16',
    ])('is ran for %s without golden cases', async (name) => {
      expect(await tester.test({ name, bytes: fixture(name) })).toEqual({ verdict: 'ran' });
    });

    test.each([
      ['sequence_output', 'inference.not-a-tensor'],
      ['identity_bfloat16', 'inference.unsupported-type'],
      ['custom_domain', 'inference.operator-unavailable'],
      ['allocates_2_gb', 'inference.out-of-memory'],
      ['external', 'inference.external-data'],
    ])('is refused for %s, with a code and a hint', async (name, code) => {
      expect(await tester.test({ name, bytes: fixture(name) })).toEqual({
        verdict: 'refused',
        code,
        reason: expect.stringContaining(name),
        hint: expect.stringMatching(/\w{3,}/),
      });
    });

    test('is refused for golden cases of another model', async () => {
      const verdict = await tester.test({ name: 'm', bytes: fixture('two_inputs'), golden });
      expect(verdict).toMatchObject({ verdict: 'refused', code: 'inference.golden-invalid' });
    });

    test.each(MISFITS)('is refused for golden cases with %s', async (_what, change, says) => {
      const verdict = await tester.test({ name: 'm', bytes: fixture('mlp'), golden: withFirstCase(golden, change) });
      expect(verdict).toMatchObject({ verdict: 'refused', code: 'inference.golden-invalid' });
      expect(verdict.reason).toContain('mlp.golden.json: case 0: ');
      expect(verdict.reason).toContain(says);
    });

    test.each(['lightgbm', 'zipmap_integers', 'zipmap_strings'])(
      'is equal for %s, whose golden cases hold what the library that trained it says',
      async (name) => {
        const own = parseGolden(fixtureText(`${name}.golden.json`), name);
        const { verdict, maxError } = await tester.test({ name, bytes: fixture(name), golden: own });
        expect(verdict).toBe('equal');
        expect(maxError).toBeLessThan(1e-6);
      },
    );

    test('is refused for a ZipMap in an .ort file, with the way out', async () => {
      const own = parseGolden(fixtureText('zipmap_strings.golden.json'), 'golden');
      const bytes = readFileSync(new URL('../onnx/fixtures/zipmap_strings.ort', import.meta.url));
      expect(await tester.test({ name: 'm', bytes, golden: own })).toEqual({
        verdict: 'refused',
        code: 'inference.not-a-tensor',
        reason: 'm: output output_probability is a sequence or a map',
        hint: expect.stringContaining('give the .onnx that it was made from'),
      });
    });

    test('comes for an endless loop as well', async () => {
      const hasty = new ModelTester({ ...parts, engine, memoryMiB: 256, clock, budget: 3000 });
      const verdict = await hasty.test({ name: 'm', bytes: fixture('endless') });
      expect(verdict).toMatchObject({ verdict: 'refused', code: 'inference.run-deadline' });
    });
  });

  describe.runIf(models.length > 0)('models that others made', () => {
    test('with golden cases are all equal, the others ran or are refused with a code and a hint', {
      timeout: 300_000,
    }, async () => {
      const wrong: unknown[] = [];
      for (const { file, golden } of models) {
        const cases = golden === undefined ? {} : { golden: parseGolden(readFileSync(golden, 'utf8'), golden) };
        const verdict = await tester.test({ name: file, bytes: readFileSync(file), ...cases });
        const clear = verdict.verdict === 'ran' || (verdict.verdict === 'refused' && verdict.code && verdict.hint);
        if (golden === undefined ? !clear : verdict.verdict !== 'equal') wrong.push({ file, ...verdict });
      }
      expect(wrong).toEqual([]);
    });
  });
});
