import { compile, type Kind } from './compile.ts';
import { formulaInvalid } from './errors.ts';
import type { Path } from './references.ts';
import type { Variables } from './variables.ts';

/** Computes the formula; NaN where a value that it needs is missing or of another type. */
export interface Formula {
  (context: Readonly<Record<string, unknown>>): number;
  readonly source: string;
  /** What it reads, such as ['torque', 'mean']. */
  readonly references: readonly Path[];
}

const FORMULA: Kind = {
  result: 'double',
  error: formulaInvalid,
  wanted: 'a number',
  hint: 'Choose between numbers with a condition: torque.mean > 40 ? 1 : 0.',
};

/**
 * Compiles a number in CEL over declared variables, within the bounds of conditions. Throws
 * `expression.formula-invalid`.
 * @param path where the formula stands, for the message
 */
export function compileFormula(source: string, variables: Variables, path?: string): Formula {
  const { evaluate, view, references } = compile(source, variables, FORMULA, path);
  const formula = (context: Readonly<Record<string, unknown>>): number => {
    if (!view.fill(context) && !references.partial) return Number.NaN;
    try {
      const result = evaluate(view.root);
      return typeof result === 'number' ? result : Number.NaN;
    } catch {
      // A part that has no value; which one, the quality of its tag says.
      return Number.NaN;
    }
  };
  return Object.assign(formula, { source, references: references.paths });
}
