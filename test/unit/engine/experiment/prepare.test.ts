// Experiments that were prepared when a view opened: the first intervention compiles nothing any more.
import { expect, test } from 'vitest';
import { loadLayout } from '../layoutEngine';
import { MODEL, startEngine } from '../testEngine';

/** What the first intervention says it waits for. */
async function waits(prepared: boolean): Promise<readonly string[]> {
  const engine = await startEngine();
  await loadLayout(engine, 'marian');
  const model = engine.model(MODEL);
  const trace = await engine.explore({ model: MODEL, texts: ['w5 w6 w7'] });
  if (prepared) {
    await model.experiments.prepare(model);
  }
  const said: string[] = [];
  const scale = {
    kind: 'scoreScale',
    enabled: true,
    attentions: 'all',
    heads: 'all',
    scale: 'none',
  } as const;
  await engine.intervene(
    { trace: trace.id, interventions: [scale] },
    { onProgress: ({ message }) => said.push(message) },
  );
  await engine.dispose();
  return said.filter((message) => message.startsWith('Preparing'));
}

test('the first intervention does not wait for sessions that were prepared', async () => {
  expect(await waits(false)).toHaveLength(2);
  expect(await waits(true)).toEqual([]);
});
