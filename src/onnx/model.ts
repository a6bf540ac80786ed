// An ONNX file as data: nodes are objects, weights stay views on the file's bytes. Types, and the size of an element.

/** Element types of onnx.proto3 `TensorProto.DataType` that occur in Transformers. */
export const ElementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** Bytes per element of an {@link ElementType}; undefined for strings and for types that are not listed there. */
export function elementBytes(elementType: number): number | undefined {
  return ELEMENT_BYTES[elementType];
}

const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [ElementType.float32]: 4,
  [ElementType.uint8]: 1,
  [ElementType.int8]: 1,
  [ElementType.uint16]: 2,
  [ElementType.int16]: 2,
  [ElementType.int32]: 4,
  [ElementType.int64]: 8,
  [ElementType.bool]: 1,
  [ElementType.float16]: 2,
  [ElementType.float64]: 8,
  [ElementType.uint32]: 4,
  [ElementType.uint64]: 8,
  [ElementType.bfloat16]: 2,
};

/** The value of an attribute. Graphs are the branches of If, Loop and Scan. */
export type AttributeValue =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensor'; readonly value: Initializer }
  | { readonly type: 'graph'; readonly value: OnnxGraph }
  /** A kind of value that is not decoded (sparse tensors, types, lists of graphs, bytes that are no text): its AttributeProto. */
  | { readonly type: 'opaque'; readonly value: Uint8Array<ArrayBuffer> };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A NodeProto. An optional input or output that is left out is the empty string. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** Empty for the standard operators, `com.microsoft` for the runtime's own. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A TensorProto: a weight or constant. The bytes are little-endian, row-major and not copied. */
export interface Initializer {
  readonly name: string;
  /** A value of {@link ElementType}. */
  readonly elementType: number;
  readonly dims: readonly number[];
  /**
   * View on the file's bytes (a copy where the file stores numbers one by one); undefined for strings and when the data
   * stand in an external file that was not given.
   */
  readonly raw: Uint8Array<ArrayBuffer> | undefined;
  readonly external: ExternalData | undefined;
}

/** Where the data of an {@link Initializer} stand when not in the model file itself. */
export interface ExternalData {
  /** Path relative to the model file, with forward slashes; never absolute and never outside the model's folder. */
  readonly location: string;
  /** Bytes from the start of that file. */
  readonly offset: number;
  readonly length: number;
}

/** A dimension: a number, a symbolic name, or undefined when the file says nothing. */
export type Dimension = number | string | undefined;

/** A ValueInfoProto of tensor type. */
export interface ValueInfo {
  readonly name: string;
  /** 0 when not stated. */
  readonly elementType: number;
  /** Undefined when even the rank is not stated. */
  readonly dims: readonly Dimension[] | undefined;
}

/** A GraphProto. */
export interface OnnxGraph {
  readonly name: string;
  /** In the order of the file, which is not topological in every file; see `sortNodes`. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly valueInfo: readonly ValueInfo[];
  /** Fields that are not decoded (sparse initializers, annotations), kept for writing: tag and value of each. */
  readonly rest?: readonly Uint8Array<ArrayBuffer>[];
}

/** A ModelProto, with the bytes it was read from. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; the standard domain is the empty string. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
  /** The file. Initializers are views on it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** External files that were given when reading, by their location. */
  readonly files?: ExternalFiles;
  /** Fields that are not decoded (metadata, model-local functions), kept for writing: tag and value of each. */
  readonly rest?: readonly Uint8Array<ArrayBuffer>[];
}

/** Contents of external data files by {@link ExternalData.location}. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
