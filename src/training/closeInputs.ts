// Closes the inputs of a graph that training does not use: caches become empty, positions count up, flags are off.
import type { Anatomy, InputRole } from '../anatomy/anatomy';
import { constant, int, intTensor, node, tensor } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, dropInputs, rewire } from '../onnx/graphEdits';
import type { OnnxGraph, OnnxNode, ValueInfo } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { UserError } from '../shared/errors';

/** What the inputs of a stack are connected to; tensors of int64, but for the states. */
export interface Connections {
  readonly tokens: string;
  /** Left out: nothing is padding. */
  readonly paddingMask?: string;
  readonly encoderStates?: string;
  readonly encoderPaddingMask?: string;
}

/**
 * Puts the connections in place of the inputs, and constants computed from the shape of the tokens in place of all others
 * whose role is known. Inputs without a role (those that edits added) stay. Nodes that only join an empty cache with new
 * keys or values go. Only operators whose meaning is the same in all operator sets since 11 are added.
 *
 * @param nameOf what a tensor of the anatomy is called in the graph.
 * @throws UserError `modelUnsupported` for an input whose purpose is unknown.
 */
export function closeInputs(
  anatomy: Anatomy,
  to: Connections,
  nameOf: (tensor: string) => string = (tensor) => tensor,
): GraphEdit {
  return (graph) => {
    const known = new Map(Object.entries(anatomy.inputs).map(([name, role]) => [nameOf(name), role]));
    const roles = graph.inputs.flatMap((input) => {
      const role = known.get(input.name);
      return role ? [{ input, role }] : [];
    });
    const nodes: OnnxNode[] = [];
    const edits: GraphEdit[] = [];
    for (const { input, role } of roles) {
      const source = sourceOf(input, role, to, anatomy);
      nodes.push(...source.nodes);
      if (role.role === 'past') {
        edits.push(withoutJoin(input.name));
      }
      edits.push(rewire(input.name, source.tensor));
    }
    const edited = [...edits, dropInputs(roles.map(({ input }) => input.name)), add({ nodes })];
    return edited.reduce((changed, edit) => edit(changed), graph);
  };
}

interface Source {
  readonly tensor: string;
  readonly nodes: readonly OnnxNode[];
}

function sourceOf(input: ValueInfo, role: InputRole, to: Connections, anatomy: Anatomy): Source {
  const name = `${input.name}/closed`;
  switch (role.role) {
    case 'tokens':
      return cast(to.tokens, ElementType.int64, input);
    case 'paddingMask':
      return to.paddingMask === undefined
        ? filled(input, to.tokens, 1)
        : cast(to.paddingMask, ElementType.int64, input);
    case 'encoderPaddingMask':
      return to.encoderPaddingMask === undefined
        ? unknown(input)
        : cast(to.encoderPaddingMask, ElementType.int64, input);
    case 'encoderStates':
      return to.encoderStates === undefined
        ? unknown(input)
        : cast(to.encoderStates, ElementType.float32, input);
    case 'tokenTypes':
      return filled(input, to.tokens, 0);
    case 'positions':
      return positions(input, to.tokens);
    case 'past':
      return emptyPast(input, to.tokens, anatomy);
    case 'useCache':
      return { tensor: name, nodes: [fixed(name, input, [0])] };
    case 'other':
      return other(input, to.tokens);
    default:
      return role satisfies never;
  }
}

/** A tensor in the element type that the graph wants. */
function cast(from: string, elementType: number, input: ValueInfo): Source {
  const wanted = input.elementType || elementType;
  const name = `${input.name}/cast`;
  return wanted === elementType
    ? { tensor: from, nodes: [] }
    : { tensor: name, nodes: [node('Cast', [from], [name], { to: int(wanted) })] };
}

/** `[batch, length]` full of one number. */
function filled(input: ValueInfo, tokens: string, content: number): Source {
  const name = `${input.name}/filled`;
  return {
    tensor: name,
    nodes: [
      node('Shape', [tokens], [`${name}/shape`]),
      node('ConstantOfShape', [`${name}/shape`], [name], { value: tensor(numbersFor(input, [content])) }),
    ],
  };
}

/** 0, 1, … along the length: padding stands on the right. */
function positions(input: ValueInfo, tokens: string): Source {
  const counted = countUp(input, tokens);
  // Rotary models may want one row for all texts.
  if (input.dims?.length === 1) {
    return counted;
  }
  const name = `${input.name}/positions`;
  const spread = node('Expand', [counted.tensor, `${input.name}/shape`], [name]);
  const typed = cast(name, ElementType.int64, input);
  return { tensor: typed.tensor, nodes: [...counted.nodes, spread, ...typed.nodes] };
}

