import { Environment } from '@marcbachmann/cel-js';
import { STRUCTURE } from './source.ts';
import type { ScalarType, Variables } from './variables.ts';

const CEL_TYPES: Readonly<Record<ScalarType | 'map', string>> = {
  number: 'double',
  string: 'string',
  boolean: 'bool',
  any: 'dyn',
  map: 'map',
};

/** The library's environment, with typed variables. */
export interface TypedEnvironment {
  readonly cel: Environment;
  /**
   * The object that has to hold the members of a variable: the library tells types of objects by their constructors.
   */
  holder(variable: string): Record<string, unknown>;
}

/** Makes an environment of the declared variables and the few functions that conditions have beyond CEL's own. */
export function typedEnvironment(variables: Variables): TypedEnvironment {
  const cel = new Environment({ limits: STRUCTURE, homogeneousAggregateLiterals: false })
    .registerOperator('double % double', (a: number, b: number) => a % b)
    .registerFunction('abs(double): double', (x: number) => Math.abs(x));
  const groups = new Map<string, new () => Record<string, unknown>>();
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type !== 'object') {
      cel.registerVariable(name, CEL_TYPES[type]);
      continue;
    }
    const Members = class {} as new () => Record<string, unknown>;
    const group = `Group${groups.size}`;
    const fields = Object.fromEntries(Object.entries(type).map(([member, scalar]) => [member, CEL_TYPES[scalar]]));
    cel.registerType(group, { ctor: Members, fields });
    cel.registerVariable(name, group);
    groups.set(name, Members);
  }
  return {
    cel,
    holder: (variable) => {
      const Members = groups.get(variable);
      return Members === undefined ? {} : new Members();
    },
  };
}
