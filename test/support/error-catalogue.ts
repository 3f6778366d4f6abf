import ts from 'typescript';
import { groupBy, nodesOf, roomOf, sourceOf, typescriptFiles } from './source-tree.ts';

export interface DeclaredError {
  readonly code: string;
  readonly hint: string;
  readonly retry: boolean;
  readonly exit: number;
  readonly file: string;
  readonly room: string;
  /** Name of the constant that holds it. */
  readonly name: string;
}

/** Every `defineError` of src, in the order of rooms and files. */
export function declaredErrors(): DeclaredError[] {
  return typescriptFiles('src').flatMap((file) =>
    [...nodesOf(sourceOf(file))].flatMap((node) =>
      ts.isCallExpression(node) && node.expression.getText() === 'defineError' ? [declared(file, node)] : [],
    ),
  );
}

function declared(file: string, call: ts.CallExpression): DeclaredError {
  const [code, hint, options] = call.arguments;
  const variable = call.parent;
  return {
    code: text(file, code),
    hint: text(file, hint),
    retry: option(options, 'retry') === 'true',
    exit: Number(option(options, 'exit') ?? 1),
    file,
    room: roomOf(file) ?? '',
    name: ts.isVariableDeclaration(variable) ? variable.name.getText() : '',
  };
}

/** A text that stands in the source, possibly in parts joined by +: a code or hint that is computed cannot be listed. */
function text(file: string, node: ts.Node | undefined): string {
  if (node && ts.isStringLiteralLike(node)) return node.text;
  if (node && ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return text(file, node.left) + text(file, node.right);
  }
  throw new Error(`${file}: defineError wants its code and hint written out, not ${node?.getText() ?? 'nothing'}`);
}

function option(options: ts.Node | undefined, name: string): string | undefined {
  if (!options || !ts.isObjectLiteralExpression(options)) return undefined;
  const property = options.properties.find((candidate) => candidate.name?.getText() === name);
  return property && ts.isPropertyAssignment(property) ? property.initializer.getText() : undefined;
}

/** `store` of `store.locked`. */
export const prefixOf = (code: string): string => code.split('.')[0] ?? '';

/** What `check` finds without anything having failed: objects with severity, code and hint. */
export interface DeclaredProblem {
  readonly code: string;
  readonly severity: string;
  readonly hint: string;
}

export function declaredProblems(): DeclaredProblem[] {
  return typescriptFiles('src')
    .flatMap((file) => [...nodesOf(sourceOf(file))])
    .flatMap((node) => {
      if (!ts.isObjectLiteralExpression(node)) return [];
      const [code, severity, hint] = ['code', 'severity', 'hint'].map((name) => property(node, name));
      if (!code || !severity || !hint) return [];
      return literalsIn(code).map((text) => ({
        code: text,
        severity: literalsIn(severity).join(' or ') || 'error or warning',
        hint: outline(hint),
      }));
    });
}

function property(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = object.properties.find((candidate) => candidate.name?.getText() === name);
  if (found && ts.isShorthandPropertyAssignment(found)) return found.name;
  return found && ts.isPropertyAssignment(found) ? found.initializer : undefined;
}

function literalsIn(node: ts.Node): string[] {
  return [...nodesOf(node)].flatMap((part) => (ts.isStringLiteralLike(part) ? [part.text] : []));
}

/** A text with … where the program fills something in. */
function outline(node: ts.Expression): string {
  if (ts.isConditionalExpression(node)) return `${outline(node.whenTrue)} Or: ${outline(node.whenFalse)}`;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return 'The message names the key, what it takes, and the nearest that is known.';
  return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…').replaceAll('……', '…');
}

const HEAD = `# Errors

Every error has a stable code, says what it is about and why, and what to do. Programs match on the code, never on the
text. *Again* says whether the same thing can succeed later without a change; *exit* is the status of a command that
ends with it: 1, the answer is no or the world did not let it; 2, wrong usage or a missing or invalid file.

This page is made from the source by \`npm run schema\`; a test holds it against the source.
`;

/** ERRORS.md as it has to be. */
export function errorCatalogue(): string {
  const groups = [...groupBy(declaredErrors(), ({ code }) => prefixOf(code))].sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = groups.map(([prefix, errors]) => {
    const rows = errors
      .toSorted((a, b) => (a.code < b.code ? -1 : 1))
      .map(({ code, hint, retry, exit }) => `| \`${code}\` | ${cell(hint)} | ${retry ? 'yes' : 'no'} | ${exit} |`);
    return `\n## ${prefix}\n\n| Code | What to do | Again | Exit |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `${HEAD}${sections.join('')}${problemSection()}`;
}

function problemSection(): string {
  const rows = declaredProblems()
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, severity, hint }) => `| \`${code}\` | ${severity} | ${cell(hint)} |`);
  const head = '| Code | Severity | What to do |\n| --- | --- | --- |';
  return `\n## What \`check\` finds\n\nBeside the errors above.\n\n${head}\n${[...new Set(rows)].join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
