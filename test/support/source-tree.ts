import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface Import {
  /** As written: `../core/index.ts`, `mqtt`, `node:fs`. */
  readonly specifier: string;
  /** `import type`: gone when the program runs. */
  readonly typeOnly: boolean;
}

/** Paths of all TypeScript files below a folder, with `/`, sorted. */
export function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'))
    .sort();
}

const parsed = new Map<string, ts.SourceFile>();

export function sourceOf(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known) return known;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  parsed.set(path, source);
  return source;
}

/** Every node of a file, depth first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** Imports, re-exports, dynamic imports and types that name a module. */
export function importsOf(path: string): Import[] {
  return [...nodesOf(sourceOf(path))].flatMap((node): Import[] => {
    if (ts.isImportDeclaration(node))
      return named(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return named(node.argument.literal, true);
    const dynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    return dynamic ? named(node.arguments[0], false) : [];
  });
}

function named(specifier: ts.Node | undefined, typeOnly: boolean): Import[] {
  return specifier && ts.isStringLiteral(specifier) ? [{ specifier: specifier.text, typeOnly }] : [];
}

/** The file that a relative import of `path` means. */
export function resolveImport(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** `src/common/core/errors.ts` is in the wing `common`; a file of `src` itself is in none. */
export function wingOf(path: string): string | undefined {
  const [, wing, rest] = path.split('/');
  return rest === undefined ? undefined : wing;
}

/** `src/common/core/errors.ts` is in the room `core`; a file of `src` itself has none. */
export function roomOf(path: string): string | undefined {
  const [, , room, rest] = path.split('/');
  return rest === undefined ? undefined : room;
}

/** The package that a specifier belongs to; undefined for files and what Node brings along. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** Node 20 has no Map.groupBy. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
