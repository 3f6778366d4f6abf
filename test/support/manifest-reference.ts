import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { manifestJsonSchema } from '../../src/scoring/pipeline/index.ts';
import { compactJson } from './compact-json.ts';
import { cell, typeOf } from './feature-reference.ts';

type Schema = z.core.JSONSchema.BaseSchema;
/** From the whole to a part: a key, `*` for any entry of a map or list, a number for a member of a union. */
export type Path = readonly (string | number)[];

interface Section {
  /** The key that it is about; other tables link here. */
  readonly key: string;
  readonly text?: string;
  /** One table each: what stands above it, and where the part is. */
  readonly parts: readonly (readonly [title: string, path: Path])[];
}

const STATISTICS: Path = ['input', 1, 'statistics', '*'];
const SCALING: Path = ['input', 0, 'scaling'];
const BINARY: Path = ['outputs', '*', 3];

const SECTIONS: readonly Section[] = [
  { key: 'Top level', parts: [['', []]] },
  { key: 'requires', parts: [['', ['requires']]] },
  { key: 'tags', text: 'By name of the tag.', parts: [['', ['tags', '*']]] },
  {
    key: 'missing',
    text: 'The word `nan`, or a number in its place:',
    parts: [['', ['tags', '*', 'missing', 1]]],
  },
  {
    key: 'window',
    text: 'One of two forms.',
    parts: [
      ['A number of readings', ['window', 0]],
      ['A span of event time', ['window', 1]],
    ],
  },
  {
    key: 'input',
    text: 'One of three forms.',
    parts: [
      ['A raw tensor, the samples themselves', ['input', 0]],
      ['Statistics, a vector of features', ['input', 1]],
      ['Several tensors, each as in one of the two forms above but without its `tensor`', ['input', 2]],
    ],
  },
  {
    key: 'statistics',
    text: 'A list of groups.',
    parts: [
      ['A group', STATISTICS],
      ['A feature with parameters, in place of its name', [...STATISTICS, 'features', '*', 1]],
    ],
  },
  {
    key: 'calendar',
    parts: [
      ['', ['input', 1, 'calendar']],
      ['The sine or cosine of a feature, in place of its name', ['input', 1, 'calendar', 'features', '*', 1]],
    ],
  },
  { key: 'derived', text: 'By name of the feature that is made.', parts: [['', ['input', 1, 'derived', '*']]] },
  { key: 'constants', text: 'By name of the model input.', parts: [['', ['input', 2, 'constants', '*']]] },
  { key: 'grid', parts: [['', ['input', 0, 'grid']]] },
  {
    key: 'scaling',
    text: 'One of two forms.',
    parts: [
      ['The same for all windows', [...SCALING, 0]],
      ['By operating mode', [...SCALING, 1]],
      ['An entry of `modes`', [...SCALING, 1, 'modes', '*']],
    ],
  },
  {
    key: 'state',
    parts: [
      ['', ['state']],
      ['An entry of `tensors`', ['state', 'tensors', '*']],
    ],
  },
  {
    key: 'outputs',
    text: 'By name of the target; `kind` says which keys belong to it.',
    parts: ['regression', 'score', 'reconstruction', 'binary', 'classes', 'label'].map((kind, index) => [
      `\`${kind}\``,
      ['outputs', '*', index],
    ]),
  },
  {
    key: 'steps',
    text: 'Of a forecast. One of two forms.',
    parts: [
      ['At even distances', ['outputs', '*', 0, 'steps', 0]],
      ['By names', ['outputs', '*', 0, 'steps', 1]],
    ],
  },
  {
    key: 'quantization',
    text: 'Of an input or an output whose whole numbers stand for others, as in a model that is int8 throughout.',
    parts: [['', ['outputs', '*', 0, 'quantization']]],
  },
  {
    key: 'calibration',
    parts: [
      ["Platt's, of a `binary` target only", [...BINARY, 'calibration', 0]],
      ['A temperature', [...BINARY, 'calibration', 1]],
    ],
  },
  { key: 'costs', parts: [['', [...BINARY, 'costs']]] },
  {
    key: 'explanation',
    text: '`method` says which keys belong to it.',
    parts: ['occlusion', 'shapley', 'squared_error'].map((method, index) => [`\`${method}\``, ['explanation', index]]),
  },
  { key: 'files', text: 'By name of the file.', parts: [['', ['files', '*']]] },
];

