import { compile, type Kind, summaryOf } from './compile.ts';
import { conditionInvalid } from './errors.ts';
import type { Path, References } from './references.ts';
import type { Variables } from './variables.ts';
import type { View } from './view.ts';

/**
 * Tells whether the condition holds. Where it is unknown (a value is missing, null, NaN or of another type) the answer
 * is false and `onUnknown` gets the reason; what `&&`, `||` and `?:` can decide without that value is decided.
 */
export interface Condition {
  (context: Readonly<Record<string, unknown>>, onUnknown?: (reason: string) => void): boolean;
  readonly source: string;
  /** What it reads, such as ['tags', 'speed']. */
  readonly references: readonly Path[];
}

const CONDITION: Kind = {
  result: 'bool',
  error: conditionInvalid,
  wanted: 'true or false',
  hint: 'Compare it with something.',
};

/**
 * Compiles a CEL condition over declared variables. Throws `expression.invalid`.
 * @param path where the condition stands, for the message
 */
export function compileCondition(source: string, variables: Variables, path?: string): Condition {
  const { evaluate, view, references } = compile(source, variables, CONDITION, path);
  return Object.assign(judge(evaluate, view, references), { source, references: references.paths });
}

function judge(evaluate: (context: Record<string, unknown>) => unknown, view: View, { partial }: References) {
  return (context: Readonly<Record<string, unknown>>, onUnknown?: (reason: string) => void): boolean => {
    const complete = view.fill(context);
    // An error object is 30 times dearer than an evaluation, and a gate may wait long for its first value.
    if (!complete && !partial) return unknown(view, onUnknown);
    try {
      const result = evaluate(view.root);
      if (typeof result === 'boolean') return result;
      onUnknown?.(`gives ${String(result)}, which is neither true nor false`);
      return false;
    } catch (error) {
      return unknown(view, onUnknown, error);
    }
  };
}

function unknown(view: View, onUnknown?: (reason: string) => void, error?: unknown): false {
  if (onUnknown === undefined) return false;
  const missing = view.missing();
  onUnknown(missing.length > 0 ? `${missing.join(', ')} without a value` : summaryOf(error));
  return false;
}
