import type { Path } from './references.ts';

interface Member {
  readonly name: string;
  readonly target: Record<string, unknown>;
  readonly members: Member[];
}

/**
 * Holds what an expression reads, copied from the context into memory of its own: own properties only, and without null
 * and NaN, which are no values to judge by. So nothing of a context that the condition does not name is ever touched.
 */
export class View {
  readonly root: Readonly<Record<string, unknown>>;
  readonly #paths: readonly Path[];
  readonly #tree: Member;

  /** @param make the object that holds a variable's members */
  constructor(paths: readonly Path[], make: (variable: string) => Record<string, unknown>) {
    this.#paths = paths;
    this.#tree = { name: '', target: {}, members: [] };
    this.root = this.#tree.target;
    for (const path of paths) {
      let at = this.#tree;
      path.forEach((name, depth) => {
        const known = at.members.find((member) => member.name === name);
        const next = known ?? { name, target: depth === 0 ? make(name) : {}, members: [] };
        if (known === undefined) at.members.push(next);
        at = next;
      });
    }
  }

  /** Copies the values out of a context; returns whether every one is there. */
  fill(context: Readonly<Record<string, unknown>>): boolean {
    return fill(this.#tree, context);
  }

  /** Gives the paths without a value, as a person writes them. */
  missing(): string[] {
    return this.#paths.filter((path) => valueAt(this.root, path) === undefined).map((path) => path.join('.'));
  }
}

function fill(member: Member, source: object): boolean {
  let complete = true;
  for (const child of member.members) {
    const value = own(source, child.name);
    if (!isUsable(value)) {
      member.target[child.name] = undefined;
      complete = false;
    } else if (typeof value === 'object') {
      member.target[child.name] = child.target;
      complete = fill(child, value) && complete;
    } else if (child.members.length > 0) {
      member.target[child.name] = undefined;
      complete = false;
    } else member.target[child.name] = value;
  }
  return complete;
}

function own(source: object, name: string): unknown {
  return Object.hasOwn(source, name) ? (source as Record<string, unknown>)[name] : undefined;
}

function isUsable(value: unknown): value is string | number | boolean | bigint | object {
  return value !== undefined && value !== null && !Number.isNaN(value);
}

function valueAt(root: object, path: Path): unknown {
  return path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? own(at, name) : undefined), root);
}