function countUp(input: ValueInfo, tokens: string): Source {
  const at = (part: string): string => `${input.name}/${part}`;
  return {
    tensor: at('count'),
    nodes: [
      node('Shape', [tokens], [at('shape')]),
      fixedInts(at('zero'), [0], []),
      fixedInts(at('one'), [1], []),
      node('Gather', [at('shape'), at('one')], [at('length')]),
      node('Range', [at('zero'), at('length'), at('one')], [at('count')]),
    ],
  };
}

/** `[batch, heads, 0, d_k]` of zeros; a stated dimension is kept, the third from the left of four is the past. */
function emptyPast(input: ValueInfo, tokens: string, anatomy: Anatomy): Source {
  const at = (part: string): string => `${input.name}/${part}`;
  const [first] = anatomy.attentions;
  const dims = input.dims ?? [undefined, undefined, undefined, undefined];
  const stacked = dims.length - 4;
  const open = ['batch', first?.keyValueHeads ?? 1, 0, first?.headSize ?? 1] as const;
  const parts = dims.map((dim, i) => {
    const role = i - stacked;
    const isStated = typeof dim === 'number' && role !== 0 && role !== 2;
    return isStated ? dim : (open[role] ?? 2);
  });
  const pieces = parts.map((part, i) =>
    part === 'batch'
      ? node('Gather', [at('tokens'), at('zero')], [at(`dim.${i}`)])
      : fixedInts(at(`dim.${i}`), [part]),
  );
  return {
    tensor: at('empty'),
    nodes: [
      node('Shape', [tokens], [at('tokens')]),
      fixedInts(at('zero'), [0]),
      ...pieces,
      node(
        'Concat',
        pieces.map(({ outputs }) => outputs[0]),
        [at('shape')],
        { axis: int(0) },
      ),
      node('ConstantOfShape', [at('shape')], [at('empty')], { value: tensor(numbersFor(input, [0])) }),
    ],
  };
}

/** Where an empty cache is joined with something along the axis of positions, the result is that something. */
function withoutJoin(past: string): GraphEdit {
  return (graph) => {
    const joins = graph.nodes.filter(
      ({ opType, inputs, attributes }) =>
        opType === 'Concat' &&
        inputs.length === 2 &&
        inputs.includes(past) &&
        attributes['axis']?.type === 'int' &&
        [2, -2].includes(attributes['axis'].value),
    );
    return joins.reduce((changed: OnnxGraph, join) => {
      const rest = join.inputs.find((name) => name !== past) ?? past;
      const without = {
        ...changed,
        nodes: changed.nodes.filter((each) => each.outputs[0] !== join.outputs[0]),
      };
      return rewire(join.outputs[0], rest)(without);
    }, graph);
  };
}

/** The few inputs that some exporters add. */
function other(input: ValueInfo, tokens: string): Source {
  if (input.name.endsWith('cache_position')) {
    return countUp(input, tokens);
  }
  if (input.name.endsWith('logits_to_keep')) {
    return { tensor: `${input.name}/all`, nodes: [fixed(`${input.name}/all`, input, [0])] };
  }
  return unknown(input);
}

function unknown({ name }: ValueInfo): never {
  const message = `The graph has an input '${name}' whose purpose is unknown, so its gradients cannot be computed. Export it with token ids and attention masks as its only inputs.`;
  throw new UserError('modelUnsupported', message, { input: name });
}

function fixedInts(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): OnnxNode {
  return node('Constant', [], [name], { value: tensor(intTensor('', dims, values)) });
}

/** A constant in the type and with the rank of an input. */
function fixed(name: string, input: ValueInfo, values: readonly number[]): OnnxNode {
  const dims = (input.dims ?? []).map(() => 1);
  return node('Constant', [], [name], { value: tensor({ ...numbersFor(input, values), dims }) });
}

function numbersFor({ name, elementType }: ValueInfo, values: readonly number[]) {
  const dims = [values.length];
  switch (elementType) {
    case ElementType.int64:
      return constant('', elementType, dims, BigInt64Array.from(values, BigInt));
    case ElementType.int32:
      return constant('', elementType, dims, Int32Array.from(values));
    case ElementType.bool:
      return constant('', elementType, dims, Uint8Array.from(values));
    case ElementType.float32:
      return constant('', elementType, dims, Float32Array.from(values));
    default: {
      const message = `The input '${name}' has element type ${elementType}, which has no gradients. Export the model in float32.`;
      throw new UserError('modelUnsupported', message, { input: name, elementType });
    }
  }
}
