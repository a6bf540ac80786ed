// The standard's own cases of Attention (opset 23): the stages beside the operator agree with its recorded results.
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { readModel } from '../../../src/onnx/readModel';
import { probe } from '../../../src/probe/probeModel';
import type { NamedTensors } from '../../../src/shared/tensor';
import { checkStages } from './checkStages';
import { runModel } from './runModel';
import { bytesOf, hasThirdParty, list, tensorFile, titled } from './thirdParty';

const folder = 'onnx-backend-attention/';
const cases = list(folder).filter((name) => name.startsWith('test_attention'));
/** The meaning of this output changed between versions of the standard; the stages do not depend on it. */
const REDEFINED = /qk_matmul_bias/;

describe.skipIf(!hasThirdParty)(titled('attention of opset 23'), () => {
  it.each(cases)('%s', async (name) => {
    const model = readModel(bytesOf(`${folder}${name}/model.onnx`));
    const data = `${folder}${name}/test_data_set_0/`;
    const files = list(data);
    const inputs: NamedTensors = Object.fromEntries(
      files
        .filter((file) => file.startsWith('input'))
        .map((file, i) => [model.graph.inputs[i].name, tensorFile(data + file).tensor]),
    );
    const anatomy = findAnatomy(model);
    expect(anatomy.attentions).toHaveLength(1);
    const probed = probe(model, anatomy);
    const results = await runModel(probed.bytes, inputs);
    files
      .filter((file) => file.startsWith('output'))
      .forEach((file, i) => {
        const expected = tensorFile(data + file).tensor;
        if (!(REDEFINED.test(name) && i === 3)) {
          const own = results[model.graph.outputs[i].name];
          expect(own.dims).toEqual(expected.dims);
          const worst = Array.from(expected.data, Number).reduce(
            (max, x, k) => Math.max(max, Math.abs(x - Number(own.data[k]))),
            0,
          );
          expect(worst, file).toBeLessThan(1e-4);
        }
      });
    checkStages(probed, results, 2);
  });
});
