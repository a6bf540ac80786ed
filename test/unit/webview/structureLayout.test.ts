// The figure of a model is that model: its blocks in the order in which they run, for all three families, pre- and post-norm.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelStructure, NormBlock, StackStructure, SubLayer } from '../../../src/shared/modelStructure';
import type { ModelSummary } from '../../../src/shared/modelSummary';
import { blockFacts, modelFacts, spokenBlock } from '../../../webview/views/structureFacts';
import type { Figure, FigureBox } from '../../../webview/views/structureLayout';
import { figureWidth, structureLayout } from '../../../webview/views/structureLayout';
import { MODEL, sharedEngine, shippedModel } from '../engine/testEngine';

const layerOne = { encoder: 1, decoder: 1 };

/** Labels of one side, from the bottom up, by where they stand. */
function labels({ boxes }: Figure, side: string): string[] {
  return boxes
    .filter(({ stack }) => stack.side === side)
    .sort((a, b) => b.y - a.y)
    .map(({ label }) => label);
}

function box(figure: Figure, id: string): FigureBox {
  const found = figure.boxes.find((each) => each.id === id);
  if (!found) {
    throw new Error(`The figure has no ${id}, only ${figure.boxes.map((each) => each.id).join(', ')}.`);
  }
  return found;
}

/** Nothing lies on another box, or outside of the figure. */
function expectTidy({ boxes, width, height, ladders }: Figure): void {
  for (const a of boxes) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    expect(a.y).toBeGreaterThanOrEqual(0);
    expect(a.x + a.width).toBeLessThanOrEqual(width);
    expect(a.y + a.height).toBeLessThanOrEqual(height);
    for (const b of boxes) {
      const apart =
        a === b ||
        a.x + a.width <= b.x ||
        b.x + b.width <= a.x ||
        a.y + a.height <= b.y ||
        b.y + b.height <= a.y;
      expect(apart, `${a.id} lies on ${b.id}`).toBe(true);
    }
  }
  for (const { ladder, frame } of ladders) {
    expect(ladder.x + ladder.width).toBeLessThanOrEqual(width);
    expect(frame.y).toBeGreaterThan(0);
  }
}

const fact = (facts: ReturnType<typeof modelFacts>, name: string): string | undefined =>
  facts.find((each) => each.name === name)?.value;

describe.each([
  [
    shippedModel,
    {
      encoder: ['Embedding', '+', 'Self-att.', 'Add & norm', 'Feed-forward', 'Add & norm'],
      decoder: [
        'Embedding',
        '+',
        'Masked att.',
        'Add & norm',
        'Cross-att.',
        'Add & norm',
        'Feed-forward',
        'Add & norm',
        'Linear',
        'Softmax',
      ],
    },
  ],
  [
    'models/english-bert-mini',
    {
      encoder: [
        'Embedding',
        '+',
        'Norm',
        'Self-attention',
        'Add & norm',
        'Feed-forward',
        'Add & norm',
        'Dense, GELU',
        'Linear',
        'Softmax',
      ],
      decoder: [],
    },
  ],
  [
    'models/english-gpt-mini',
    {
      encoder: [],
      decoder: [
        'Embedding',
        '+',
        'Norm',
        'Masked attention',
        '+',
        'Norm',
        'Feed-forward',
        '+',
        'Norm',
        'Linear',
        'Softmax',
      ],
    },
  ],
])('%s', (folder, expected) => {
  let structure: ModelStructure;
  let summary: ModelSummary;
  beforeAll(async () => {
    const engine = await sharedEngine(folder);
    structure = await engine.structure({ model: MODEL });
    ({ summary } = engine.model(MODEL));
  });

  test('has its blocks from the bottom up, and no others', () => {
    const figure = structureLayout(structure, layerOne);
    expect(labels(figure, 'encoder')).toEqual(expected.encoder);
    expect(labels(figure, 'decoder')).toEqual(expected.decoder);
    expectTidy(figure);
  });

  test('shows the layer that is asked for, and never one that the model lacks', () => {
    const inLayer = (layer: number): number[] => {
      const figure = structureLayout(structure, { encoder: layer, decoder: layer });
      return figure.boxes.flatMap(({ part }) =>
        part.kind === 'attention' || part.kind === 'feedForward' ? [part.block.layer] : [],
      );
    };
    expect(new Set(inLayer(0))).toEqual(new Set([0]));
    expect(new Set(inLayer(2))).toEqual(new Set([2]));
    const last = Math.max(...structure.stacks.map(({ layers }) => layers)) - 1;
    expect(Math.max(...inLayer(99))).toBe(last);
  });

  test('has a ladder with every layer of every stack', () => {
    const { ladders } = structureLayout(structure, layerOne);
    expect(ladders.map(({ side, layers, layer }) => [side, layers, layer])).toEqual(
      structure.stacks.map(({ side, layers }) => [side, layers, 1]),
    );
  });

  test('says the real sizes', () => {
    const facts = modelFacts(structure, summary);
    const [stack] = structure.stacks;
    const [attention] = summary.attentions;
    expect(fact(facts, 'd_model')).toBe(String(stack.width));
    expect(fact(facts, 'Heads h')).toBe(String(attention.heads));
    expect(fact(facts, 'd_k')).toBe(String(attention.headSize));
    expect(fact(facts, 'd_ff')).toBe(stack.feedForward.toLocaleString('en-US'));
    expect(fact(facts, 'Vocabulary')).toBe(summary.vocabulary.toLocaleString('en-US'));
    expect(fact(facts, 'Parameters')).toBe(structure.parameters.toLocaleString('en-US'));
    expect(fact(facts, 'Shared')).toBe(
      structure.stacks.length > 1 ? 'encoder, decoder, output' : 'with the output',
    );
  });

  test('every block has facts and a name that says where it is', () => {
    const figure = structureLayout(structure, layerOne);
    const spoken = figure.boxes.map(spokenBlock);
    expect(spoken.every((name) => name.includes('encoder') || name.includes('decoder'))).toBe(true);
    for (const each of figure.boxes) {
      const facts = blockFacts(each, structure, summary, { queries: 7, keys: 9 });
      expect(facts.length, each.id).toBeGreaterThan(2);
      expect(facts.every(({ value }) => value !== '' && !/undefined|NaN/.test(value))).toBe(true);
    }
    const side = structure.stacks[0].side;
    const attention = blockFacts(box(figure, `${side}.1.self`), structure, summary, { queries: 7, keys: 9 });
    expect(fact(attention, 'In, out')).toBe(`7 × ${structure.stacks[0].width}`);
    expect(fact(attention, 'Layer')).toBe(`2 of ${structure.stacks[0].layers}`);
  });
});

