import { type Environment, EvaluationError, ParseError, TypeError as TypeMismatch } from '@marcbachmann/cel-js';
import { reasonOf } from '../core/index.ts';
import { typedEnvironment } from './environment.ts';
import { conditionInvalid } from './errors.ts';
import { findReferences, type Path, type References } from './references.ts';
import { MAX_LENGTH, type Node, parseTree, type Source, withDoubles } from './source.ts';
import type { Variables } from './variables.ts';
import { View } from './view.ts';

/**
 * Whether the condition holds. Where it cannot be told (a value is missing, null, NaN or of another type) the answer
 * is false and `onUnknown` gets the reason; what `&&`, `||` and `?:` can decide without that value is decided.
 */
export interface Condition {
  (context: Readonly<Record<string, unknown>>, onUnknown?: (reason: string) => void): boolean;
  readonly source: string;
  /** What it reads, such as ['tags', 'speed']. */
  readonly references: readonly Path[];
}

/**
 * Compiles a CEL condition over declared variables. All numbers are doubles. Bounded in length, size and depth, and
 * in what it may call, so that one evaluation costs at most a step per node.
 * @param path where the condition stands, for the message
 */
export function compileCondition(source: string, variables: Variables, path?: string): Condition {
  const report = reporter(source, path);
  if (source.length > MAX_LENGTH) {
    throw report(undefined, `is ${source.length} characters long, at most ${MAX_LENGTH} are allowed`);
  }
  const tree = parse(source, report);
  const references = findReferences(tree, variables, (node, reason, hint) => {
    throw report(node.start, reason, hint);
  });
  const environment = typedEnvironment(variables);
  const view = new View(references.paths, environment.holder);
  const evaluate = check(withDoubles(source, tree), environment.cel, report);
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

type Report = (position: number | undefined, reason: string, hint?: string) => Error;

function reporter(source: string, path: string | undefined): Report {
  return (position, reason, hint) => {
    const lines = source.slice(0, position ?? 0).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    const place = lines.length > 1 ? `line ${lines.length}, column ${column}` : `column ${column}`;
    const subject = path ?? 'condition';
    return conditionInvalid(subject, position === undefined ? reason : `${place}: ${reason}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(path === undefined ? {} : { path }),
    });
  };
}

function parse(source: string, report: Report): Node {
  try {
    return parseTree(source);
  } catch (error) {
    const position = error instanceof ParseError ? error.range?.start : undefined;
    throw report(position, summaryOf(error), syntaxHint(source, position));
  }
}

function syntaxHint(source: string, position: number | undefined): string | undefined {
  if (source[position ?? -1] === '=') return 'Write == to compare.';
  if (/\b(and|or|not)\b/i.test(source)) return 'Write && for and, || for or, ! for not.';
  return undefined;
}

function check(
  source: Source,
  environment: Environment,
  report: Report,
): (context: Record<string, unknown>) => unknown {
  const parsed = environment.parse(source.text);
  const { valid, type, error } = parsed.check();
  if (!valid) throw report(source.original(error?.range?.start ?? 0), summaryOf(error));
  if (type !== 'bool' && type !== 'dyn') {
    throw report(undefined, `gives ${plain(type ?? 'nothing')}, not true or false`, 'Compare it with something.');
  }
  return parsed;
}

function summaryOf(error: unknown): string {
  const known = error instanceof ParseError || error instanceof TypeMismatch || error instanceof EvaluationError;
  return plain(known ? error.summary : (reasonOf(error).split('\n', 1)[0] ?? ''));
}

/** In the words of the declarations. */
function plain(text: string): string {
  return text
    .replace(/\bdouble\b/g, 'number')
    .replace(/\bbool\b/g, 'boolean')
    .replace(/\bdyn<(\w+)>/g, '$1')
    .replace(/\bdyn\b/g, 'any')
    .replace(/^no such overload:/, 'cannot be applied:');
}
