import type { Command } from 'commander';
import { formatBytes, printableIn } from '../../common/core/index.ts';
import { inspectFile } from '../modeltools/index.ts';
import type { CommandContext } from './command.ts';
import { type Io, paint, writeLine } from './io.ts';

const HELP = `
Reads the file and does not run it. Datatypes are those of the Open Inference Protocol, N is a free dimension.
Classes are those that the file itself names, in the order of the columns: a manifest's labels have to be the same.
Warnings name what is slow, what an engine refuses and what has to lie beside the model; they do not change the exit
status.

Examples:
  edgewright model inspect model.onnx
  edgewright model inspect model.onnx --json`;

export function defineInspect(model: Command, { io }: CommandContext): void {
  model
    .command('inspect')
    .argument('<file>', '.onnx or .ort file')
    .option('--json', 'write one JSON object')
    .description('Say what a model is, what it needs, and what to look out for.')
    .addHelpText('after', HELP)
    .action(async (file: string, { json }: { json?: boolean }) => {
      const found = await inspectFile(file);
      await writeLine(io, json ? JSON.stringify(found) : describe(printableIn(found), io));
    });
}

/** Most classes of an output that are shown. */
const SHOWN_CLASSES = 20;

type Inspection = Awaited<ReturnType<typeof inspectFile>>;

function describe(model: Inspection, io: Io): string {
  const { file, format, opsets, producer, quantization, ops, sha256, warnings } = model;
  const versions = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`);
  const operators = Object.entries(ops)
    .sort(([, a], [, b]) => b - a)
    .map(([op, count]) => `${count} ${op}`);
  const sizes = [
    `${formatBytes(model.bytes)} file`,
    `${model.parameters} parameters (${formatBytes(model.parameterBytes)})`,
    `up to ${formatBytes(model.memoryBytes)} of memory before the first run`,
  ];
  const row = (name: string, text: string) => (text === '' ? [] : [`  ${name.padEnd(13)} ${text}`]);
  return [
    paint(io, 'bold', file),
    ...row('format', [format, ...versions, producer && `by ${producer}`].filter(Boolean).join(', ')),
    ...row('sha256', sha256),
    ...row('size', sizes.join(', ')),
    ...row('quantization', quantization),
    ...row('operators', operators.join(', ')),
    ...model.inputs.flatMap((value) => row('input', valueText(value))),
    ...model.optionalInputs.flatMap((value) => row('optional', valueText(value))),
    ...model.outputs.flatMap((value) => row('output', valueText(value))),
    ...model.classes.flatMap((classes) => row('classes', classesText(classes))),
    ...warnings.map(({ code, message }) => `${paint(io, 'yellow', 'warning')} ${message} [${code}]`),
  ].join('\n');
}

/** Classes of an output; of many, the first and the last. */
function classesText({ output, labels, source }: Inspection['classes'][number]): string {
  const shown =
    labels.length <= SHOWN_CLASSES ? labels : [...labels.slice(0, SHOWN_CLASSES - 1), '...', ...labels.slice(-1)];
  return `${output}: ${shown.join(', ')} (${labels.length}, by ${source})`;
}

function valueText({ name, datatype, shape, type }: Inspection['inputs'][number]): string {
  const dimensions = shape === null ? '[any rank]' : `[${shape.map((size) => (size < 0 ? 'N' : size)).join(',')}]`;
  return `${name} ${datatype === null ? type : `${datatype} ${dimensions}`}`;
}
