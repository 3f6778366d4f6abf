/** Type of a value. All numbers are doubles; the type of `any` is known only when it is evaluated. */
export type ScalarType = 'number' | 'string' | 'boolean' | 'any';

/**
 * `map`: members whose names are known only when it is evaluated, nested as deep as they are.
 * A record: exactly these members, so that a misspelt one is found when the condition is compiled.
 */
export type VariableType = ScalarType | 'map' | Readonly<Record<string, ScalarType>>;

/** The variables that an expression may read, by name. */
export type Variables = Readonly<Record<string, VariableType>>;