const norm = (kind: 'layer' | 'rms'): NormBlock => ({
  kind,
  input: 'i',
  output: 'o',
  gain: 'g',
  bias: undefined,
  epsilon: 1e-6,
  parameters: 8,
});
const linear = {
  input: '',
  output: '',
  weight: 'w',
  transposed: false,
  bias: undefined,
  inputs: 8,
  outputs: 8,
  parameters: 64,
};

function stack(
  placement: StackStructure['normPlacement'],
  kind: 'layer' | 'rms' | undefined,
  layers: number,
): StackStructure {
  const base = (layer: number, name: string) => ({
    name: `decoder.${layer}.${name}`,
    layer,
    residual: { skip: 's', branch: 'b', output: 'o' },
    norm: kind && norm(kind),
    output: 'o',
    parameters: 64,
  });
  const subLayers = Array.from({ length: layers }, (_, layer): readonly SubLayer[] => [
    { ...base(layer, 'self'), what: 'attention', inputs: [linear], projection: linear },
    { ...base(layer, 'feedForward'), what: 'feedForward', activation: 'SwiGLU', up: [linear], down: linear },
  ]).flat();
  return {
    side: 'decoder',
    layers,
    width: 8,
    feedForward: 32,
    embedding: {
      weight: 'e',
      vocabulary: 10,
      width: 8,
      scale: 1,
      positions: 'rotary',
      tokens: 't',
      added: undefined,
      tokenTypes: undefined,
      output: undefined,
      norm: undefined,
      parameters: 80,
    },
    subLayers,
    normPlacement: placement,
    finalNorm: placement === 'pre' && kind ? norm(kind) : undefined,
    head: undefined,
    parameters: 1,
    notFound: [],
  };
}

const modelOf = (...stacks: readonly StackStructure[]): ModelStructure => ({
  family: 'decoder-only',
  stacks,
  parameters: 1,
  sharedEmbedding: false,
});

describe('norms', () => {
  test('pre-norm stands below its sub-layer and ends in a sum', () => {
    const figure = structureLayout(modelOf(stack('pre', 'rms', 2)), layerOne);
    expect(labels(figure, 'decoder')).toEqual([
      'Embedding',
      'RMS norm',
      'Masked attention',
      '+',
      'RMS norm',
      'Feed-forward',
      '+',
      'RMS norm',
    ]);
    expect(box(figure, 'decoder.1.self.norm').y).toBeGreaterThan(box(figure, 'decoder.1.self').y);
    expect(figure.texts.map(({ text }) => text)).toContain('rotary');
  });

  test('post-norm stands above its sub-layer', () => {
    const figure = structureLayout(modelOf(stack('post', 'rms', 2)), layerOne);
    expect(labels(figure, 'decoder').slice(1)).toEqual([
      'Masked attention',
      'Add & RMS',
      'Feed-forward',
      'Add & RMS',
    ]);
    expect(box(figure, 'decoder.1.self.norm').y).toBeLessThan(box(figure, 'decoder.1.self').y);
  });

  test('without norms there is only the sum', () => {
    const figure = structureLayout(modelOf(stack('none', undefined, 1)), layerOne);
    expect(labels(figure, 'decoder').slice(1)).toEqual(['Masked attention', '+', 'Feed-forward', '+']);
  });

  test('many layers do not make the figure larger', () => {
    const [few, many] = [2, 48].map((layers) =>
      structureLayout(modelOf(stack('pre', 'layer', layers)), layerOne),
    );
    expect(many.height).toBe(few.height);
    expect(many.width).toBe(figureWidth);
    expect(many.texts.map(({ text }) => text)).toContain('48 ×');
  });
});