/** What other tables link to. */
const KEYS = SECTIONS.map(({ key }) => key);

/** The tables of the page: the properties of each part of the manifest. */
export function manifestParts(): Schema[] {
  const whole: Schema = manifestJsonSchema();
  return SECTIONS.flatMap(({ parts }) => parts.map(([, path]) => partAt(whole, path)));
}

export function partAt(whole: Schema, path: Path): Schema {
  return path.reduce<Schema>((schema, step) => {
    const found =
      typeof step === 'number'
        ? (schema.anyOf ?? schema.oneOf)?.[step]
        : step === '*'
          ? (schema.items ?? schema.additionalProperties)
          : schema.properties?.[step];
    if (typeof found !== 'object' || Array.isArray(found)) throw new Error(`the manifest has no ${path.join('.')}`);
    return found;
  }, whole);
}

/** models/MANIFEST.md as it has to be. */
export function manifestReference(): string {
  const whole: Schema = manifestJsonSchema();
  const sections = SECTIONS.map(({ key, text, parts }) => {
    const tables = parts.flatMap(([title, path]) => [
      ...(title === '' ? [] : [`${title}:`]),
      table(partAt(whole, path)),
    ]);
    return [`## ${key}`, ...(text === undefined ? [] : [text]), ...tables].join('\n\n');
  });
  return `${[head(), ...sections].join('\n\n')}\n`;
}

/** A table of the properties of a part. */
export function table({ properties = {}, required = [] }: Schema, anchors: readonly string[] = KEYS): string {
  const rows = Object.entries(properties).map(([key, property]) => {
    const schema = property as Schema;
    const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
    const given = required.includes(key) ? 'required' : fallback;
    return `| \`${key}\` | ${linked(key, form(schema), anchors)} | ${given} | ${cell(schema.description ?? '')} |`;
  });
  return `| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function linked(key: string, type: string, anchors: readonly string[]): string {
  const told = anchors.includes(key);
  return told && type.includes('object') ? `[${type}](#${key})` : type;
}

/** What a value is, in words. */
function form(schema: Schema): string {
  const members = schema.anyOf ?? schema.oneOf;
  if (members) return [...new Set(members.map((member) => form(member as Schema)))].join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.items)) return `[${schema.items.map((item) => form(item as Schema)).join(', ')}]`;
  if (typeof schema.items === 'object') return `list of ${form(schema.items as Schema)}`;
  if (schema.propertyNames) return `map of ${form(schema.additionalProperties as Schema)}`;
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  return String(schema.pattern).includes('(ms|s|m|min|h|d)') ? 'duration' : typeOf(schema);
}

function head(): string {
  const { files, ...example } = JSON.parse(readFileSync('models/examples/zipmap/manifest.json', 'utf8'));
  return `# The manifest

\`manifest.json\` lies beside \`model.onnx\` in a bundle's folder and says everything about the model that was settled when it
was trained: which tags it reads, how a window of them becomes its input, what its outputs mean. A configuration then names
the folder and nothing else. This is the one of \`models/examples/zipmap\`, which names the state of a part from
its vibration and its play:

\`\`\`json
${compactJson({ $schema: '../../manifest.schema.json', ...example })}
\`\`\`

To write one:

1. \`edgewright model inspect model.onnx\` lists the inputs and outputs of the model: their names go into \`input\` and
   \`outputs\`.
2. Write \`manifest.json\` without \`files\`: what the model is, its [tags](#tags) and their units, the [window](#window),
   the [input](#input), and what each of the [outputs](#outputs) means. [FEATURES.md](FEATURES.md) lists the features.
3. Put beside it what there is of [\`golden.json\`](GOLDEN.md), answers that the model gave where it was made, and \`profile.json\`, how
   its features and outputs are distributed there, which explanations and the variance of errors need.
4. \`edgewright model pack FOLDER\` holds the parts against each other, names what is wrong, and writes \`files\`; again after
   every change.
5. \`edgewright model test FOLDER\` runs the golden cases.

Editors complete and check the file with the \`$schema\` of the example: a path to
[manifest.schema.json](manifest.schema.json), or its address. A duration is a text such as \`250ms\`, \`30s\`, \`5m\`, \`72h\` or
\`7d\`. A key that is not listed here is refused,
and the nearest one named.

This page is made from the source by \`npm run schema\`; a test holds it against the source.`;
}
