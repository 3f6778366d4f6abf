import { suggest } from '../core/index.ts';
import { childrenOf, isNode, type Node } from './source.ts';
import type { Variables, VariableType } from './variables.ts';

/** Names from the variable to the member: `tags.speed` and `tags["speed"]` are both ['tags', 'speed']. */
export type Path = readonly string[];

/** What an expression reads. */
export interface References {
  readonly paths: readonly Path[];
  /** Whether a part can decide without the others, so that a missing value need not leave the whole unknown. */
  readonly partial: boolean;
}

/** Throws the error of a node that an expression may not contain. */
export type Fail = (node: Node, reason: string, hint?: string) => never;

// A node of a condition runs at most once, and none takes longer than its operands are long: no comprehension,
// no binding (nested ones double a text each time) and no regular expression (backtracking).
const OPERATORS = new Set(['==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', 'in', '!_', '-_', 'list']);
const DECIDING = new Set(['&&', '||', '?:']);
const FUNCTIONS = ['has', 'abs', 'double'];
const METHODS = ['startsWith', 'endsWith', 'contains'];

/** Finds what an expression reads, and checks that each name is known and each operation is bounded. */
export function findReferences(tree: Node, variables: Variables, fail: Fail): References {
  const paths = new Map<string, Path>();
  let partial = false;

  const visit = (node: Node): void => {
    const { op, args } = node;
    if (op === 'id' || op === '.' || op === '[]') {
      const path = pathOf(node, fail);
      checkPath(node, path, variables, fail);
      paths.set(JSON.stringify(path), path);
      return;
    }
    if (op === 'value') checkLiteral(node, fail);
    else if (op === 'call' || op === 'rcall') checkCall(node, fail);
    else if (!OPERATORS.has(op) && !DECIDING.has(op)) fail(node, `${op} is not part of conditions`);
    partial ||= DECIDING.has(op) || (op === 'call' && Array.isArray(args) && args[0] === 'has');
    for (const child of childrenOf(args)) visit(child);
  };

  visit(tree);
  return { paths: [...paths.values()], partial };
}

function pathOf(node: Node, fail: Fail): string[] {
  if (node.op === 'id') return [String(node.args)];
  const [receiver, member] = Array.isArray(node.args) ? node.args : [];
  if ((node.op !== '.' && node.op !== '[]') || !isNode(receiver)) fail(node, 'only variables have members');
  const name = isNode(member) ? (member.op === 'value' ? member.args : undefined) : member;
  if (typeof name !== 'string') fail(node, 'a member is named in quotes', 'Write for example tags["speed"].');
  return [...pathOf(receiver, fail), name];
}

function checkPath(node: Node, [root = '', ...members]: Path, variables: Variables, fail: Fail): void {
  const type = Object.hasOwn(variables, root) ? variables[root] : undefined;
  if (type === undefined) unknownName(node, 'variable', root, Object.keys(variables), fail);
  if (members.includes('__proto__')) fail(node, '__proto__ is no member');
  if (type === 'any' || type === 'map') {
    if (type === 'map' && members.length === 0) wantsMember(node, root, type, fail);
  } else if (typeof type === 'object') {
    const [member, deeper] = members;
    if (member === undefined) wantsMember(node, root, type, fail);
    if (!Object.hasOwn(type, member)) unknownName(node, `member of ${root}`, member, Object.keys(type), fail);
    if (deeper !== undefined) fail(node, `${root}.${member} has no members`);
  } else if (members.length > 0) fail(node, `${root} has no members`);
}

function wantsMember(node: Node, root: string, type: VariableType, fail: Fail): never {
  const example = typeof type === 'object' ? (Object.keys(type)[0] ?? 'name') : 'name';
  return fail(node, `${root} is a group of values`, `Name one of them, such as ${root}.${example}.`);
}

function unknownName(node: Node, kind: string, name: string, known: readonly string[], fail: Fail): never {
  return fail(node, `unknown ${kind} ${name}`, suggest(name, known));
}

function checkLiteral(node: Node, fail: Fail): void {
  if (node.args === null)
    fail(node, 'null is no value to compare with', 'Ask has(tags.name) whether there is a value.');
  if (!['bigint', 'number', 'string', 'boolean'].includes(typeof node.args)) {
    fail(node, 'only numbers, texts, true and false can be written out');
  }
}

function checkCall(node: Node, fail: Fail): void {
  const name = String(Array.isArray(node.args) ? node.args[0] : '');
  const known = node.op === 'call' ? FUNCTIONS : METHODS;
  if (known.includes(name)) return;
  const signatures = [...FUNCTIONS.map((fn) => `${fn}(x)`), ...METHODS.map((method) => `text.${method}(part)`)];
  fail(node, `there is no function ${name}`, `Conditions know ${signatures.join(', ')}.`);
}
