import { EdgewrightError } from '../core/index.ts';
import type { Census, Graph } from './census.ts';
import type { OutputClasses } from './class-search.ts';
import { badName, malformed, notAModel, tooLarge, truncated } from './errors.ts';
import { isOrtFormat, recognizeOther } from './file-format.ts';
import { GraphReader } from './graph-reader.ts';
import { readOrtModel } from './ort-model.ts';
import { DEFAULT_READ_LIMITS, type ReadLimits } from './read-limits.ts';
import { batchHazardsOf, type Quantization, quantizationOf } from './traits.ts';
import type { ValueInfo } from './value-info.ts';
import { WireReader } from './wire-reader.ts';

/** Description of a model, read from its file alone. */
export interface ModelDescription {
  readonly format: 'onnx' | 'ort';
  readonly irVersion: number;
  /** Versions of operator sets by domain, the default one as `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Name and version of the program that wrote the file. */
  readonly producer: string;
  /** Nodes by operator, subgraphs and functions included. */
  readonly ops: Readonly<Record<string, number>>;
  readonly nodes: number;
  readonly inputs: readonly ValueInfo[];
  /** Inputs with a default inside the file. */
  readonly optionalInputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Elements of all weights and constants. */
  readonly parameters: number;
  /** Bytes that these take in memory. */
  readonly parameterBytes: number;
  /** Element types of weights and constants, as ONNX Runtime names them. */
  readonly elements: readonly string[];
  /** True where some weights lie in other files. */
  readonly externalData: boolean;
  /** Names of these files, as the model has them. */
  readonly externalFiles: readonly string[];
  /** Operator domains other than the default one. */
  readonly domains: readonly string[];
  /** Labels by the name of an output that a ZipMap makes. */
  readonly zipMaps: Readonly<Record<string, readonly string[]>>;
  /** What the file says of classes, by output; `labels` is empty where it only says which output gives the class. */
  readonly classes: ReadonlyMap<string, OutputClasses>;
  /** The operator that makes probabilities inside the file, by output. */
  readonly activations: ReadonlyMap<string, string>;
  readonly quantization: Quantization;
  /** Convolutions in 8 bits with as many groups as channels. */
  readonly integerDepthwise: number;
  /** True where nothing in the file speaks against batching rows; whether the bits stay the same only a run shows. */
  readonly batchInvariant: boolean;
  /** Reasons, in words, why rows may not share a batch. */
  readonly batchHazards: readonly string[];
}

/**
 * Reads a model's description from its bytes (ONNX or ORT format) without running it. Throws `onnx.*`, with the subject
 * `model`; `limits` bound time and memory.
 */
export function describeModel(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): ModelDescription {
  const bounds = { ...DEFAULT_READ_LIMITS, ...limits };
  if (bytes.length > bounds.bytes) throw tooLarge('model', `${bytes.length} bytes, at most ${bounds.bytes}`);
  if (isOrtFormat(bytes)) {
    const { census, graph, ...header } = readOrtModel(bytes, bounds);
    return describe('ort', header, census, graph);
  }
  const other = recognizeOther(bytes);
  if (other !== undefined) throw notAModel('model', other);
  return describeOnnx(bytes, bounds);
}

/** Reads a model's description; undefined where its file cannot be read, which loading it says. */
export function tryDescribeModel(bytes: Uint8Array): ModelDescription | undefined {
  try {
    return describeModel(bytes);
  } catch (error) {
    if (error instanceof EdgewrightError) return undefined;
    throw error;
  }
}

/** Lists the names of the files that hold a model's weights; none where its own file cannot be read. */
export function externalFilesOf(bytes: Uint8Array): readonly string[] {
  return tryDescribeModel(bytes)?.externalFiles ?? [];
}

type Header = Pick<ModelDescription, 'irVersion' | 'producer'> & { readonly opsets: ReadonlyMap<string, number> };

class ProtoHeader implements Header {
  irVersion = 0;
  producer = '';
  readonly opsets = new Map<string, number>();
}

function describeOnnx(bytes: Uint8Array, limits: ReadLimits): ModelDescription {
  const header = new ProtoHeader();
  const graphs = new GraphReader(limits);
  const graph = readModel(new WireReader({ bytes, fieldsLeft: limits.fields, maxName: limits.name }), header, graphs);
  if (graph === undefined) throw notAModel('model', 'it holds no graph');
  if (header.opsets.size === 0) throw truncated('model', 'it declares no opset, which stands after the graph');
  return describe('onnx', header, graphs.census, graph);
}

/** Reads a ModelProto. Until its version is read, bytes that cannot be decoded are no damaged model but none at all. */
function readModel(reader: WireReader, header: ProtoHeader, graphs: GraphReader): Graph | undefined {
  let graph: Graph | undefined;
  try {
    while (reader.next()) {
      if (reader.field === 1) header.irVersion = reader.value;
      else if (reader.field === 2) header.producer = `${reader.text()} ${header.producer}`.trim();
      else if (reader.field === 3) header.producer = `${header.producer} ${reader.text()}`.trim();
      else if (reader.field === 7) graph = graphs.readGraph(reader.message());
      else if (reader.field === 8) readOpset(reader.message(), header.opsets);
      else if (reader.field === 25) readFunction(reader.message(), graphs);
    }
  } catch (error) {
    const undecodable = error instanceof EdgewrightError && error.kind !== tooLarge.kind;
    if (!undecodable || header.irVersion > 0) throw error;
    throw notAModel('model', 'it is not a protobuf of an ONNX model', { cause: error });
  }
  if (graph !== undefined && header.irVersion <= 0) throw malformed('model', 'it declares no IR version');
  return graph;
}

function readOpset(reader: WireReader, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  while (reader.next()) {
    if (reader.field === 1) domain = reader.text();
    else if (reader.field === 2) version = reader.value;
  }
  opsets.set(domain === '' ? 'ai.onnx' : domain, version);
}

function readFunction(reader: WireReader, graphs: GraphReader): void {
  while (reader.next()) if (reader.field === 7) graphs.readNode(reader.message());
}

function describe(format: 'onnx' | 'ort', header: Header, census: Census, graph: Graph): ModelDescription {
  refuseNames(graph);
  const batchHazards = batchHazardsOf(census.ops, graph.inputs);
  return {
    format,
    irVersion: header.irVersion,
    producer: header.producer,
    opsets: Object.fromEntries(header.opsets),
    ops: Object.fromEntries(census.ops),
    nodes: census.nodes,
    inputs: graph.inputs,
    optionalInputs: graph.optionalInputs,
    outputs: graph.outputs,
    parameters: census.parameters,
    parameterBytes: census.parameterBytes,
    elements: [...census.elements].sort(),
    externalData: census.externalFiles.size > 0,
    externalFiles: [...census.externalFiles].sort(),
    domains: [...census.domains].filter((domain) => domain !== '').sort(),
    zipMaps: Object.fromEntries(census.zipMaps),
    classes: census.classes.find(graph.outputs),
    activations: census.classes.activations(graph.outputs),
    quantization: quantizationOf(census.ops),
    integerDepthwise: census.depthwise.count(),
    batchInvariant: batchHazards.length === 0,
    batchHazards,
  };
}

/** Refuses names of inputs and outputs with which a run would fail in JavaScript. */
function refuseNames({ inputs, outputs }: Graph): void {
  for (const { name } of [...inputs, ...outputs]) {
    if (name.includes('\0')) throw badName('model', `${JSON.stringify(name)} contains NUL`);
    if (name === '__proto__') throw badName('model', `${name} is no name that JavaScript leaves alone`);
  }
}
