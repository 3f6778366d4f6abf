/** A name with `{column}` and `{file}` filled in from a row. */
export interface NameTemplate {
  readonly columns: readonly string[];
  readonly usesFile: boolean;
  /** Makes what fills the name in from a row. `indexOf` says where a column stands; it is asked once per column. */
  bind(file: string, indexOf: (column: string) => number): (cells: readonly string[]) => string;
}

/** Compiles a template such as `engine-{unit}`. */
export function compileTemplate(template: string): NameTemplate {
  // Odd elements are the names in braces.
  const parts = template.split(/\{([^{}]+)\}/);
  const names = parts.filter((_, index) => index % 2 === 1);
  return {
    columns: names.filter((name) => name !== 'file'),
    usesFile: names.includes('file'),
    bind(file, indexOf) {
      const bound = parts.map((part, index) => {
        if (index % 2 === 0) return part;
        return part === 'file' ? file : indexOf(part);
      });
      return (cells) => {
        let text = '';
        for (const part of bound) text += typeof part === 'number' ? (cells[part] ?? '').trim() : part;
        return text;
      };
    },
  };
}
