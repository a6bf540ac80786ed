// A model's stacks with controls: compiled when a stack is first changed, kept with the model, released with it.
import { experimentGraph } from '../../probe/experimentGraph';
import type { StackControls } from '../../probe/experiment';
import { probe } from '../../probe/probeModel';
import type { Backend, Runtime } from '../../runtime/runtime';
import { throwIfCancelled, UserError } from '../../shared/errors';
import type { Intervention, Patch } from '../../shared/intervention';
import { keepsLaterKeys } from '../../shared/maskChoice';
import { checkInterventions } from '../../shared/interventionFit';
import type { Side } from '../../shared/modelSummary';
import type { CallOptions } from '../../shared/protocol';
import { explore } from '../explore';
import type { ChangedFile } from '../changedFile';
import type { StackInputs } from '../feeds';
import type { Model } from '../model';
import { readGraph } from '../prepareGraph';
import { Stack } from '../stack';
import { controlFeeds } from './controlFeeds';
import { modelControls } from './modelControls';
import { PatchSources } from './patchSources';
import { stackSettings, type PatchRows } from './stackSettings';

/** Above this, the files are not kept: a second session of such a model would not fit beside the first one anyway. */
const MAX_KEPT_BYTES = 600 * 2 ** 20;

/** A stack with controls at rest. */
interface ControlledStack {
  readonly stack: Stack;
  readonly controls: StackControls;
}

export class ModelExperiments {
  private readonly compiled = new Map<Stack, Promise<ControlledStack>>();
  private readonly sources = new PatchSources();
  private released = false;

  /** @param files Those of {@link keep}: of the encoder and of the decoder, or of the only graph. */
  constructor(
    private readonly runtime: Runtime,
    private readonly backend: Backend,
    private readonly files: readonly ChangedFile[] | undefined,
  ) {}

  /** The files to keep of a model that is being loaded; undefined when they are too large. */
  static keep(files: readonly ChangedFile[]): readonly ChangedFile[] | undefined {
    const sizes = files.flatMap(({ bytes, beside }) => [bytes, ...Object.values(beside)]);
    const total = sizes.reduce((sum, { length }) => sum + length, 0);
    return total <= MAX_KEPT_BYTES ? [...files] : undefined;
  }

  /**
   * The model under interventions: another one with the same tokenizer and weights, whose sessions belong to this object.
   * The model itself when nothing is switched on.
   *
   * @param language Of the run: a patch's source is translated into it, too.
   * @throws UserError `badRequest` for interventions that do not fit, `modelTooLarge`, or of the runtime
   */
  async under(
    model: Model,
    interventions: readonly Intervention[],
    language: string | undefined,
    call: CallOptions,
  ): Promise<Model> {
    checkInterventions(interventions, modelControls(model));
    const on = interventions.filter(({ enabled }) => enabled);
    if (on.length === 0) {
      return model;
    }
    const patches = await this.patchRows(model, on, language, call);
    const changed = async (stack: Stack | undefined): Promise<Stack | undefined> =>
      stack && on.some((intervention) => touches(intervention, stack))
        ? this.changed(model, stack, on, patches, call)
        : stack;
    return { ...model, encoder: await changed(model.encoder), decoder: await changed(model.decoder) };
  }

  /**
   * Compiles all stacks ahead of the first intervention, which would have to wait for it: a second copy of the weights.
   * Never fails: whoever changes the model is told what is wrong then.
   */
  async prepare(model: Model): Promise<void> {
    for (const plain of [model.encoder, model.decoder]) {
      // One after the other, with a moment in between for requests that people wait for.
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (plain && !this.released && !this.compiled.has(plain)) {
        await this.warmUp(model, plain).catch(() => undefined);
      }
    }
  }

  async release(): Promise<void> {
    this.released = true;
    for (const compiling of this.compiled.values()) {
      const [compiled] = await Promise.allSettled([compiling]);
      if (compiled.status === 'fulfilled') {
        await compiled.value.stack.session.release();
      }
    }
    this.compiled.clear();
  }

  private async patchRows(
    model: Model,
    interventions: readonly Intervention[],
    language: string | undefined,
    call: CallOptions,
  ): Promise<ReadonlyMap<Patch, PatchRows>> {
    const rows = new Map<Patch, PatchRows>();
    for (const intervention of interventions) {
      if (intervention.kind === 'patch') {
        const run = (text: string, decoder: string | undefined) =>
          explore(
            'patch',
            model,
            {
              model: model.summary.id,
              texts: [text],
              decoder:
                decoder === undefined
                  ? { from: 'translation', language }
                  : { from: 'text', texts: [decoder], language },
            },
            call,
          );
        rows.set(intervention, await this.sources.rowsOf(intervention, language, run, call.signal));
      }
    }
    return rows;
  }

