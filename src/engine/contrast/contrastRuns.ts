// Two runs side by side: aligned tokens, every head, the outputs and the states; what cannot be compared is said, with the reason.
import type { AlignedSide, Contrast, KindContrast, StateContrast, TwoRuns } from '../../shared/contrast';
import { throwIfCancelled } from '../../shared/errors';
import { nextMacrotask } from '../../shared/macrotask';
import type { Side } from '../../shared/modelSummary';
import { layerStateNames, stateNames } from '../../shared/stateNames';
import type { CallOptions } from '../../shared/protocol';
import { contrastKind } from './contrastHeads';
import { contrastOutput } from './contrastOutput';
import { contrastStates } from './contrastStates';
import { labelsSlice } from '../slices/labels';
import type { Trace } from '../trace';
import { alignedSide, type Pair } from './matched';

/** @throws UserError `badRequest` for texts that there are not, `cancelled` */
export async function contrastRuns(
  pair: Pair,
  { unit, layersFrom }: TwoRuns,
  call: CallOptions,
): Promise<Contrast> {
  const sides = new Map<Side, AlignedSide>();
  for (const side of ['encoder', 'decoder'] as const) {
    const aligned = alignedSide(pair, side, unit);
    if (aligned) {
      sides.set(side, aligned);
    }
  }
  await captureOnce(pair, sides, call.signal);
  const kinds: KindContrast[] = [];
  for (const kind of new Set(pair.a.model.summary.attentions.map((attention) => attention.kind))) {
    kinds.push(await contrastKind(pair, kind, sides, layersFrom, call));
  }
  const states: StateContrast[] = [];
  for (const side of sides.values()) {
    states.push(await contrastStates(pair, side, layersFrom, call.signal));
    await nextMacrotask();
    throwIfCancelled(call.signal);
  }
  return {
    sides: [...sides.values()],
    kinds,
    output: { ...(await contrastOutput(pair, call.signal)), labels: await labelsOf(pair, call.signal) },
    states,
    notes: notesOf(pair, sides),
  };
}

async function labelsOf(
  { a, b, batch }: Pair,
  signal: AbortSignal | undefined,
): Promise<Contrast['output']['labels']> {
  const of = async (trace: Trace, text: number) =>
    trace.model.labels && labelsSlice(trace, { batch: text }, signal);
  return a.model.labels || b.model.labels ? { a: await of(a, batch.a), b: await of(b, batch.b) } : undefined;
}

/** All that is read of a run is captured by running it once more, not once for each state. */
async function captureOnce(
  { a, b }: Pair,
  sides: ReadonlyMap<Side, AlignedSide>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wanted = [
    ...[...sides.values()].map((side) => [a, side.a] as const),
    ...[...sides.values()].map((side) => [b, side.b] as const),
  ];
  for (const [trace, side] of wanted) {
    const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
    if (run) {
      const { structure, output } = run.stack.anatomy;
      const tensors = stateNames(structure);
      const states = layerStateNames(structure).flatMap((name) => {
        const tensor = tensors.get(name);
        return tensor === undefined ? [] : (run.stack.stateOutputs.get(tensor) ?? []);
      });
      await run.fetch([...states, ...(output ? [output.logits] : [])], signal);
      await nextMacrotask();
      throwIfCancelled(signal);
    }
  }
}

function notesOf({ a, b }: Pair, sides: ReadonlyMap<Side, AlignedSide>): readonly string[] {
  const [first, second] = [a.model.summary, b.model.summary];
  const notes: string[] = [];
  if (first.id !== second.id) {
    notes.push(
      'Heads and dimensions are matched by their number. That says something where one model was trained from the other; in models that were trained apart, head 3 of one has nothing to do with head 3 of the other, and cosines of their states mean nothing.',
    );
  }
  for (const { a: side, b: other } of sides.values()) {
    const [own, others] = [first.layers[side], second.layers[other]];
    if (own !== others) {
      notes.push(`${first.name} has ${own} layers in its ${side}, ${second.name} ${others} in its ${other}.`);
    }
    if (side !== other) {
      notes.push(`The text is read by the ${side} of ${first.name} and by the ${other} of ${second.name}.`);
    }
  }
  const alone = [
    ...(['encoder', 'decoder'] as const).flatMap((side) =>
      a.summary[side].length > 0 && !sides.has(side) ? [`The ${side} of ${first.name}`] : [],
    ),
    ...(['encoder', 'decoder'] as const).flatMap((side) =>
      b.summary[side].length > 0 && ![...sides.values()].some((each) => each.b === side)
        ? [`The ${side} of ${second.name}`]
        : [],
    ),
  ];
  return [...notes, ...alone.map((what) => `${what} has no counterpart.`)];
}
