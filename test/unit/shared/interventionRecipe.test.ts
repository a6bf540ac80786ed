// Recipes: what is written is read again; what is wrong is named; what does not fit a model is refused.
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/shared/errors';
import type { Intervention, ModelControls, Recipe } from '../../../src/shared/intervention';
import { checkInterventions } from '../../../src/shared/interventionFit';
import { parseIntervention, parseRecipe, writeRecipe } from '../../../src/shared/interventionRecipe';

const on = { enabled: true, attentions: 'all', heads: [0, 1] } as const;
const every: readonly Intervention[] = [
  { kind: 'headGate', ...on, factor: 0 },
  { kind: 'temperature', ...on, attentions: ['encoder.0.self'], temperature: 0.5 },
  { kind: 'scoreScale', ...on, attentions: 'cross', scale: 'twiceSqrt' },
  { kind: 'scoreScale', ...on, enabled: false, scale: 0.25 },
  { kind: 'normaliser', ...on, heads: 'all', by: 'relu' },
  ...(
    [
      { preset: 'none' },
      { preset: 'padding' },
      { preset: 'causal', padding: 'visible' },
      { preset: 'prefix', length: 3 },
      { preset: 'window', size: 2, causal: true, padding: 'hidden' },
      { preset: 'cells', cells: [{ query: 1, key: 0, keep: false }] },
      { preset: 'rows', rows: [[1, 0, null], []] },
    ] as const
  ).map((mask) => ({ kind: 'mask', ...on, texts: 'all', mask }) as const),
  {
    kind: 'patch',
    enabled: true,
    target: { of: 'head', attention: 'encoder.1.self', head: 1 },
    source: { text: 'a', decoder: 'b' },
    texts: [0],
    tokens: [{ from: 1, to: 2 }],
  },
  {
    kind: 'patch',
    enabled: true,
    target: { of: 'layer', side: 'encoder', layer: 1 },
    source: { text: 'a' },
    texts: 'all',
  },
  ...(
    [
      { to: 'remove' },
      { to: 'shift', by: -3 },
      { to: 'shuffle', seed: 7, among: 4 },
      { to: 'scale', factor: 0.5 },
      { to: 'multiply' },
      { to: 'sinusoidal' },
      { to: 'table', rows: [[0.5, -1]] },
    ] as const
  ).map((change) => ({ kind: 'positions', enabled: true, side: 'encoder', change }) as const),
  { kind: 'subLayer', enabled: true, subLayers: ['encoder.0.feedForward'], factor: 0.5 },
];

const recipe: Recipe = { version: 1, name: 'everything', model: 'some', interventions: every };

describe('a recipe', () => {
  test('is read as it was written', () => {
    expect(parseRecipe(writeRecipe(recipe))).toEqual(recipe);
  });

  test.each([
    ['{', /no JSON/],
    ['[]', /recipe must be an object/],
    ['{"version":2,"name":"x","interventions":[]}', /version 2.*reads version 1/],
    ['{"version":1,"interventions":[]}', /recipe\.name must be a text/],
    ['{"version":1,"name":"x","interventions":[],"more":1}', /recipe\.more is not known/],
    ['{"version":1,"name":"x","interventions":[{}]}', /interventions\[0\]\.kind must be one of/],
  ])('refuses %s', (json, message) => {
    expect(() => parseRecipe(json)).toThrow(message);
    expect(() => parseRecipe(json)).toThrow(UserError);
  });

  test.each([
    [{ kind: 'headGate', ...on, factor: '0' }, /factor must be a number/],
    [{ kind: 'headGate', ...on, factor: 1, factors: 1 }, /factors is not known/],
    [{ kind: 'headGate', ...on, enabled: 1, factor: 1 }, /enabled must be true or false/],
    [{ kind: 'headGate', ...on, heads: [-1], factor: 1 }, /heads\[0\] must be a whole number/],
    [{ kind: 'headGate', ...on, attentions: 'some', factor: 1 }, /attentions must be one of/],
    [{ kind: 'temperature', ...on, temperature: 0 }, /temperature must be above 0/],
    [
      { kind: 'mask', ...on, texts: 'all', mask: { preset: 'rows', rows: [[2]] } },
      /rows\[0\]\[0\] must be 0, 1 or null/,
    ],
    [{ kind: 'mask', ...on, texts: 'all', mask: { preset: 'none', size: 1 } }, /mask\.size is not known/],
    [{ kind: 'positions', enabled: true, side: 'left', change: { to: 'remove' } }, /side must be one of/],
  ])('refuses an intervention %#', (value, message) => {
    expect(() => parseIntervention(value)).toThrow(message);
  });
});

const can = ['headGate', 'temperature', 'scoreScale', 'normaliser', 'mask', 'patch'] as const;
const common = { layer: 0, heads: 2, headSize: 8, scale: 0.5, can } as const;
const controls: ModelControls = {
  attentions: [
    { attention: 'encoder.0.self', kind: 'encoderSelf', ...common },
    { attention: 'encoder.1.self', kind: 'encoderSelf', ...common, layer: 1 },
    { attention: 'decoder.0.cross', kind: 'cross', ...common },
  ],
  subLayers: [{ name: 'encoder.0.feedForward', what: 'feedForward', layer: 0 }],
  layers: [{ side: 'encoder', layer: 1 }],
  positions: [
    { side: 'encoder', can: ['remove', 'shift', 'shuffle', 'scale', 'multiply', 'sinusoidal', 'table'] },
    { side: 'decoder', can: ['remove', 'scale'] },
  ],
  notes: [],
};

describe('whether interventions fit a model', () => {
  test('these do', () => {
    expect(() => checkInterventions(every, controls)).not.toThrow();
  });

  test.each<[Intervention, RegExp]>([
    [{ kind: 'headGate', ...on, heads: [2], factor: 0 }, /Intervention 1 \(headGate\).*no head 2: it has 2/],
    [
      { kind: 'headGate', ...on, attentions: ['encoder.7.self'], factor: 0 },
      /no attention "encoder\.7\.self"/,
    ],
    [{ kind: 'headGate', ...on, attentions: 'decoderSelf', factor: 0 }, /no such attention/],
    [{ kind: 'subLayer', enabled: true, subLayers: ['decoder.0.self'], factor: 0 }, /no sub-layer/],
    [{ kind: 'positions', enabled: true, side: 'decoder', change: { to: 'multiply' } }, /by "multiply"/],
    [
      {
        kind: 'patch',
        enabled: false,
        target: { of: 'layer', side: 'encoder', layer: 2 },
        source: { text: 'x' },
        texts: 'all',
      },
      /no layer 2/,
    ],
  ])('this does not: %#', (intervention, message) => {
    expect(() => checkInterventions([intervention], controls)).toThrow(message);
  });
});
