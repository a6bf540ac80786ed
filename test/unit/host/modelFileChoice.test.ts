// Which files of a folder are read: one precision of each part, external data, small files; never the same stack twice.
import { describe, expect, test } from 'vitest';
import { modelFilesToRead } from '../../../src/host/modelFileChoice';

const small = ['config.json', 'tokenizer.json', 'vocab.txt'];

describe('modelFilesToRead', () => {
  test('takes the most faithful precision of each part', () => {
    const paths = [
      ...small,
      'onnx/encoder_model.onnx',
      'onnx/encoder_model_quantized.onnx',
      'onnx/decoder_model_merged_fp16.onnx',
      'onnx/decoder_model_merged_q4.onnx',
      'README.md',
    ];
    expect(modelFilesToRead(paths)).toEqual([
      ...small,
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_merged_fp16.onnx',
    ]);
  });

  test('prefers the decoder without branches, and leaves the others', () => {
    const paths = [
      'onnx/decoder_model_merged.onnx',
      'onnx/decoder_model.onnx',
      'onnx/decoder_with_past_model.onnx',
    ];
    expect(modelFilesToRead(paths)).toEqual(['onnx/decoder_model.onnx']);
  });

  test('brings external data along', () => {
    const paths = ['model.onnx', 'model.onnx_data', 'model.onnx_data_1', 'model.onnx.data', 'other.bin'];
    expect(modelFilesToRead(paths)).toEqual(paths.slice(0, 4));
  });

  test('reads a chosen file in its precision, with the other stack', () => {
    const paths = ['encoder_model.onnx', 'encoder_model_fp16.onnx', 'decoder_model.onnx', 'vision.onnx'];
    expect(modelFilesToRead(paths, 'encoder_model_fp16.onnx')).toEqual([
      'encoder_model_fp16.onnx',
      'decoder_model.onnx',
    ]);
    expect(modelFilesToRead(['a.onnx', 'b.onnx', ...small], 'b.onnx')).toEqual([...small, 'b.onnx']);
  });
});
