// The engine: answers the calls of the contract by composing the other folders. One instance per worker, or per command line.
import type { Platform } from '../runtime/platform';
import { openRuntime } from '../runtime/openRuntime';
import type { Runtime } from '../runtime/runtime';
import { UserError } from '../shared/errors';
import { transfer } from '../shared/rpc';
import type { TwoRuns } from '../shared/contrast';
import type { CallOptions, Engine, EngineOptions } from '../shared/protocol';
import type { ExploreRequest, TraceSummary } from '../shared/trace';
import { besideRequest } from './contrast/beside';
import { contrastHeads } from './contrast/contrastHeads';
import { contrastRuns } from './contrast/contrastRuns';
import type { Pair } from './contrast/matched';
import { compareRuns, differenceSlice } from './experiment/compare';
import { equivarianceOf } from './experiment/equivariance';
import { modelControls } from './experiment/modelControls';
import { sweepSettings } from './experiment/sweep';
import { explore } from './explore';
import { classifyTexts } from './labels/classifyTexts';
import { loadModel } from './loadModel';
import type { Model } from './model';
import { releaseModel, tokenizerOf } from './model';
import { embeddingNeighbours, modelStructure } from './modelStructure';
import { cellTermsSlice, rankedHeads, spreadSlice, vectorsSlice } from './slices/insights';
import { distributionSlice, stepsSlice } from './slices/outputs';
import { logitLensSlice } from './slices/logitLens';
import { projectionSlice } from './slices/projection';
import { attributionSlice, leaveOneOut } from './slices/attribution';
import { gradientsSlice, integratedGradientsSlice } from './slices/gradients';
import { subLayersSlice } from './slices/subLayers';
import { residualNorms, statesSlice, unitsSlice } from './slices/states';
import type { Matrix } from '../shared/tensor';
import { buffersOf, headStagesSlice } from './slices/headStages';
import { labelsSlice } from './slices/labels';
import { cellSlice } from './slices/cell';
import type { Place } from './slices/checkPlace';
import { checkPlace } from './slices/checkPlace';
import { masksSlice } from './slices/masks';
import { matrixSlice, pairSlice } from './slices/matrix';
import { overviewSlice } from './slices/overviewSlice';
import { positionsSlice } from './slices/positionsSlice';
import type { Trace } from './trace';
import { TraceStore } from './traceStore';
import { EngineTrainings } from './training/engineTrainings';
import { explainTranslation } from './translation/explainTranslation';
import { chooseSpeech, encodeSource } from './translation/speech';
import { translateTexts } from './translation/translateTexts';

export class ExplorerEngine implements Engine {
  private runtime: Runtime | undefined;
  private traces = new TraceStore<Trace>(0);
  private readonly models = new Map<string, Model>();
  private nextTrace = 1;
  private readonly trainings = new EngineTrainings(
    () => this.started(),
    (id) => this.model(id),
  );

  readonly previewTraining: Engine['previewTraining'] = this.trainings.previewTraining;
  readonly beginTraining: Engine['beginTraining'] = this.trainings.beginTraining;
  readonly train: Engine['train'] = this.trainings.train;
  readonly saveTraining: Engine['saveTraining'] = this.trainings.saveTraining;
  readonly trainedWeights: Engine['trainedWeights'] = this.trainings.trainedWeights;
  readonly applyTuned: Engine['applyTuned'] = this.trainings.applyTuned;
  readonly trainingEffect: Engine['trainingEffect'] = this.trainings.trainingEffect;
  readonly endTraining: Engine['endTraining'] = this.trainings.endTraining;

  constructor(private readonly platform: Platform) {}

  start: Engine['start'] = async (options: EngineOptions) => {
    if (this.runtime) {
      throw new UserError('badRequest', 'The engine was started already.');
    }
    this.traces = new TraceStore(options.traceBytes);
    this.runtime = await openRuntime(this.platform, options);
    return this.runtime.info;
  };

  loadModel: Engine['loadModel'] = async (request, call = {}) => {
    await this.drop(request.id);
    const model = await loadModel(this.started(), request, call);
    this.models.set(request.id, model);
    return { summary: model.summary, backend: model.backend };
  };

  unloadModel: Engine['unloadModel'] = async ({ model }) => this.drop(model);

  tokenize: Engine['tokenize'] = async ({ model: id, text }) => {
    const model = this.model(id);
    return model.summary.family === 'encoder-decoder'
      ? encodeSource(model, text, chooseSpeech(model, undefined))
      : tokenizerOf(model).encode(text);
  };

