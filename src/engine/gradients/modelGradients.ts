// The sessions that differentiate a model's outputs by its embeddings: built when they are first asked for, kept with the model.
import { experimentGraph } from '../../probe/experimentGraph';
import type { Runtime } from '../../runtime/runtime';
import { UserError } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { TrainingStack, TrainingStacks } from '../../training/trainingStack';
import type { ChangedFile } from '../changedFile';
import type { Model } from '../model';
import { readGraph } from '../prepareGraph';
import type { Stack } from '../stack';
import { attributionGraph } from './attributionGraph';
import { PathSession } from './pathSession';

/** Each holds a copy of the weights: one of the plain model and one of a changed one. */
const MAX_SESSIONS = 2;

export class ModelGradients {
  /** By which stacks have controls; the one used last stands last. */
  private readonly opened = new Map<string, Promise<PathSession>>();
  private released = false;

  constructor(private readonly runtime: Runtime) {}

  /**
   * The session of a model, or of the same model under interventions: a stack with controls is differentiated with them.
   *
   * @throws UserError as `attributionGraph`; `modelTooLarge` where the files were not kept; as `Runtime.createSession`
   */
  async of(model: Model, { onProgress }: CallOptions): Promise<PathSession> {
    const key = [model.encoder, model.decoder].map((stack) => String(stack?.hasControls)).join();
    const known = this.opened.get(key);
    if (known) {
      this.opened.delete(key);
      this.opened.set(key, known);
      return known;
    }
    onProgress?.({ message: 'Building the backward graph', done: 0, total: 0 });
    const opening = this.open(model);
    this.opened.set(key, opening);
    try {
      const session = await opening;
      await this.closeOldest();
      return session;
    } catch (error) {
      this.opened.delete(key);
      throw error;
    }
  }

  async release(): Promise<void> {
    this.released = true;
    const all = [...this.opened.values()];
    this.opened.clear();
    for (const [opened] of await Promise.all(all.map((each) => Promise.allSettled([each])))) {
      if (opened.status === 'fulfilled') {
        await opened.value.release();
      }
    }
  }

  private async closeOldest(): Promise<void> {
    const [oldest] = this.opened;
    if (oldest && this.opened.size > MAX_SESSIONS) {
      this.opened.delete(oldest[0]);
      await (await oldest[1]).release();
    }
  }

  private async open(model: Model): Promise<PathSession> {
    const { files = [] } = model;
    const graph = attributionGraph(stacksOf(model));
    const beside = new Map(files.flatMap((file) => Object.entries(file.beside)));
    // On the processor, as in training: every operator of a backward graph runs there.
    const session = await this.runtime.createSession(graph.model.bytes, {
      backend: 'wasm',
      externalData: [...beside].map(([path, data]) => ({ path, data })),
    });
    if (this.released) {
      await session.release();
      throw new UserError('cancelled', 'The model was unloaded.');
    }
    return new PathSession(session, graph.embeddings);
  }
}

/** The graphs as the sessions of the stacks run them. */
function stacksOf({ files, summary, encoder, decoder }: Model): TrainingStacks {
  const [first, second] = files ?? [];
  if (!first) {
    const message = `The model "${summary.name}" is too large for gradients: they need a second copy of it in memory. Use a smaller model.`;
    throw new UserError('modelTooLarge', message);
  }
  return second
    ? { encoder: stackOf(first, encoder), decoder: stackOf(second, decoder) }
    : { model: stackOf(first, encoder ?? decoder) };
}

function stackOf(file: ChangedFile, stack: Stack | undefined): TrainingStack {
  const { model, anatomy } = readGraph(file);
  return stack?.hasControls ? experimentGraph(model, anatomy) : { model, anatomy };
}
