import ts from 'typescript';
import { z } from 'zod';
import { type FeatureDefinition, features } from '../../src/scoring/features/index.ts';
import { nodesOf, sourceOf } from './source-tree.ts';

/** What JSON Schema says of a parameter, as far as features use it. */
type Schema = z.core.JSONSchema.BaseSchema;

export interface Parameter {
  /** `bearing.balls` for a key inside another. */
  readonly name: string;
  readonly type: string;
  /** What holds where it is not given, as JSON; else that it has to be given. */
  readonly fallback: string;
  readonly description: string;
}

/** Every parameter that a manifest may give a feature. */
export function parametersOf({ params }: FeatureDefinition): Parameter[] {
  return params === undefined ? [] : keysOf(z.toJSONSchema(params, { io: 'input' }), '');
}

function keysOf(schema: Schema, prefix: string): Parameter[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const required = schema.required?.includes(key) ? 'required' : undefined;
    return parameter(property as Schema, `${prefix}${key}`, required);
  });
}

/** One row for a number or a text, one for each way to give it, and for an object one for each of its keys. */
function parameter(schema: Schema, name: string, required: string | undefined): Parameter[] {
  if (schema.anyOf) return schema.anyOf.flatMap((way) => oneOfSeveral(parameter(way as Schema, name, required)));
  if (schema.properties) return keysOf(schema, `${name}.`);
  const fallback = required ?? JSON.stringify(schema.default);
  return [{ name, type: typeOf(schema), fallback, description: schema.description ?? '' }];
}

function oneOfSeveral(parameters: readonly Parameter[]): Parameter[] {
  return parameters.map((parameter) => ({ ...parameter, fallback: `${parameter.fallback}, or the other form` }));
}

/** What a number, a text or one of a few words is, in words. */
export function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const bounds = [
    schema.minimum === undefined ? undefined : `${schema.minimum} or more`,
    schema.exclusiveMinimum === undefined ? undefined : `above ${schema.exclusiveMinimum}`,
    schema.maximum === undefined || schema.maximum === Number.MAX_SAFE_INTEGER
      ? undefined
      : `at most ${schema.maximum}`,
    schema.exclusiveMaximum === undefined ? undefined : `below ${schema.exclusiveMaximum}`,
  ].filter((bound) => bound !== undefined);
  return [schema.type, ...bounds].join(', ');
}

/** The comment above a feature's definition: its formula, and what it agrees with. */
export function definitionOf({ name }: FeatureDefinition): string {
  const file = `src/scoring/features/${name.replaceAll('_', '-')}.ts`;
  const statement = [...nodesOf(sourceOf(file))].find(
    (node) =>
      ts.isVariableStatement(node) &&
      node.declarationList.declarations.some(({ type }) => type?.getText().startsWith('FeatureDefinition')),
  );
  const [comment] = statement ? ts.getJSDocCommentsAndTags(statement) : [];
  const text = comment && ts.getTextOfJSDocComment(comment.comment);
  if (text === undefined) throw new Error(`${file}: the definition wants a comment that says what it computes`);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

const HEAD = `# Features

What a [manifest](MANIFEST.md) may ask for under \`input.statistics\`, for each tag named beside it:

\`\`\`json
"statistics": [{ "tags": ["vibration"], "features": ["rms", { "feature": "band_power", "as": "hum", "low": 45, "high": 55 }] }]
\`\`\`

A feature without parameters of its own is its name, one with parameters an object; \`as\` names it in the vector, which
otherwise spells its parameters out (\`vibration.band_power(high=55,low=45)\`). *U* is the unit of the tag, 1 is none.
x stands for the samples of the tag in one window, n for their number. Where the window does not hold what a feature needs,
or no sample at all, the feature is NaN, and the model abstains.

A model that was trained to take missing values has them by declaration: \`"missing": "nan"\` of the tag hands that NaN on,
\`"missing": { "fill": 21.5 }\` puts a sample of that value in the place of each missing one (in the tag's unit, before
scaling), and \`fill\` beside \`feature\` a value in the place of that feature. A feature of samples that are there takes only
those; \`lag\` and \`rolling_difference\`, which name samples by their place, are NaN or filled where one of theirs is missing.

\`calendar\` adds what a calendar says of the window's end, \`to\`: hour, weekday, month and others, or their sine and cosine, in
a zone with its summer time. They are as pandas' \`dt\` and Python's zoneinfo have them; [MANIFEST.md](MANIFEST.md#calendar)
lists them.

\`\`\`json
"calendar": { "zone": "Europe/Berlin", "features": ["weekend", { "of": "hour", "wave": "sin" }, { "of": "hour", "wave": "cos" }] }
\`\`\`

This page is made from the source by \`npm run schema\`; a test holds it against the source.
`;

/** models/FEATURES.md as it has to be. */
export function featureReference(): string {
  const sorted = features.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map(
    ({ name, unit, description }) => `| [\`${name}\`](#${name}) | ${unit('U')} | ${cell(description)} |`,
  );
  const table = `\n| Feature | Unit | What it says |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  return `${HEAD}${table}${sorted.map(section).join('')}`;
}

function section(feature: FeatureDefinition): string {
  const parts = [
    `## ${feature.name}`,
    definitionOf(feature),
    ...(feature.needs === undefined ? [] : [`Needs ${feature.needs}.`]),
    ...parameterTable(parametersOf(feature)),
  ];
  return `\n${parts.join('\n\n')}\n`;
}

function parameterTable(parameters: readonly Parameter[]): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(
    ({ name, type, fallback, description }) => `| \`${name}\` | ${type} | ${fallback} | ${cell(description)} |`,
  );
  return [`| Parameter | Type | Default | What it is |\n| --- | --- | --- | --- |\n${rows.join('\n')}`];
}

export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
