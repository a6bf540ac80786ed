// Finds the projection onto the vocabulary and whether it is the embedding again, transposed.
import { elementBytes, type Initializer } from '../onnx/model';
import type { NotFound } from '../shared/modelSummary';
import type { OutputSite } from './anatomy';
import type { GraphFacts } from './graphFacts';
import type { LookUp } from './embedding';
import { intAttribute, intsAttribute } from './symbolic/attributes';

/** Operators between the projection and the graph's output. */
const PASSES = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Add',
  'Mul',
  'Div',
  'Tanh',
  'Softmax',
  'LogSoftmax',
  'Slice',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
]);
const MAX_STEPS = 10;

/** A weight `[width, vocabulary]`, or transposed, as a product reads it. */
interface Projection {
  readonly tensor: string;
  readonly logits: string;
  /** Whether the weight lies as `[vocabulary, width]`, like the embedding. */
  readonly likeEmbedding: boolean;
  readonly vocabulary: number;
}

export function findOutput(
  facts: GraphFacts,
  embedding: LookUp | undefined,
): { readonly output: OutputSite | undefined; readonly notFound: readonly NotFound[] } {
  for (const { name } of facts.model.graph.outputs) {
    const projection = projectionBehind(facts, name, embedding);
    if (projection) {
      const { tensor, vocabulary } = projection;
      const tied = embedding ? isTied(facts, projection, embedding) : false;
      const notFound =
        tied === undefined
          ? [
              {
                what: 'tied embedding',
                why: `The numbers of "${tensor}" stand in a file that was not given, so that they could not be compared with the embedding's.`,
              },
            ]
          : [];
      return {
        output: {
          tensor: facts.weight(tensor)?.name ?? tensor,
          logits: name,
          vocabulary,
          tied: tied ?? false,
        },
        notFound,
      };
    }
  }
  const why = embedding
    ? `No output of the graph is a product with a weight of ${embedding.rows} columns; it ends in hidden states.`
    : 'Without an embedding the size of the vocabulary is not known.';
  return { output: undefined, notFound: [{ what: 'output projection', why }] };
}

function projectionBehind(
  facts: GraphFacts,
  output: string,
  embedding: LookUp | undefined,
): Projection | undefined {
  let tensor = output;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = facts.producer(tensor);
    if (!node) {
      return undefined;
    }
    if (node.opType === 'MatMul' || node.opType === 'Gemm' || node.opType === 'FusedMatMul') {
      const found = weightBehind(facts, node.inputs[1]);
      const transposed = intAttribute(node, 'transB') === 1 || (found?.transposed ?? false);
      const vocabulary = facts.numericDim(node.inputs[1], intAttribute(node, 'transB') === 1 ? 0 : 1);
      // Some exports pad the vocabulary to a round number.
      const isVocabulary =
        vocabulary !== undefined &&
        embedding !== undefined &&
        Math.abs(vocabulary - embedding.rows) < 512 &&
        vocabulary >= 0.9 * embedding.rows;
      return found && isVocabulary
        ? { tensor: found.tensor, logits: output, likeEmbedding: transposed, vocabulary }
        : undefined;
    }
    if (!PASSES.has(node.opType)) {
      return undefined;
    }
    const next = node.inputs.find((input) => !facts.isConstant(input));
    if (next === undefined) {
      return undefined;
    }
    tensor = next;
  }
  return undefined;
}

/** The weight behind a Transpose, if any. */
function weightBehind(
  facts: GraphFacts,
  tensor: string,
): { readonly tensor: string; readonly transposed: boolean } | undefined {
  if (facts.weight(tensor)) {
    return { tensor, transposed: false };
  }
  const node = facts.producer(tensor);
  const isSwap = node?.opType === 'Transpose' && (intsAttribute(node, 'perm') ?? [1, 0]).join() === '1,0';
  if (node && isSwap && facts.weight(node.inputs[0])) {
    return { tensor: node.inputs[0], transposed: true };
  }
  return undefined;
}

/** Whether both are one weight or equal in every number; undefined when the numbers are not there. */
function isTied(facts: GraphFacts, projection: Projection, embedding: LookUp): boolean | undefined {
  const [a, b] = [facts.weight(projection.tensor), facts.weight(embedding.table)];
  if (!a || !b) {
    return false;
  }
  if (a === b || a.name === b.name) {
    return projection.likeEmbedding;
  }
  return sameNumbers(a, b, !projection.likeEmbedding);
}

/** Compares two matrices number by number as they are stored; `transposed` compares `a[i][j]` with `b[j][i]`. */
export function sameNumbers(a: Initializer, b: Initializer, transposed: boolean): boolean | undefined {
  const [rows, columns] = b.dims;
  const [ownRows, ownColumns] = transposed ? [a.dims[1], a.dims[0]] : a.dims;
  const width = elementBytes(a.elementType);
  if (a.elementType !== b.elementType || ownRows !== rows || ownColumns !== columns || width === undefined) {
    return false;
  }
  if (!a.raw || !b.raw) {
    const same =
      a.external &&
      b.external &&
      a.external.location === b.external.location &&
      a.external.offset === b.external.offset;
    return same && !transposed ? true : undefined;
  }
  const [left, right] = [elementsOf(a.raw, width), elementsOf(b.raw, width)];
  const perElement = left.BYTES_PER_ELEMENT === width ? 1 : width;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (transposed ? column * rows + row : row * columns + column) * perElement;
      for (let i = 0; i < perElement; i++, at++) {
        if (left[from + i] !== right[at]) {
          return false;
        }
      }
    }
  }
  return true;
}

/** The bytes, four or two at a time where they lie aligned: bits are compared, not numbers. */
function elementsOf(raw: Uint8Array<ArrayBuffer>, width: number): Uint32Array | Uint16Array | Uint8Array {
  const aligned = raw.byteOffset % width === 0 ? raw : raw.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  if (width === 4) {
    return new Uint32Array(buffer, byteOffset, byteLength / 4);
  }
  return width === 2 ? new Uint16Array(buffer, byteOffset, byteLength / 2) : aligned;
}
