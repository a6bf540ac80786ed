// Reads a NodeProto and its attributes; branches of control-flow operators are read by the function that is passed in.
import { corruptAt } from './corrupt';
import { MAX_ATTRIBUTE_ITEMS, MAX_NAME_BYTES, MAX_STRING_BYTES } from './limits';
import type { AttributeValue, Initializer, OnnxGraph, OnnxNode } from './model';
import { readFrom } from './source';
import { decodeUtf8, type WireReader } from './wireReader';

/** What a node needs of its surroundings: counters over the whole file, and how to read what it contains. */
export interface NodeContext {
  /** Counts an input, output or attribute against the limit of the file. */
  countPart(offset: number): void;
  /** Counts numbers or strings of attributes. */
  countItems(items: number, offset: number): void;
  tensor(message: WireReader): Initializer;
  graph(message: WireReader): OnnxGraph;
}

/** `AttributeProto.AttributeType` (onnx.proto3). */
const Kind = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

export function readNode(message: WireReader, context: NodeContext): OnnxNode {
  const start = message.offset;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, AttributeValue> = Object.create(null) as Record<string, AttributeValue>;
  let name = '';
  let opType = '';
  let domain = '';
  while (message.next()) {
    switch (message.field) {
      case 1:
        context.countPart(message.offset);
        inputs.push(message.string('an input of a node', MAX_NAME_BYTES));
        break;
      case 2:
        context.countPart(message.offset);
        outputs.push(message.string('an output of a node', MAX_NAME_BYTES));
        break;
      case 3:
        name = message.string('the name of a node', MAX_NAME_BYTES);
        break;
      case 4:
        opType = message.string('the operator of a node', MAX_NAME_BYTES);
        break;
      case 5: {
        context.countPart(message.offset);
        const [key, value] = readAttribute(message.message('an attribute'), context);
        attributes[key] = value;
        break;
      }
      case 7:
        domain = message.string('the domain of a node', MAX_NAME_BYTES);
        break;
      default:
        message.skip();
    }
  }
  if (opType === '') {
    throw corruptAt(start, `node "${name}" names no operator`, 'an operator such as MatMul');
  }
  // `ai.onnx` is the standard domain's other name.
  const node: OnnxNode = {
    name,
    opType,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs,
    outputs,
    attributes,
  };
  return readFrom(node, message.bytes.subarray(start, message.end));
}

function readAttribute(message: WireReader, context: NodeContext): [name: string, value: AttributeValue] {
  const start = message.offset;
  let name = '';
  let kind = 0;
  let float = 0;
  let int = 0;
  let text: string | undefined = '';
  let tensor: Initializer | undefined;
  let graph: OnnxGraph | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  let opaque = false;
  /** Files before IR version 2 do not state the kind: it is the field that is there. */
  let present = 0;
  while (message.next()) {
    switch (message.field) {
      case 1:
        name = message.string('the name of an attribute', MAX_NAME_BYTES);
        break;
      case 20:
        kind = message.int('the kind of an attribute');
        break;
      case 2:
        present ||= Kind.float;
        float = message.float('a float attribute');
        break;
      case 3:
        present ||= Kind.int;
        int = message.int('an integer attribute');
        break;
      case 4: {
        present ||= Kind.string;
        const bytes = message.view('a string attribute');
        text = bytes.length > MAX_STRING_BYTES ? undefined : decodeUtf8(bytes);
        opaque ||= text === undefined;
        break;
      }
      case 5:
        present ||= Kind.tensor;
        tensor = context.tensor(message.message('a tensor attribute'));
        break;
      case 6:
        present ||= Kind.graph;
        graph = context.graph(message.message('a graph attribute'));
        break;
      case 7:
        present ||= Kind.floats;
        message.floats(floats, 'an attribute', MAX_ATTRIBUTE_ITEMS);
        break;
      case 8:
        present ||= Kind.ints;
        message.ints(ints, 'an attribute', MAX_ATTRIBUTE_ITEMS);
        break;
      case 9: {
        present ||= Kind.strings;
        context.countItems(1, message.offset);
        const bytes = message.view('a string attribute');
        const item = bytes.length > MAX_STRING_BYTES ? undefined : decodeUtf8(bytes);
        opaque ||= item === undefined;
        strings.push(item ?? '');
        break;
      }
      case 10:
      case 11:
      case 14:
      case 15:
      case 21:
      case 22:
      case 23:
        opaque = true;
        message.skip();
        break;
      default:
        message.skip();
    }
  }
  context.countItems(floats.length + ints.length, start);
  const whole = message.bytes.subarray(start, message.end);
  if (opaque) {
    return [name, { type: 'opaque', value: whole }];
  }
  const value = ((): AttributeValue => {
    switch (kind || present) {
      case Kind.float:
        return { type: 'float', value: float };
      case Kind.int:
        return { type: 'int', value: int };
      case Kind.string:
        return { type: 'string', value: text ?? '' };
      case Kind.tensor:
        if (tensor) {
          return { type: 'tensor', value: tensor };
        }
        throw corruptAt(start, `attribute "${name}" has no tensor`, 'a tensor');
      case Kind.graph:
        if (graph) {
          return { type: 'graph', value: graph };
        }
        throw corruptAt(start, `attribute "${name}" has no graph`, 'a graph');
      case Kind.floats:
        return { type: 'floats', value: floats };
      case Kind.ints:
        return { type: 'ints', value: ints };
      case Kind.strings:
        return { type: 'strings', value: strings };
      default:
        return { type: 'opaque', value: whole };
    }
  })();
  return [name, value];
}
