import { goldenJsonSchema } from '../../src/common/onnx/index.ts';
import { compactJson } from './compact-json.ts';
import { type Path, partAt, table } from './manifest-reference.ts';

const PARTS: readonly (readonly [title: string, text: string, path: Path])[] = [
  ['Top level', 'One of `cases` and `readings` has to be there.', []],
  ['tolerance', '', ['tolerance']],
  ['cases', 'Tensors of the model alone.', ['cases', '*']],
  ['An input or output', '', ['cases', '*', 'inputs', '*']],
  ['readings', 'Readings for the whole bundle.', ['readings', '*']],
  ['An entry of its `readings`', '', ['readings', '*', 'readings', '*']],
  ['An entry of its `predictions`', '', ['readings', '*', 'predictions', '*']],
];

const ANCHORS = ['tolerance', 'cases', 'readings'];

const EXAMPLE = {
  $schema: '../golden.schema.json',
  source: 'scikit-learn 1.7, predict_proba',
  tolerance: { rtol: 0.001, atol: 0.0001 },
  cases: [
    {
      inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 2], data: [4.5, 120] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 2], data: [0.9, 0.1] }],
    },
  ],
  readings: [
    {
      name: 'a worn bearing',
      readings: [{ t: 1767225600000, values: { vibration: 4.5, play: 120 } }],
      predictions: [{ output: { label: 'failure', probabilities: { failure: 0.9 } }, decision: 'anomaly' }],
    },
  ],
};

/** models/GOLDEN.md as it has to be. */
export function goldenReference(): string {
  const whole = goldenJsonSchema();
  const sections = PARTS.map(([title, text, path]) =>
    [`## ${title}`, ...(text === '' ? [] : [text]), table(partAt(whole, path), ANCHORS)].join('\n\n'),
  );
  return `${[head(), ...sections].join('\n\n')}\n`;
}

function head(): string {
  return `# Golden cases

\`golden.json\` lies in a bundle's folder, or beside a model \`NAME.onnx\` as \`NAME.golden.json\`, and holds answers that were
recorded where the model was made. A model gives them again, within the tolerance, before it may act: at \`model pack\`, on
every engine that is there, at \`check\`, and whenever \`run\` or \`replay\` loads it.

\`\`\`json
${compactJson(EXAMPLE)}
\`\`\`

\`cases\` try the model alone. Two tags in the wrong order, a wrong scaling, a window of another length or labels that are
turned pass them all. \`readings\` try the bundle: they go through windows, features, scaling, model and decision as those of a
plant do, by the model's own tags, without anything that a configuration adds. Take some of the rows on which the model was
evaluated, with what the training code itself says of them. At the end of a case, windows that have begun close with what
they hold. \`model test\`, which looks at models without a manifest, runs \`cases\` alone.

Where an answer differs, the error says the engine, the case, the output, by how much, and the tolerance that decided. Engines
compute models in 8 bits differently by some hundredths of a logit: record a \`tolerance\` that allows for it.

Editors complete and check the file with the \`$schema\` of the example, a path to [golden.schema.json](golden.schema.json). A
key that is not listed here is refused, and the nearest one named.

This page is made from the source by \`npm run schema\`; a test holds it against the source.`;
}
