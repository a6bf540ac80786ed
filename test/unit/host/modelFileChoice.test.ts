// Which files of a folder are read: the graphs of one model in one precision, external data, small files; nothing twice.
import { describe, expect, test } from 'vitest';
import { modelFilesToRead } from '../../../src/host/modelFileChoice';

const small = ['config.json', 'tokenizer.json', 'vocab.txt'];

describe('modelFilesToRead', () => {
  test('takes one precision of each stack, and the small files', () => {
    const paths = [
      ...small,
      'README.md',
      'onnx/decoder_model_merged_fp16.onnx',
      'onnx/decoder_model_merged_q4.onnx',
      'onnx/encoder_model.onnx',
      'onnx/encoder_model_quantized.onnx',
    ];
    expect(modelFilesToRead(paths)).toEqual([
      ...small,
      'onnx/decoder_model_merged_fp16.onnx',
      'onnx/encoder_model.onnx',
    ]);
  });

  test('takes one of several unrelated graphs', () => {
    expect(modelFilesToRead(['b.onnx', 'a.onnx', ...small])).toEqual(['a.onnx', ...small]);
  });

  test('brings external data along, but neither that of other graphs nor weights of other libraries', () => {
    const wanted = ['model.onnx', 'model.onnx_data', 'model.onnx_data_1', 'weights.bin'];
    const others = ['model_fp16.onnx', 'model_fp16.onnx_data', 'pytorch_model.bin', 'deep/model.onnx_data'];
    expect(modelFilesToRead([...wanted, ...others])).toEqual(wanted);
  });

  test('reads a chosen file in its precision, with the other stack', () => {
    const paths = ['encoder_model.onnx', 'encoder_model_fp16.onnx', 'decoder_model.onnx', 'vision.onnx'];
    expect(modelFilesToRead(paths, 'encoder_model_fp16.onnx')).toEqual([
      'encoder_model_fp16.onnx',
      'decoder_model.onnx',
    ]);
    expect(modelFilesToRead(paths, 'decoder_model.onnx')).toEqual([
      'encoder_model.onnx',
      'decoder_model.onnx',
    ]);
    expect(modelFilesToRead(['a.onnx', 'b.onnx', ...small], 'b.onnx')).toEqual(['b.onnx', ...small]);
  });

  test('finds nothing to run where there is no graph', () => {
    expect(modelFilesToRead(small)).toEqual(small);
  });
});
