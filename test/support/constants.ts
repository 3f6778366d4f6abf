import ts from 'typescript';
import { sourceOf, typescriptFiles } from './source-tree.ts';

interface Declared {
  readonly file: string;
  readonly value: ts.Expression;
}

/** Constants at the top of each file of src, by name. */
const constants = new Map<string, Declared[]>();
for (const file of typescriptFiles('src')) {
  for (const statement of sourceOf(file).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || initializer === undefined) continue;
      constants.set(name.text, [...(constants.get(name.text) ?? []), { file, value: initializer }]);
    }
  }
}

/**
 * The number of a constant, `BURST`, or of a member of one, `AWAITED.batches`, in the file whose path ends like that.
 * Throws where there is none, and says where constants of that name are.
 */
export function constantOf(fileEnd: string, path: string): number {
  const [name = '', ...members] = path.split('.');
  const known = constants.get(name) ?? [];
  const [found, ...others] = known.filter(({ file }) => file.endsWith(`/${fileEnd}`));
  if (found === undefined || others.length > 0) {
    const where = known.map(({ file }) => file).join(', ') || 'nowhere';
    throw new Error(`${found ? 'more than one file' : 'no file'} ${fileEnd} has ${name}; it is in: ${where}`);
  }
  const value = members.reduce((at, member) => memberOf(at, member), found.value);
  return evaluate(value, found.file);
}

/** The object or number inside `as const`, parentheses and `Object.freeze`. */
function bare(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return bare(node.expression);
  }
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  return argument !== undefined && ts.isCallExpression(node) && node.expression.getText() === 'Object.freeze'
    ? bare(argument)
    : node;
}

function memberOf(node: ts.Expression, name: string): ts.Expression {
  const object = bare(node);
  const properties = ts.isObjectLiteralExpression(object) ? object.properties.filter(ts.isPropertyAssignment) : [];
  const found = properties.find((property) => property.name.getText() === name);
  if (found === undefined) throw new Error(`${node.getText()} has no ${name}`);
  return found.initializer;
}

const operations: Partial<Record<ts.SyntaxKind, (a: number, b: number) => number>> = {
  [ts.SyntaxKind.PlusToken]: (a, b) => a + b,
  [ts.SyntaxKind.MinusToken]: (a, b) => a - b,
  [ts.SyntaxKind.AsteriskToken]: (a, b) => a * b,
  [ts.SyntaxKind.SlashToken]: (a, b) => a / b,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (a, b) => a ** b,
};

function evaluate(expression: ts.Expression, file: string): number {
  const node = bare(expression);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isBinaryExpression(node)) {
    const operation = operations[node.operatorToken.kind];
    if (operation !== undefined) return operation(evaluate(node.left, file), evaluate(node.right, file));
  }
  if (ts.isIdentifier(node)) {
    const known = constants.get(node.text) ?? [];
    const found = known.find((one) => one.file === file) ?? (known.length === 1 ? known[0] : undefined);
    if (found !== undefined) return evaluate(found.value, found.file);
  }
  throw new Error(`${file}: ${node.getText()} is no number that can be computed here`);
}
