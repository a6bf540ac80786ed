// Turns nodes, tensors, value infos and graphs into protobuf bytes; what was read and not changed is copied as it stood.
import type { AttributeValue, Initializer, OnnxGraph, OnnxNode, ValueInfo } from './model';
import { sourceOf } from './source';
import { WireWriter, type LazyBytes } from './wireWriter';

/** Data to write in place of an initializer's own, produced at the moment of writing. */
export type DataOf = (initializer: Initializer) => LazyBytes | undefined;

/** The body of a NodeProto. */
export function encodeNode(node: OnnxNode): WireWriter {
  const source = sourceOf(node);
  const writer = new WireWriter();
  if (source) {
    return writer.raw(source);
  }
  for (const input of node.inputs) {
    writer.string(1, input);
  }
  for (const output of node.outputs) {
    writer.string(2, output);
  }
  if (node.name !== '') {
    writer.string(3, node.name);
  }
  writer.string(4, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, encodeAttribute(name, value));
  }
  if (node.domain !== '') {
    writer.string(7, node.domain);
  }
  return writer;
}

/** The body of an AttributeProto. */
function encodeAttribute(name: string, attribute: AttributeValue): WireWriter {
  const writer = new WireWriter();
  if (attribute.type === 'opaque') {
    return writer.raw(attribute.value);
  }
  writer.string(1, name);
  switch (attribute.type) {
    case 'float':
      return writer.float(2, attribute.value).int(20, 1);
    case 'int':
      return writer.int(3, attribute.value).int(20, 2);
    case 'string':
      return writer.string(4, attribute.value).int(20, 3);
    case 'tensor':
      return writer.message(5, encodeInitializer(attribute.value)).int(20, 4);
    case 'graph':
      return writer.message(6, encodeGraph(attribute.value)).int(20, 5);
    case 'floats':
      return writer.floats(7, attribute.value).int(20, 6);
    case 'ints':
      return writer.ints(8, attribute.value).int(20, 7);
    case 'strings':
      attribute.value.forEach((item) => writer.string(9, item));
      return writer.int(20, 8);
    default:
      return attribute satisfies never;
  }
}

/** The body of a TensorProto; its data are a part of their own and not copied. */
export function encodeInitializer(initializer: Initializer, data?: LazyBytes): WireWriter {
  const source = sourceOf(initializer);
  const writer = new WireWriter();
  if (source && !data) {
    return writer.raw(source);
  }
  writer.ints(1, initializer.dims).int(2, initializer.elementType).string(8, initializer.name);
  const { external } = initializer;
  if (external && !data) {
    const entries = { location: external.location, offset: external.offset, length: external.length };
    for (const [key, value] of Object.entries(entries)) {
      writer.message(13, new WireWriter().string(1, key).string(2, String(value)));
    }
    return writer.int(14, 1);
  }
  return writer.bytes(9, data ?? initializer.raw ?? new Uint8Array(0));
}

/** The body of a ValueInfoProto; without element type and shape, only the name is written. */
export function encodeValueInfo(value: ValueInfo): WireWriter {
  const source = sourceOf(value);
  const writer = new WireWriter();
  if (source) {
    return writer.raw(source);
  }
  writer.string(1, value.name);
  if (value.elementType === 0) {
    return writer;
  }
  const tensor = new WireWriter().int(1, value.elementType);
  if (value.dims) {
    const shape = new WireWriter();
    for (const dim of value.dims) {
      const dimension = new WireWriter();
      if (typeof dim === 'number') {
        dimension.int(1, dim);
      } else if (dim !== undefined) {
        dimension.string(2, dim);
      }
      shape.message(1, dimension);
    }
    tensor.message(2, shape);
  }
  return writer.message(2, new WireWriter().message(1, tensor));
}

/** The body of a GraphProto; `dataOf` replaces the data of initializers while they are written. */
export function encodeGraph(graph: Partial<OnnxGraph>, dataOf?: DataOf): WireWriter {
  const writer = new WireWriter();
  for (const node of graph.nodes ?? []) {
    writer.message(1, encodeNode(node));
  }
  if (graph.name) {
    writer.string(2, graph.name);
  }
  for (const initializer of graph.initializers ?? []) {
    writer.message(5, encodeInitializer(initializer, dataOf?.(initializer)));
  }
  for (const input of graph.inputs ?? []) {
    writer.message(11, encodeValueInfo(input));
  }
  for (const output of graph.outputs ?? []) {
    writer.message(12, encodeValueInfo(output));
  }
  for (const value of graph.valueInfo ?? []) {
    writer.message(13, encodeValueInfo(value));
  }
  for (const field of graph.rest ?? []) {
    writer.raw(field);
  }
  return writer;
}

/** What a model file consists of, apart from the bytes it may have been read from. */
export interface ModelParts {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
  readonly rest?: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * A whole ModelProto in one new buffer. Weights are copied once.
 *
 * @throws UserError `modelTooLarge` beyond 2 GB.
 */
export function encodeModel(model: ModelParts, dataOf?: DataOf): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().int(1, model.irVersion);
  if (model.producer !== '') {
    writer.string(2, model.producer);
  }
  for (const [domain, version] of Object.entries(model.opsets)) {
    writer.message(8, encodeOpset(domain, version));
  }
  for (const field of model.rest ?? []) {
    writer.raw(field);
  }
  return writer.message(7, encodeGraph(model.graph, dataOf)).finish();
}

/** The body of an OperatorSetIdProto. */
export function encodeOpset(domain: string, version: number): WireWriter {
  const writer = new WireWriter();
  if (domain !== '') {
    writer.string(1, domain);
  }
  return writer.int(2, version);
}
