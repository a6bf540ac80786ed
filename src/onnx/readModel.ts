// Reads an ONNX file in one scan: nodes become objects, weights stay views. Does not check operators or types.
import { UserError } from '../shared/errors';
import { corruptAt, explainCorrupt } from './corrupt';
import {
  MAX_ATTRIBUTE_ITEMS,
  MAX_FILE_BYTES,
  MAX_GRAPH_DEPTH,
  MAX_NAME_BYTES,
  MAX_NODE_PARTS,
  MAX_NODES,
  MAX_OPSETS,
  MAX_TENSORS,
  MAX_VALUE_INFOS,
} from './limits';
import type { ExternalFiles, Initializer, OnnxGraph, OnnxModel, OnnxNode, ValueInfo } from './model';
import { readNode } from './readNode';
import { readTensor } from './readTensor';
import { readValueInfo } from './readValueInfo';
import { WireReader } from './wireReader';

/** The IR version from which a model must name its operator sets. */
const IR_WITH_OPSETS = 3;

/**
 * Reads a ModelProto (onnx.proto3) without copying weights. `files` holds external data by location; what is missing
 * there leaves `raw` undefined.
 *
 * @throws UserError `modelCorrupt` with the byte offset for anything that is not a whole ONNX model; `modelTooLarge`.
 */
export function readModel(bytes: Uint8Array<ArrayBuffer>, files?: ExternalFiles): OnnxModel {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new UserError(
      'modelTooLarge',
      `The model file has ${bytes.length} bytes, but one ONNX file can hold at most 2 GB. Export it with external data.`,
      { bytes: bytes.length },
    );
  }
  // A Buffer's subarrays would be Buffers, whose methods differ; the browser has none.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return new ModelReader(plain, files).read();
  } catch (error) {
    throw explainCorrupt(plain, error);
  }
}

type MutableGraph = {
  name: string;
  nodes: OnnxNode[];
  initializers: Initializer[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  valueInfo: ValueInfo[];
  rest: Uint8Array<ArrayBuffer>[];
};

/** One reading of one file, with the counts that its limits are about. */
class ModelReader {
  #nodes = 0;
  #parts = 0;
  #items = 0;
  #tensors = 0;
  #values = 0;

  constructor(
    private readonly bytes: Uint8Array<ArrayBuffer>,
    private readonly files: ExternalFiles | undefined,
  ) {}

  read(): OnnxModel {
    const { bytes, files } = this;
    const message = new WireReader(bytes, 0, bytes.length);
    const opsets = Object.create(null) as Record<string, number>;
    const rest: Uint8Array<ArrayBuffer>[] = [];
    let irVersion = 0;
    let producer = '';
    let graph: MutableGraph | undefined;
    let opsetCount = 0;
    while (message.next()) {
      switch (message.field) {
        case 1:
          irVersion = message.int('the IR version');
          break;
        case 2:
          producer = message.string('the producer', MAX_NAME_BYTES);
          break;
        case 7:
          // A graph that comes twice is merged, as protobuf demands.
          graph ??= emptyGraph();
          this.#graph(message.message('the graph'), graph, 0);
          break;
        case 8: {
          if (++opsetCount > MAX_OPSETS) {
            throw corruptAt(
              message.offset,
              'the model imports too many operator sets',
              `at most ${MAX_OPSETS}`,
            );
          }
          const [domain, version] = readOpset(message.message('an operator set'));
          opsets[domain] = version;
          break;
        }
        default:
          message.skip();
          rest.push(bytes.subarray(message.fieldStart, message.offset));
      }
    }
    if (!graph) {
      throw corruptAt(bytes.length, 'the file ends without a graph', 'a graph');
    }
    if (opsetCount === 0 && irVersion >= IR_WITH_OPSETS) {
      throw corruptAt(bytes.length, 'the file ends without naming its operator sets', 'an operator set');
    }
    return { irVersion, producer, opsets, graph, bytes, files, rest };
  }

  #graph(message: WireReader, graph: MutableGraph, depth: number): OnnxGraph {
    const context = {
      countPart: (at: number) =>
        this.#checkLimit(++this.#parts, MAX_NODE_PARTS, 'node inputs, outputs and attributes', at),
      countItems: (items: number, at: number) =>
        this.#checkLimit((this.#items += items), MAX_ATTRIBUTE_ITEMS, 'numbers in attributes', at),
      tensor: (inner: WireReader) => this.#tensor(inner),
      graph: (inner: WireReader) => {
        this.#checkLimit(depth + 1, MAX_GRAPH_DEPTH, 'graphs inside one another', inner.offset);
        return this.#graph(inner, emptyGraph(), depth + 1);
      },
    };
    while (message.next()) {
      switch (message.field) {
        case 1:
          this.#checkLimit(++this.#nodes, MAX_NODES, 'nodes', message.offset);
          graph.nodes.push(readNode(message.message('a node'), context));
          break;
        case 2:
          graph.name = message.string('the name of the graph', MAX_NAME_BYTES);
          break;
        case 5:
          graph.initializers.push(this.#tensor(message.message('an initializer')));
          break;
        case 11:
          graph.inputs.push(this.#valueInfo(message.message('an input')));
          break;
        case 12:
          graph.outputs.push(this.#valueInfo(message.message('an output')));
          break;
        case 13:
          graph.valueInfo.push(this.#valueInfo(message.message('a value info')));
          break;
        default:
          message.skip();
          this.#checkLimit(++this.#values, MAX_VALUE_INFOS, 'values', message.offset);
          graph.rest.push(message.bytes.subarray(message.fieldStart, message.offset));
      }
    }
    return graph;
  }

  #tensor(message: WireReader): Initializer {
    this.#checkLimit(++this.#tensors, MAX_TENSORS, 'tensors', message.offset);
    return readTensor(message, this.files);
  }

  #valueInfo(message: WireReader): ValueInfo {
    this.#checkLimit(++this.#values, MAX_VALUE_INFOS, 'values', message.offset);
    return readValueInfo(message);
  }

  #checkLimit(count: number, limit: number, what: string, offset: number): void {
    if (count > limit) {
      throw corruptAt(offset, `the file has more than ${limit} ${what}`, 'a model of a sane size');
    }
  }
}

function emptyGraph(): MutableGraph {
  return { name: '', nodes: [], initializers: [], inputs: [], outputs: [], valueInfo: [], rest: [] };
}

/** An OperatorSetIdProto. */
function readOpset(message: WireReader): [domain: string, version: number] {
  let domain = '';
  let version = 0;
  while (message.next()) {
    if (message.field === 1) {
      domain = message.string('the domain of an operator set', MAX_NAME_BYTES);
    } else if (message.field === 2) {
      version = message.int('the version of an operator set');
    } else {
      message.skip();
    }
  }
  return [domain === 'ai.onnx' ? '' : domain, version];
}
