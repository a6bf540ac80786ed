// The taps of the shipped translation model: every stage of every head, with a padded batch, checked by arithmetic.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { expandHalf } from '../../../src/onnx/expandHalf';
import type { OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { probe } from '../../../src/probe/probeModel';
import type { NamedTensors } from '../../../src/shared/tensor';
import { checkStages } from './checkStages';
import { ids, numbers, runModel } from './runModel';

const folder = new URL('../../../models/translate-en-de-fr-zh/onnx/', import.meta.url);

function load(file: string): { model: OnnxModel; anatomy: Anatomy } {
  const model = expandHalf(readModel(new Uint8Array(readFileSync(new URL(file, folder)))));
  return { model, anatomy: findAnatomy(model) };
}

const source = {
  input_ids: ids([2, 7], [5, 91, 17, 300, 12, 9, 0, 44, 8, 0, 8000, 8000, 8000, 8000]),
  attention_mask: ids([2, 7], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]),
};

describe('the shipped translation model', () => {
  let states: NamedTensors;

  beforeAll(async () => {
    states = await runModel(load('encoder_model.onnx').model.bytes, source);
  });

  it('shows every stage of the encoder', async () => {
    const { model, anatomy } = load('encoder_model.onnx');
    const probed = probe(model, anatomy);
    const results = await runModel(probed.bytes, source);
    expect(anatomy.attentions.map((site) => site.name)).toEqual(
      [0, 1, 2, 3, 4, 5].map((layer) => `encoder.${layer}.self`),
    );
    checkStages(probed, results, 2);
    expect(results['last_hidden_state'].data).toEqual(states['last_hidden_state'].data);
  });

  it('shows every stage of both attentions of the decoder, with an empty cache', async () => {
    const { model, anatomy } = load('decoder_model_merged.onnx');
    const probed = probe(model, anatomy);
    const empty = Object.fromEntries(
      Object.entries(anatomy.inputs)
        .filter(([, role]) => role.role === 'past')
        .map(([name]) => [name, numbers([2, 8, 0, 32], [])]),
    );
    const results = await runModel(probed.bytes, {
      ...empty,
      input_ids: ids([2, 5], [16000, 4, 77, 120, 0, 16000, 4, 30, 0, 0]),
      encoder_attention_mask: source.attention_mask,
      encoder_hidden_states: states['last_hidden_state'],
    });
    expect(anatomy.attentions).toHaveLength(12);
    checkStages(probed, results, 2);
  });
});
