// Every stage of one head in one answer, captured by one run at most: asked for one by one, each would run the model again.
import type { TapRole } from '../../probe/probe';
import type { HeadStages, HeadStagesRequest } from '../../shared/headStages';
import type { AttentionBlock } from '../../shared/modelStructure';
import { stateNames } from '../../shared/stateNames';
import type { Matrix } from '../../shared/tensor';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { headMatrix } from './heads';
import { headOutput } from './headOutput';
import { maskedCells, totalMask } from './maskedCells';
import { statesSlice } from './states';

const roles = ['query', 'key', 'value', 'scores', 'scaled', 'masked', 'weights', 'context'] as const;
const states = ['joined', 'projected', 'input', 'residual'] as const;

export async function headStagesSlice(
  trace: Trace,
  request: HeadStagesRequest,
  signal?: AbortSignal,
): Promise<HeadStages> {
  const { attention, head, batch } = request;
  const { site, run } = trace.attention(attention);
  await run.fetch(outputsOf(run, attention), signal);
  const stage = async (role: TapRole): Promise<Matrix | undefined> => {
    const captured = await run.capture(attention, role, signal);
    return captured && headMatrix(captured, site, batch, head);
  };
  const state = async (name: (typeof states)[number]): Promise<Matrix | undefined> =>
    stateOutput(run, `${attention}.${name}`) === undefined
      ? undefined
      : statesSlice(trace, { trace: request.trace, state: `${attention}.${name}`, batch }, signal);

  const weights = await stage('weights');
  const context = await stage('context');
  const joined = await state('joined');
  const block = run.stack.anatomy.structure.subLayers.find(
    (each): each is AttentionBlock => each.what === 'attention' && each.name === attention,
  );
  const projection = block?.projection;
  const weight = run.stack.weights.get(projection?.weight ?? '');
  const output = context ? headOutput(context, joined, head, projection, weight) : 'noProjection';
  return {
    query: await stage('query'),
    key: await stage('key'),
    value: await stage('value'),
    scores: await stage('scores'),
    scaled: await stage('scaled'),
    masked: await stage('masked'),
    weights,
    mask: await totalMask(run, site, batch, weights, signal, head),
    removed: weights
      ? (await maskedCells(run, site, batch, weights, signal, head)).slice()
      : new Uint8Array(),
    context,
    output: typeof output === 'string' ? undefined : output,
    noOutput: typeof output === 'string' ? output : undefined,
    joined,
    projected: await state('projected'),
    before: await state('input'),
    after: await state('residual'),
  };
}

/** All buffers of an answer, to be handed over. */
export function buffersOf(stages: HeadStages): ArrayBuffer[] {
  const parts = Object.values(stages) as HeadStages[keyof HeadStages][];
  return parts.flatMap((part) => {
    if (part === undefined || typeof part === 'string') {
      return [];
    }
    return [part instanceof Uint8Array ? part.buffer : part.data.buffer];
  });
}

function outputsOf(run: StackRun, attention: string): readonly string[] {
  const taps = [...roles, 'mask' as const].flatMap((role) =>
    run.stack.taps.filter((tap) => tap.attention === attention && tap.role === role),
  );
  const named = states.map((name) => stateOutput(run, `${attention}.${name}`));
  return [...taps.map(({ output }) => output), ...named.filter((output) => output !== undefined)];
}

/** The output that shows a state, if the graph has it. */
function stateOutput({ stack }: StackRun, name: string): string | undefined {
  const tensor = stateNames(stack.anatomy.structure).get(name);
  return tensor === undefined ? undefined : stack.stateOutputs.get(tensor);
}
