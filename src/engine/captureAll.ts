// Every tensor of a run under its name, as a file for other programs: stages of all attentions, and the outputs of the graphs.
import type { TapRole } from '../probe/probe';
import { TAP_ROLES } from '../probe/probeModel';
import type { NamedTensors, Tensor } from '../shared/tensor';
import { allHeads } from './slices/heads';
import { totalMask } from './slices/maskedCells';
import { stateNames } from '../shared/stateNames';
import type { StackRun } from './stackRun';
import type { Trace } from './trace';

const stages: readonly TapRole[] = TAP_ROLES.filter((role) => role !== 'mask' && role !== 'bias');

/**
 * `encoder.0.self.weights`, `….query` and so on `[batch, head, rows, columns]`, in whatever layout the graph keeps them;
 * `….mask` `[batch, 1, query, key]`, what is added to the scores; the graphs' own outputs (`logits`, …) as they are.
 */
export async function captureAll(trace: Trace, signal?: AbortSignal): Promise<NamedTensors> {
  const tensors: Record<string, Tensor> = {};
  for (const run of trace.runs) {
    Object.assign(tensors, await outputsOf(run, signal), await statesOf(run, signal));
    // all in one run of the model, not one for each
    await run.fetch(
      run.stack.tapsOf(...stages).map(({ output }) => output),
      signal,
    );
    for (const site of run.stack.anatomy.attentions) {
      const batch = trace.batch;
      for (const role of stages) {
        const captured = await run.capture(site.name, role, signal);
        if (captured) {
          tensors[`${site.name}.${role}`] = allHeads(captured, site, batch);
        }
      }
      const mask = await maskOf(run, site.name, batch, signal);
      if (mask) {
        tensors[`${site.name}.mask`] = mask;
      }
    }
  }
  return tensors;
}

/** The graph's outputs as its author declared them, without caches. */
async function outputsOf(run: StackRun, signal: AbortSignal | undefined): Promise<NamedTensors> {
  const { session, taps, cache, anatomy, stateOutputs } = run.stack;
  const own = new Set(['logits', 'last_hidden_state', anatomy.output?.logits]);
  const states = [...stateOutputs.values()].filter((name) => !own.has(name));
  const others = new Set([...states, ...taps.map(({ output }) => output), ...(cache?.values() ?? [])]);
  const names = session.outputs.map(({ name }) => name).filter((name) => !others.has(name));
  const all = anatomy.output ? [...new Set([...names, anatomy.output.logits])] : names;
  await run.fetch(all, signal);
  return Object.fromEntries(all.map((name) => [name, run.get(name)]));
}

/** `encoder.0.feedForward.hidden`, `….residual`, `encoder.embedding.tokens` and so on, as the graph keeps them. */
async function statesOf(run: StackRun, signal: AbortSignal | undefined): Promise<NamedTensors> {
  const { structure } = run.stack.anatomy;
  const names = stateNames(structure);
  const outputs = run.stack.stateOutputs;
  const found = [...names].flatMap(([name, tensor]) => {
    const output = outputs.get(tensor);
    return output === undefined ? [] : [[name, output] as const];
  });
  await run.fetch(
    found.map(([, output]) => output),
    signal,
  );
  return Object.fromEntries(found.map(([name, output]) => [name, run.get(output)]));
}

async function maskOf(
  run: StackRun,
  attention: string,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Tensor | undefined> {
  const site = run.stack.site(attention);
  const masks = [];
  for (let text = 0; text < batch; text++) {
    const mask = await totalMask(run, site, text, undefined, signal);
    if (!mask) {
      return undefined;
    }
    masks.push(mask);
  }
  const [{ rows, columns }] = masks;
  const data = new Float32Array(masks.length * rows * columns);
  masks.forEach((mask, i) => data.set(mask.data, i * rows * columns));
  return { type: 'float32', dims: [masks.length, 1, rows, columns], data };
}
