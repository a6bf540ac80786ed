// What is known about one block of the model, and about the model as a whole, as lines of facts with real sizes. Pure.
import type { ModelStructure, StackStructure } from '../../src/shared/modelStructure';
import type { ModelSummary } from '../../src/shared/modelSummary';
import { formatCount, formatFactor, formatScientific } from '../format';
import { positionStrings } from '../strings';
import { structureStrings as strings } from '../strings/structureStrings';
import { attentionFacts } from './attentionFacts';
import type { Fact } from './factList';
import type { FigureBox, FigurePart } from './structureLayout';

const names = strings.facts;

/** How many queries and keys the run has; for attentions. */
export interface RunSize {
  readonly queries: number;
  readonly keys: number;
}

/** What a block is called in full, e.g. `Masked self-attention`. */
export function blockName({ part, stack }: Pick<FigureBox, 'part' | 'stack'>): string {
  if (part.kind === 'attention') {
    const { attention } = strings.names;
    return part.cross ? attention.cross : stack.side === 'decoder' ? attention.masked : attention.self;
  }
  return strings.names[part.kind];
}

/** What a screen reader says of a block. */
export function spokenBlock(box: FigureBox): string {
  const layer = layerOf(box.part);
  return strings.spoken(
    blockName(box),
    strings.sides[box.stack.side],
    layer === undefined ? '' : strings.layer(layer + 1),
  );
}

/** The layer a block belongs to; undefined for those outside of the layers. */
export function layerOf(part: FigurePart): number | undefined {
  switch (part.kind) {
    case 'attention':
    case 'feedForward':
    case 'add':
      return part.block.layer;
    case 'norm':
      return part.layer;
    case 'embedding':
    case 'positions':
    case 'transform':
    case 'linear':
    case 'softmax':
      return undefined;
    default:
      return part satisfies never;
  }
}

/** The facts of the selected block. */
export function blockFacts(
  box: FigureBox,
  structure: ModelStructure,
  summary: ModelSummary,
  size: RunSize,
): readonly Fact[] {
  const { part, stack } = box;
  const layer = layerOf(part);
  const head: Fact[] = [
    { name: names.block, value: blockName(box) },
    ...(layer === undefined ? [] : [{ name: names.layer, value: names.layerOf(layer + 1, stack.layers) }]),
  ];
  switch (part.kind) {
    case 'attention':
      return attentionBlockFacts(part, stack, summary, size);
    case 'feedForward': {
      const { block } = part;
      const [up] = block.up;
      const width = formatCount(block.down.outputs);
      return [
        ...head,
        {
          name: names.activation,
          value: block.activation === 'unknown' ? names.unknownActivation : block.activation,
        },
        { name: names.sizes, value: names.feedForwardSizes(width, formatCount(block.down.inputs)) },
        ...(block.up.length > 1 ? [{ name: names.gate, value: names.hasGate }] : []),
        { name: names.parameters, value: formatCount(block.parameters) },
        ...code('W₁', up?.weight),
        ...code('W₂', block.down.weight),
      ];
    }
    case 'norm': {
      const { block, place } = part;
      return [
        ...head,
        { name: names.norm, value: block.kind === 'rms' ? names.rmsNorm : names.layerNorm },
        { name: names.placement, value: names.placements[place] },
        { name: names.epsilon, value: formatScientific(block.epsilon) },
        { name: names.parameters, value: formatCount(block.parameters) },
        ...code(names.gain, block.gain),
        ...code(names.bias, block.bias),
      ];
    }
    case 'add': {
      const { residual } = part.block;
      return [...head, ...code(names.skip, residual?.skip), ...code(names.branch, residual?.branch)];
    }
    case 'embedding':
      return [...head, ...embeddingFacts(part.block, structure, stack)];
    case 'positions':
      return [
        ...head,
        { name: names.positions, value: positionStrings.kinds[part.block.positions] },
        ...code(names.tensor, part.block.added),
      ];
    case 'transform': {
      const { transform } = part.block;
      return [
        ...head,
        { name: names.activation, value: transform?.activation ?? names.unknown },
        {
          name: names.sizes,
          value: transform
            ? names.projectionSize(transform.dense.inputs, transform.dense.outputs)
            : names.unknown,
        },
        { name: names.transformNorm, value: transform?.norm ? names.layerNorm : names.none },
        ...code(names.weight, transform?.dense.weight),
      ];
    }
    case 'linear': {
      const { block } = part;
      return [
        ...head,
        { name: names.sizes, value: names.projectionSize(block.projection.inputs, block.vocabulary) },
        { name: names.shared, value: block.tied ? names.tied : names.notShared },
        ...(block.scale === 1 ? [] : [{ name: names.scale, value: formatFactor(block.scale) }]),
        {
          name: names.parameters,
          value: block.tied ? names.noneOfItsOwn : formatCount(block.parameters),
        },
        ...code(names.weight, block.projection.weight),
      ];
    }
    case 'softmax':
      return [
        ...head,
        { name: names.vocabulary, value: formatCount(part.block.vocabulary) },
        ...code(names.logits, part.block.logits),
      ];
    default:
      return part satisfies never;
  }
}

