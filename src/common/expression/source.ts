import { Environment } from '@marcbachmann/cel-js';

/** The part of the library's syntax tree that is read; nothing else of it is known here. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

/** An expression in which every whole number is written as a double. */
export interface Source {
  readonly text: string;
  /** Gives the place in what the user wrote for a place in `text`. */
  original(position: number): number;
}

/** The most characters: a condition is a line or two that a person reads, not a program. */
export const MAX_LENGTH = 4000;

/** Bounds of the syntax tree. */
export const STRUCTURE = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 100,
  maxMapEntries: 100,
  maxCallArguments: 4,
} as const;

/** An environment for the syntax alone: it knows no variable. */
const syntax = new Environment({ limits: STRUCTURE });

/** Parses the text. Throws the library's ParseError. */
export function parseTree(text: string): Node {
  return syntax.parse(text).ast;
}

/** Whether a value is a node of the syntax tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** Gives the nodes below, in the order of the text. */
export function childrenOf(value: unknown): readonly Node[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(childrenOf) : [];
}

/**
 * CEL keeps whole numbers and doubles apart: `tags.speed + 1` and `1.0 == 1` are type errors to it, `1 / 2` is 0.
 * Measured values are doubles, so every whole number is written as one before the condition is compiled.
 */
export function withDoubles(text: string, tree: Node): Source {
  const literals = integersOf(tree).sort((a, b) => a.start - b.start);
  const shifts: { readonly from: number; readonly by: number }[] = [];
  let result = '';
  let at = 0;
  for (const { start, end, value } of literals) {
    result += `${text.slice(at, start)}${Number(value).toFixed(1)}`;
    at = end;
    shifts.push({ from: result.length, by: result.length - end });
  }
  return {
    text: result + text.slice(at),
    original: (position) => position - (shifts.findLast(({ from }) => position >= from)?.by ?? 0),
  };
}

function integersOf(node: Node): { readonly start: number; readonly end: number; readonly value: bigint }[] {
  if (node.op === 'value' && typeof node.args === 'bigint') return [{ ...place(node), value: node.args }];
  return childrenOf(node.args).flatMap(integersOf);
}

function place({ start, end }: Node): { readonly start: number; readonly end: number } {
  return { start, end };
}
