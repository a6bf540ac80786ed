// Graphs that torch's two exporters made of Hugging Face's own modules, operator sets 11 to 23: every parameter's gradient is PyTorch's.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compareExport } from './exportCase';

const folder = fileURLToPath(new URL('../../golden/exports', import.meta.url));
const ENDING = '.onnx.gz';
/** Those that the tests of adapters read; others here are of the same models. */
const TWINS: ReadonlySet<string> = new Set(
  ['bert.model', 'gpt2.model', 'marian.encoder'].map((part) => `${part}.eager.script.17`),
);
const names = readdirSync(folder)
  .flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : []))
  .filter((name) => !TWINS.has(name));

describe('gradients of exports of transformers', { timeout: 60_000 }, () => {
  it('are of encoders, decoders and both exporters', () => {
    for (const kind of ['bert.', 'gpt2.', 'marian.', 't5', 'llama.', '.script.', '.dynamo.']) {
      expect(
        names.some((name) => name.includes(kind)),
        kind,
      ).toBe(true);
    }
  });

  it.each(names)('%s', async (name) => {
    const { loss, gradient, worst, compared, absent } = await compareExport(folder, name);
    expect(loss).toBeLessThan(5e-5);
    expect(gradient, worst).toBeLessThan(2e-4);
    expect(compared).toBeGreaterThan(15);
    expect(absent).toEqual([]);
  });
});