  private async changed(
    model: Model,
    plain: Stack,
    interventions: readonly Intervention[],
    patches: ReadonlyMap<Patch, PatchRows>,
    call: CallOptions,
  ): Promise<Stack> {
    const { stack, controls } = await this.compile(model, plain, call);
    const settings = stackSettings(interventions, controls, stack.anatomy, (patch) => {
      const rows = patches.get(patch);
      if (!rows) {
        throw new UserError('internal', 'The activations of a patch were not captured.');
      }
      return rows;
    });
    const { anatomy, positionTable } = stack;
    const masked = settings.sites.filter(({ masks }) => masks.length > 0);
    return stack.under(
      (inputs) => controlFeeds({ controls, anatomy, positionTable }, settings, inputs),
      new Set(masked.map((site) => site.controls.attention)),
      masked.some((site) => !site.isCross && site.masks.some(({ mask }) => keepsLaterKeys(mask))),
    );
  }

  /** The first run of a session takes several times as long as the next one. */
  private async warmUp(model: Model, plain: Stack): Promise<void> {
    const { stack } = await this.compile(model, plain, {});
    const outputs = stack.tapsOf('weights', 'mask').map(({ output }) => output);
    await stack.session.run(stack.feeds(stack.sampleInputs(16)), outputs);
  }

  /** Compiles a stack once; a failure is not remembered. */
  private async compile(
    model: Model,
    plain: Stack,
    { onProgress, signal }: CallOptions,
  ): Promise<ControlledStack> {
    throwIfCancelled(signal);
    const known = this.compiled.get(plain);
    if (known) {
      return known;
    }
    const side: Side = plain === model.encoder ? 'encoder' : 'decoder';
    onProgress?.({ message: `Preparing the ${side} for experiments`, done: 0, total: 0 });
    const compiling = this.open(this.fileOf(model, plain), plain);
    this.compiled.set(plain, compiling);
    try {
      return await compiling;
    } catch (error) {
      this.compiled.delete(plain);
      throw error;
    }
  }

  private fileOf({ encoder, summary }: Model, stack: Stack): ChangedFile {
    const file = this.files?.[this.files.length > 1 && stack !== encoder ? 1 : 0];
    if (!file) {
      const message = `The model "${summary.name}" is too large to be changed: experiments need a second copy of it in memory. Use a smaller model.`;
      throw new UserError('modelTooLarge', message);
    }
    return file;
  }

  private async open(file: ChangedFile, plain: Stack): Promise<ControlledStack> {
    const { model, anatomy } = readGraph(file);
    const experiment = experimentGraph(model, anatomy);
    const probed = probe(experiment.model, experiment.anatomy);
    const session = await this.runtime.createSession(probed.bytes, {
      backend: this.backend,
      externalData: Object.entries(file.beside).map(([path, data]) => ({ path, data })),
      cpuNodes: experiment.model.graph.nodes.flatMap(({ opType, name }) =>
        opType === 'Shape' && name !== '' ? [name] : [],
      ),
    });
    if (this.released) {
      await session.release();
      throw new UserError('cancelled', 'The model was unloaded.');
    }
    const { controls } = experiment;
    const { positionTable, weights } = plain;
    const rest = (inputs: StackInputs) =>
      controlFeeds({ controls, anatomy: experiment.anatomy, positionTable }, undefined, inputs);
    const stack = new Stack(
      experiment.anatomy,
      probed.taps,
      session,
      positionTable,
      probed.states,
      weights,
      rest,
    );
    return { stack, controls };
  }
}

/** Whether an intervention changes anything in this stack. */
function touches(intervention: Intervention, { anatomy }: Stack): boolean {
  switch (intervention.kind) {
    case 'headGate':
    case 'temperature':
    case 'scoreScale':
    case 'normaliser':
    case 'mask': {
      const { attentions: choice } = intervention;
      return anatomy.attentions.some(
        ({ name, kind }) =>
          choice === 'all' || choice === kind || (Array.isArray(choice) && choice.includes(name)),
      );
    }
    case 'patch': {
      const { target } = intervention;
      return target.of === 'head'
        ? anatomy.attentions.some(({ name }) => name === target.attention)
        : target.side === anatomy.side;
    }
    case 'positions':
      return intervention.side === anatomy.side;
    case 'subLayer':
      return intervention.subLayers.some((name) =>
        anatomy.structure.subLayers.some((block) => block.name === name),
      );
    default:
      return intervention satisfies never;
  }
}