  explore: Engine['explore'] = (request, call = {}) => this.run(request, call);

  /** @param base The run that the new one is going to be compared with. */
  private async run(request: ExploreRequest, call: CallOptions, base?: string): Promise<TraceSummary> {
    const plain = this.model(request.model);
    const model = await plain.experiments.under(
      plain,
      request.interventions ?? [],
      request.decoder?.language,
      call,
    );
    const trace = await explore(`trace-${this.nextTrace++}`, model, request, call);
    this.traces.add(trace.summary.id, trace, base);
    return trace.summary;
  }

  /** Who asks what can be changed is about to change it. */
  controls: Engine['controls'] = async ({ model: id }) => {
    const model = this.model(id);
    void model.experiments.prepare(model);
    return modelControls(model);
  };

  intervene: Engine['intervene'] = async ({ trace, interventions }, call = {}) =>
    this.run({ ...this.traces.get(trace).request, interventions }, call, trace);

  releaseTrace: Engine['releaseTrace'] = async ({ trace }) => this.traces.release(trace);

  overview: Engine['overview'] = async (request, call = {}) => {
    const slice = await this.slice(request, (trace) => overviewSlice(trace, request, call.signal));
    return transfer(slice, [slice.data.buffer, slice.masked.buffer]);
  };

  matrix: Engine['matrix'] = async (request, call = {}) => {
    const slice = await this.slice(request, (trace) => matrixSlice(trace, request, call.signal));
    return transfer(slice, [slice.data.buffer, slice.masked.buffer]);
  };

  cell: Engine['cell'] = (request, call = {}) =>
    this.slice(request, (trace) => cellSlice(trace, request, call.signal));

  pair: Engine['pair'] = (request, call = {}) =>
    this.slice(request, (trace) => pairSlice(trace, request, call.signal));

  masks: Engine['masks'] = (request, call = {}) =>
    this.slice(request, (trace) => masksSlice(trace, request, call.signal));

  positions: Engine['positions'] = (request, call = {}) =>
    positionsSlice(this.model(request.model), request, call.signal);

  structure: Engine['structure'] = async ({ model }) => modelStructure(this.model(model));

  states: Engine['states'] = (request, call = {}) =>
    this.matrixOf(request, (trace) => statesSlice(trace, request, call.signal));

  vectors: Engine['vectors'] = (request, call = {}) =>
    this.matrixOf(request, (trace) => vectorsSlice(trace, request, call.signal));

  residualNorms: Engine['residualNorms'] = (request, call = {}) =>
    this.matrixOf(request, (trace) => residualNorms(trace, request, call.signal));

  cellTerms: Engine['cellTerms'] = (request, call = {}) =>
    this.slice(request, (trace) => cellTermsSlice(trace, request, call.signal));

  headStages: Engine['headStages'] = async (request, call = {}) => {
    const stages = await this.slice(request, (trace) => headStagesSlice(trace, request, call.signal));
    return transfer(stages, buffersOf(stages));
  };

  scoreSpread: Engine['scoreSpread'] = (request, call = {}) =>
    this.slice(request, (trace) => spreadSlice(trace, request, call.signal));

  units: Engine['units'] = (request, call = {}) =>
    this.slice(request, (trace) => unitsSlice(trace, request, call.signal));

  neighbours: Engine['neighbours'] = async (request) =>
    embeddingNeighbours(this.model(request.model), request);

  distribution: Engine['distribution'] = (request, call = {}) =>
    this.slice(request, (trace) => distributionSlice(trace, request, call.signal));

  steps: Engine['steps'] = (request, call = {}) =>
    this.slice(request, (trace) => stepsSlice(trace, request, call.signal));

  labels: Engine['labels'] = (request, call = {}) =>
    this.slice(request, (trace) => labelsSlice(trace, request, call.signal));

  classify: Engine['classify'] = (request, call = {}) =>
    classifyTexts(this.model(request.model), request, call);

  logitLens: Engine['logitLens'] = (request, call = {}) =>
    this.slice(request, (trace) => logitLensSlice(trace, request, call.signal));

  attribution: Engine['attribution'] = (request, call = {}) =>
    this.matrixOf(request, (trace) => attributionSlice(trace, request, call.signal));

  leaveOneOut: Engine['leaveOneOut'] = (request, call = {}) =>
    this.slice(request, (trace) => leaveOneOut(trace, request, call));

  gradients: Engine['gradients'] = async (request, call = {}) => {
    const found = await this.slice(request, (trace) => gradientsSlice(trace, request, call));
    return transfer(found, [found.saliency.data.buffer, found.product.data.buffer]);
  };

