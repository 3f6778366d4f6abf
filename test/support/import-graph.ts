import { posix } from 'node:path';
import { importsOf, resolveImport } from './source-tree.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export const shown = ({ from, to }: Edge) => `${from} -> ${to}`;

/** Every import of one file from another, those of types alone included. */
export function importEdges(files: readonly string[]): Edge[] {
  return files.flatMap((from) =>
    importsOf(from)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => ({ from, to: resolveImport(from, specifier) })),
  );
}

/** Every folder that files lie in, at whatever depth. */
export function pathsOf(files: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) folders.add(folder);
  }
  return [...folders].sort();
}

/** The file or folder directly below a folder that a path belongs to; undefined outside it. */
export function childOf(folder: string, path: string): string | undefined {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined;
}

/** What imports what, with files joined into nodes by name; files without a name, and arrows of a node to itself, are left out. */
export function sourceGraph(edges: readonly Edge[], nameOf: (file: string) => string | undefined): Graph {
  const next = new Map<string, Set<string>>();
  for (const edge of edges) {
    const [from, to] = [nameOf(edge.from), nameOf(edge.to)];
    if (from === undefined || to === undefined || from === to) continue;
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  return new Graph(next);
}

export class Graph {
  readonly #next: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(next: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#next = next;
  }

  get arrows(): number {
    return [...this.#next.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Nodes on the longest way along the arrows; 0 without arrows, endless where there is a circle. */
  get floors(): number {
    const heights = new Map<string, number>();
    const heightOf = (node: string): number => {
      const known = heights.get(node);
      if (known !== undefined) return known;
      heights.set(node, Number.POSITIVE_INFINITY);
      const height = 1 + Math.max(0, ...Array.from(this.#next.get(node) ?? [], heightOf));
      heights.set(node, height);
      return height;
    };
    return Math.max(0, ...Array.from(this.#next.keys(), heightOf));
  }

  /** The nodes of one circle, the first again at the end; undefined where there is none. */
  circle(): string[] | undefined {
    const done = new Set<string>();
    const walk = (node: string, path: readonly string[]): string[] | undefined => {
      if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
      if (done.has(node)) return undefined;
      for (const target of this.#next.get(node) ?? []) {
        const circle = walk(target, [...path, node]);
        if (circle) return circle;
      }
      done.add(node);
      return undefined;
    };
    for (const node of this.#next.keys()) {
      const circle = walk(node, []);
      if (circle) return circle;
    }
    return undefined;
  }
}
