import { type Environment, EvaluationError, ParseError, TypeError as TypeMismatch } from '@marcbachmann/cel-js';
import { type ErrorFactory, reasonOf } from '../core/index.ts';
import { type TypedEnvironment, typedEnvironment } from './environment.ts';
import { findReferences, type References } from './references.ts';
import { MAX_LENGTH, type Node, parseTree, type Source, withDoubles } from './source.ts';
import type { Variables } from './variables.ts';
import { View } from './view.ts';

/** What an expression has to give, and the error of one that does not. */
export interface Kind {
  readonly result: 'bool' | 'double';
  readonly error: ErrorFactory;
  /** What it has to give, in words, such as `true or false`. */
  readonly wanted: string;
  readonly hint: string;
}

/** An expression that is ready to be evaluated. */
export interface Compiled {
  /** Evaluates it over what `view` was filled with. Throws where a value is missing or of another type. */
  readonly evaluate: (context: Record<string, unknown>) => unknown;
  readonly view: View;
  readonly references: References;
}

/**
 * Compiles CEL over declared variables. All numbers are doubles. Length, size, depth and what may be called are
 * bounded, so that one evaluation costs at most a step per node. Throws the error of the kind, with line and column.
 * @param path where it stands, for the message
 */
export function compile(source: string, variables: Variables, kind: Kind, path: string | undefined): Compiled {
  const report = reporter(source, kind, path);
  if (source.length > MAX_LENGTH) {
    throw report(undefined, `is ${source.length} characters long, at most ${MAX_LENGTH} are allowed`);
  }
  const tree = parse(source, report);
  const references = findReferences(tree, variables, (node, reason, hint) => {
    throw report(node.start, reason, hint);
  });
  const environment = declare(variables, references, report);
  const view = new View(references.paths, environment.holder);
  return { evaluate: check(withDoubles(source, tree), environment.cel, kind, report), view, references };
}

/**
 * Declares the variables that are read: one that nothing reads may have a name that the language keeps for itself, such
 * as `type`.
 */
function declare(variables: Variables, { paths }: References, report: Report): TypedEnvironment {
  const roots = new Set(paths.map(([root]) => root));
  try {
    return typedEnvironment(Object.fromEntries(Object.entries(variables).filter(([name]) => roots.has(name))));
  } catch (error) {
    throw report(undefined, `a name in it has a meaning of its own here: ${summaryOf(error)}`, 'Give it another name.');
  }
}

type Report = (position: number | undefined, reason: string, hint?: string) => Error;

function reporter(source: string, { error, result }: Kind, path: string | undefined): Report {
  return (position, reason, hint) => {
    const lines = source.slice(0, position ?? 0).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    const place = lines.length > 1 ? `line ${lines.length}, column ${column}` : `column ${column}`;
    const subject = path ?? (result === 'bool' ? 'condition' : 'formula');
    return error(subject, position === undefined ? reason : `${place}: ${reason}`, {
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
  { result, wanted, hint }: Kind,
  report: Report,
): (context: Record<string, unknown>) => unknown {
  const parsed = environment.parse(source.text);
  const { valid, type, error } = parsed.check();
  if (!valid) throw report(source.original(error?.range?.start ?? 0), summaryOf(error));
  if (type !== result && type !== 'dyn')
    throw report(undefined, `gives ${plain(type ?? 'nothing')}, not ${wanted}`, hint);
  return parsed;
}

/** Says in one line what the library found wrong. */
export function summaryOf(error: unknown): string {
  const known = error instanceof ParseError || error instanceof TypeMismatch || error instanceof EvaluationError;
  return plain(known ? error.summary : (reasonOf(error).split('\n', 1)[0] ?? ''));
}

/** Puts the library's words into those of the declarations. */
function plain(text: string): string {
  return text
    .replace(/\bdouble\b/g, 'number')
    .replace(/\bbool\b/g, 'boolean')
    .replace(/\bdyn<(\w+)>/g, '$1')
    .replace(/\bdyn\b/g, 'any')
    .replace(/^no such overload:/, 'cannot be applied:');
}