  integratedGradients: Engine['integratedGradients'] = (request, call = {}) =>
    this.slice(request, (trace) => integratedGradientsSlice(trace, request, call));

  subLayers: Engine['subLayers'] = (request, call = {}) =>
    this.slice(request, (trace) => subLayersSlice(trace, request, call.signal));

  projection: Engine['projection'] = (request, call = {}) =>
    this.slice(request, (trace) => projectionSlice(trace, request, call.signal));

  heads: Engine['heads'] = (request, call = {}) =>
    this.slice(request, (trace) => rankedHeads(trace, request, call.signal));

  compare: Engine['compare'] = (request, call = {}) =>
    this.slice(
      request,
      (trace) => compareRuns(trace, this.traces.get(request.after), request, call),
      request.after,
    );

  difference: Engine['difference'] = (request, call = {}) =>
    this.matrixOf(
      request,
      (trace) => differenceSlice(trace, this.traces.get(request.after), request, call),
      request.after,
    );

  beside: Engine['beside'] = async (request, call = {}) => {
    const first = this.traces.get(request.trace);
    const model = this.model(request.model ?? first.request.model);
    const { request: asked, batch } = besideRequest(first, model, request);
    const trace = await this.run(asked, call, request.trace);
    return { trace, batch, summary: model.summary };
  };

  contrast: Engine['contrast'] = (request, call = {}) =>
    this.slice(request, (trace) => contrastRuns(this.twoRuns(trace, request), request, call), request.other);

  contrastHeads: Engine['contrastHeads'] = async (request, call = {}) => {
    const contrast = await this.slice(
      request,
      (trace) => contrastHeads(this.twoRuns(trace, request), request, call),
      request.other,
    );
    const { a, b, difference, absent } = contrast;
    const buffers = [a, b, difference].map(({ data }) => data.buffer);
    return transfer(contrast, [...buffers, absent.a.buffer, absent.b.buffer, absent.difference.buffer]);
  };

  sweep: Engine['sweep'] = (request, call = {}) =>
    this.slice(request, (trace) => sweepSettings(this.model(trace.summary.model), trace, request, call));

  equivariance: Engine['equivariance'] = (request, call = {}) =>
    this.slice(request, (trace) => equivarianceOf(this.model(trace.summary.model), trace, request, call));

  translate: Engine['translate'] = (request, call = {}) =>
    translateTexts(this.model(request.model), request, call);

  explainTranslation: Engine['explainTranslation'] = async (request, call = {}) => {
    const explanation = await explainTranslation(this.model(request.model), request, call);
    return transfer(explanation, [explanation.attention.data.buffer]);
  };

  /** A captured run, for those who live in the same thread: the command line and tests. */
  trace(id: string): Trace {
    return this.traces.get(id);
  }

  /** A loaded model, likewise. @throws UserError `badRequest` */
  model(id: string): Model {
    const model = this.models.get(id);
    if (!model) {
      throw new UserError('badRequest', `No model '${id}' is loaded.`, { model: id });
    }
    return model;
  }

  dispose(): void {
    this.runtime?.dispose();
  }

  private twoRuns(a: Trace, { other, batch, otherBatch }: TwoRuns): Pair {
    const b = this.traces.get(other);
    checkPlace(b, { batch: otherBatch });
    return { a, b, batch: { a: batch, b: otherBatch } };
  }

  /** A matrix, handed over with its memory. */
  private async matrixOf(
    request: Place & { readonly trace: string },
    read: (trace: Trace) => Promise<Matrix>,
    other?: string,
  ): Promise<Matrix> {
    const matrix = await this.slice(request, read, other);
    return transfer(matrix, [matrix.data.buffer]);
  }

  private async slice<T>(
    request: Place & { readonly trace: string },
    read: (trace: Trace) => Promise<T>,
    other?: string,
  ): Promise<T> {
    const trace = this.traces.get(request.trace);
    checkPlace(trace, request);
    const result = await read(trace);
    // Slices may have captured more. Of two runs side by side, neither is to push out the other.
    this.traces.shrink(other === undefined ? [request.trace] : [request.trace, other]);
    return result;
  }

  private started(): Runtime {
    if (!this.runtime) {
      throw new UserError('badRequest', 'The engine was not started.');
    }
    return this.runtime;
  }

  private async drop(id: string): Promise<void> {
    const model = this.models.get(id);
    if (model) {
      this.models.delete(id);
      await this.trainings.drop(id);
      this.traces.releaseWhere((trace) => trace.model.summary === model.summary);
      await releaseModel(model);
    }
  }
}
