// Turns nodes, tensors, value infos and graphs into protobuf bytes; what was read and not changed is copied as it stood.
import type { AttributeValue, Initializer, OnnxGraph, OnnxNode, ValueInfo } from './model';
import { sourceOf } from './source';
import { varintBytes, WIDE_LENGTH, WireWriter, type LazyBytes } from './wireWriter';

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

/** How an initializer is to be written. */
export interface InitializerOptions {
  /** Data in place of its own. */
  readonly data?: LazyBytes;
  /** Offset in the file at which its field will begin, if known: its data are then aligned. */
  readonly fieldAt?: number;
}

/**
 * The body of a TensorProto; its data are a part of their own and not copied. Where `fieldAt` is given, data of some size
 * come to lie at a multiple of 4, so that they can be read without a copy; the doc string makes room and is lost.
 */
export function encodeInitializer(
  initializer: Initializer,
  { data, fieldAt }: InitializerOptions = {},
): WireWriter {
  const { dims, elementType, name, raw, external } = initializer;
  const source = sourceOf(initializer);
  const writer = new WireWriter();
  const keeps = fieldAt === undefined || external !== undefined || raw === undefined || raw.length < ALIGNED;
  if (source && !data && keeps) {
    return writer.raw(source);
  }
  writer.ints(1, dims).int(2, elementType).string(8, name);
  if (external && !data) {
    const { location, offset, length } = external;
    for (const [key, value] of Object.entries({ location, offset, length })) {
      writer.message(13, new WireWriter().string(1, key).string(2, String(value)));
    }
    return writer.int(14, 1);
  }
  const content = data ?? raw;
  if (!content) {
    throw new RangeError(`The tensor "${name}" holds strings or no data; it can be copied but not changed.`);
  }
  if (fieldAt !== undefined) {
    const padding = paddingFor(fieldAt, writer.length, content.length);
    if (padding >= 2) {
      writer.string(DOC_STRING, ' '.repeat(padding - 2));
    }
  }
  return writer.bytes(9, content);
}

/** Data from this size on are worth aligning. */
const ALIGNED = 1024;

const DOC_STRING = 12;

/** Bytes of doc string field (none, or 2 and more) that move the data of a tensor to a multiple of 4 in the file. */
function paddingFor(fieldAt: number, header: number, data: number): number {
  const dataTag = 1 + varintBytes(data);
  const fits = (padding: number): boolean => {
    const before = header + padding + dataTag;
    return (fieldAt + 1 + varintBytes(before + data) + before) % 4 === 0;
  };
  return [0, 2, 3, 4, 5, 6].find(fits) ?? 0;
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

/**
 * The body of a GraphProto. `dataOf` replaces the data of initializers while they are written; `bodyAt` is the offset in
 * the file at which the body will begin, if known.
 */
export function encodeGraph(
  graph: Partial<OnnxGraph>,
  { dataOf, bodyAt }: { readonly dataOf?: DataOf; readonly bodyAt?: number } = {},
): WireWriter {
  const writer = new WireWriter();
  for (const node of graph.nodes ?? []) {
    writer.message(1, encodeNode(node));
  }
  if (graph.name) {
    writer.string(2, graph.name);
  }
  for (const initializer of graph.initializers ?? []) {
    const fieldAt = bodyAt === undefined ? undefined : bodyAt + writer.length;
    writer.message(5, encodeInitializer(initializer, { data: dataOf?.(initializer), fieldAt }));
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
  const bodyAt = writer.length + 1 + WIDE_LENGTH;
  return writer.wideMessage(7, encodeGraph(model.graph, { dataOf, bodyAt })).finish();
}

/** The body of an OperatorSetIdProto. */
export function encodeOpset(domain: string, version: number): WireWriter {
  const writer = new WireWriter();
  if (domain !== '') {
    writer.string(1, domain);
  }
  return writer.int(2, version);
}