function attentionBlockFacts(
  { block }: Extract<FigurePart, { readonly kind: 'attention' }>,
  stack: StackStructure,
  summary: ModelSummary,
  { queries, keys }: RunSize,
): readonly Fact[] {
  const attention = summary.attentions.find(({ name }) => name === block.name);
  const inside = summary.positions.find(
    ({ side, kind }) => side === stack.side && strings.insidePositions[kind] !== '',
  );
  const own = attention ? attentionFacts(summary, attention, queries, keys) : [];
  return [
    ...own.slice(0, 4),
    { name: names.inOut, value: names.projectionSize(queries, stack.width) },
    { name: names.parameters, value: formatCount(block.parameters) },
    ...(block.inputs.length === 1 ? [{ name: names.queryKeyValue, value: names.joinedWeight }] : []),
    {
      name: names.projection,
      value: block.projection
        ? names.projectionSize(block.projection.inputs, block.projection.outputs)
        : names.unknown,
    },
    ...own.slice(4),
    ...(inside && !block.name.endsWith('.cross')
      ? [{ name: names.positions, value: positionStrings.kinds[inside.kind] }]
      : []),
  ];
}

function embeddingFacts(
  {
    vocabulary,
    width,
    scale,
    positions,
    tokenTypes,
    parameters,
    weight,
  }: Extract<FigurePart, { readonly kind: 'embedding' | 'positions' }>['block'],
  structure: ModelStructure,
  stack: StackStructure,
): readonly Fact[] {
  const isRoot = Math.abs(scale * scale - width) < 1e-3 * width;
  return [
    { name: names.vocabulary, value: formatCount(vocabulary) },
    { name: names.width, value: formatCount(width) },
    {
      name: names.scale,
      value:
        scale === 1
          ? names.noScale
          : isRoot
            ? names.scaleRoot(width, formatFactor(scale))
            : formatFactor(scale),
    },
    { name: names.positions, value: positionStrings.kinds[positions] },
    ...(tokenTypes === undefined ? [] : [{ name: names.tokenTypes, value: names.tokenTypesAdded }]),
    {
      name: names.shared,
      value: sharedText(
        structure.sharedEmbedding,
        (structure.sharedEmbedding ? structure.stacks : [stack]).some(({ head }) => head?.tied === true),
      ),
    },
    { name: names.parameters, value: formatCount(parameters) },
    ...code(names.weight, weight),
  ];
}

function sharedText(both: boolean, output: boolean): string {
  if (both) {
    return output ? names.sharedAll : names.sharedBoth;
  }
  return output ? names.sharedOutput : names.notShared;
}

/** The sizes of the whole model, by the names of the paper. */
export function modelFacts(structure: ModelStructure, summary: ModelSummary): readonly Fact[] {
  const { stacks } = structure;
  const [first] = stacks;
  const heads = distinct(summary.attentions.map((attention) => attention.heads));
  const sizes = distinct(summary.attentions.map(({ headSize }) => headSize));
  const hidden = distinct(stacks.map(({ feedForward }) => feedForward));
  const encoder = stacks.find(({ side }) => side === 'encoder');
  const decoder = stacks.find(({ side }) => side === 'decoder');
  const tied = stacks.some(({ head }) => head?.tied === true);
  return [
    { name: names.family, value: strings.families[structure.family] },
    {
      name: names.layersN,
      value:
        encoder && decoder ? names.layersBoth(encoder.layers, decoder.layers) : String(first?.layers ?? 0),
    },
    { name: names.width, value: first && first.width > 0 ? formatCount(first.width) : names.unknown },
    { name: names.headsModel, value: heads },
    { name: names.keySize, value: sizes },
    { name: names.hidden, value: hidden },
    { name: names.vocabulary, value: formatCount(summary.vocabulary) },
    { name: names.parameters, value: formatCount(structure.parameters) },
    { name: names.shared, value: sharedText(structure.sharedEmbedding, tied) },
  ];
}

function distinct(values: readonly number[]): string {
  const known = [...new Set(values.filter((value) => value > 0))];
  return known.length === 0 ? names.unknown : known.map(formatCount).join(', ');
}

function code(name: string, tensor: string | undefined): readonly Fact[] {
  return tensor === undefined || tensor === '' ? [] : [{ name, value: tensor, title: tensor, code: true }];
}
