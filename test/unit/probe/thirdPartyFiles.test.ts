// Files that others made: what is found in each, or why not; and the stages checked by arithmetic where the runtime can load it.
import { describe, expect, it } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { probe } from '../../../src/probe/probeModel';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';
import { checkStages } from './checkStages';
import { noise, numbers, runModel } from './runModel';
import { bytesOf, hasThirdParty, list, titled } from './thirdParty';

interface Expected {
  readonly file: string;
  /** Names of the attentions; several layers as `encoder.0-4.self`. */
  readonly found: readonly string[];
  readonly positions?: string;
  /** Part of a sentence in `notFound`. */
  readonly why?: string;
  /** Sizes of symbolic dimensions for a run. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** What the runtime says that refuses the file. */
  readonly refused?: RegExp;
}

const FILES: readonly Expected[] = [
  { file: 'ort-testdata/attention_distilbert.onnx', found: ['encoder.0.self'], refused: /Reshape/ },
  { file: 'ort-testdata/attention_mha.onnx', found: ['encoder.0.self'], sizes: {} },
  {
    file: 'ort-testdata/attention_past_state.u8s8.onnx',
    found: ['decoder.0.self'],
    sizes: { batch: 2, seq_len: 3, C: 1, past_sequence_length: 2, present_sequence_length: 5 },
  },
  {
    file: 'ort-testdata/bert_toy_optimized.onnx',
    found: ['encoder.0-4.self'],
    positions: 'learned',
    sizes: { batch: 1, max_seq_len_in_batch: 7 },
  },
  {
    file: 'ort-testdata/gpt2_past_one_layer.onnx',
    found: ['decoder.0.self'],
    positions: 'learned',
    sizes: { batch_size: 2, seq_len: 4, past_seq_len: 3 },
  },
  {
    file: 'ort-testdata/hf_fp32_decoder_attention_no_past.onnx',
    found: ['decoder.0.self', 'decoder.0.cross'],
    sizes: {},
  },
  {
    file: 'ort-testdata/hf_fp32_decoder_attention_with_past.onnx',
    found: ['decoder.0.self', 'decoder.0.cross'],
    sizes: {},
  },
  {
    file: 'ort-testdata/mlm_bert_e2e.onnx',
    found: ['encoder.0.self'],
    refused: /SoftmaxCrossEntropyLossInternal/,
  },
  {
    file: 'ort-testdata/rejected_by_ort_BertForQuestionAnswering_opset11.onnx',
    found: ['encoder.0-11.self'],
    positions: 'learned',
    refused: /Concat/,
  },
  {
    file: 'ort-testdata/tiny_gpt2_greedysearch_with_init_decoder.onnx',
    found: [],
    why: 'branches of GreedySearch',
  },
  {
    file: 'vespa/llm/random_decoder.onnx',
    found: ['decoder.0.self', 'decoder.0.cross'],
    positions: 'none',
    sizes: { batch: 1, target_tokens: 3, source_tokens: 4 },
  },
  {
    file: 'vespa/llm/random_encoder.onnx',
    found: ['encoder.0.self'],
    positions: 'none',
    sizes: { batch: 2, tokens: 5 },
  },
  {
    file: 'vespa/transformer/dummy_transformer.onnx',
    found: ['encoder.0-1.self'],
    positions: 'none',
    why: 'one token per row',
    sizes: { batch: 5, tokens: 2 },
  },
  {
    file: 'vespa/transformer/dummy_transformer_mlm.onnx',
    found: ['encoder.0-1.self'],
    why: 'one token per row',
    sizes: { batch: 5, tokens: 2 },
  },
  {
    file: 'vespa/transformer/dummy_transformer_without_type_ids.onnx',
    found: ['encoder.0-1.self'],
    why: 'one token per row',
    sizes: { batch: 5, tokens: 2 },
  },
  { file: 'onnx-backend-attention/test_rms_normalization_2d_axis1/model.onnx', found: [], why: 'no Softmax' },
  { file: 'onnx-backend-attention/test_rotary_embedding/model.onnx', found: [], why: 'no Softmax' },
  {
    file: 'onnx-backend-attention/test_rotary_embedding_interleaved/model.onnx',
    found: [],
    why: 'no Softmax',
  },
];

/** `encoder.0-4.self` stands for five names. */
function unfold(name: string): readonly string[] {
  const match = /^(\w+)\.(\d+)-(\d+)\.(\w+)$/.exec(name);
  if (!match) {
    return [name];
  }
  const [, side, first, last, of] = match;
  return Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_, i) => `${side}.${Number(first) + i}.${of}`,
  );
}

describe.skipIf(!hasThirdParty)(titled('files of others'), () => {
  it('are all listed here', () => {
    const present = ['ort-testdata/', 'vespa/llm/', 'vespa/transformer/'].flatMap((folder) =>
      list(folder)
        .filter((name) => name.endsWith('.onnx'))
        .map((name) => folder + name),
    );
    const cases = list('onnx-backend-attention/').filter(
      (name) => name.startsWith('test_') && !name.startsWith('test_attention'),
    );
    expect([...present, ...cases.map((name) => `onnx-backend-attention/${name}/model.onnx`)].sort()).toEqual(
      FILES.map(({ file }) => file).sort(),
    );
  });

  it.each(FILES)('$file', async ({ file, found, positions, why, sizes, refused }) => {
    const model = readModel(bytesOf(file));
    const anatomy = findAnatomy(model);
    expect(anatomy.attentions.map((site) => site.name).sort()).toEqual(found.flatMap(unfold).sort());
    if (positions !== undefined) {
      expect(anatomy.positions.kind).toBe(positions);
    }
    if (why !== undefined) {
      expect(anatomy.notFound.map((item) => item.why).join(' ')).toContain(why);
    }
    const probed = probe(model, anatomy);
    if (sizes) {
      const results = await runModel(probed.bytes, feedsOf(model, anatomy, sizes));
      checkStages(probed, results, textsOf(anatomy, results), []);
    } else if (refused) {
      await expect(runModel(probed.bytes, {})).rejects.toThrow(refused);
    }
  });
});

/** Texts in the batch of the run, from the first weights. */
function textsOf({ attentions: [site] }: Anatomy, results: NamedTensors): number {
  const [first] = results[site.weights.tensor].dims;
  return site.weights.layout === 'merged' ? first / site.heads : first;
}

function feedsOf(model: OnnxModel, anatomy: Anatomy, sizes: Readonly<Record<string, number>>): NamedTensors {
  const inputs = model.graph.inputs.filter(({ name }) => name in anatomy.inputs);
  return Object.fromEntries(
    inputs.map(({ name, elementType, dims = [] }, seed): [string, Tensor] => {
      const shape = dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim ?? '']));
      const count = shape.reduce((a, b) => a * b, 1);
      const whole = (i: number): number =>
        /mask/.test(name) ? 1 : /type|segment/.test(name) ? 0 : 1 + ((7 * i) % 17);
      const all = Array.from({ length: count }, (_, i) => whole(i));
      switch (elementType) {
        case ElementType.int64:
          return [name, { type: 'int64', dims: shape, data: BigInt64Array.from(all, BigInt) }];
        case ElementType.uint8:
          return [name, { type: 'uint8', dims: shape, data: Uint8Array.from(all, (x) => x * 7) }];
        case ElementType.int8:
          return [name, { type: 'int8', dims: shape, data: Int8Array.from(all, (x) => x - 9) }];
        default:
          return [
            name,
            /scale/.test(name)
              ? numbers(shape, new Float32Array(count).fill(0.02))
              : numbers(shape, noise(count, seed)),
          ];
      }
    }),
  );
}
