// What is remembered about models on this machine: those that the user added, files chosen for them, and what was found in them.
import * as vscode from 'vscode';
import type { Family, ModelSummary } from '../shared/modelSummary';
import type { BackendInfo } from '../shared/protocol';

const ADDED = 'models.remembered';
const BACKENDS = 'models.backends';
const EXTRA_FILES = 'models.extraFiles';
const FACTS = 'models.facts';
const TUNED = 'models.tuned';
const MOST = 50;

/** Files that a model's folder may lack, and the user can name. */
export type ExtraFile = 'tokenizer.json' | 'config.json';

/** What was found when the model was loaded last. */
export interface ModelFacts {
  readonly family: Family;
  readonly layers: { readonly encoder: number; readonly decoder: number };
  readonly heads: number;
  /** d_model; 0 when unknown. */
  readonly width: number;
  readonly vocabulary: number;
  readonly parameters: number;
  readonly attentions: number;
  /** What could not be found, each with the reason. */
  readonly notFound: readonly string[];
}

/** Fine-tuned weights that can be chosen like a model. */
export interface TunedChoice {
  /** `tuned:` and the name under which they are stored. */
  readonly id: string;
  readonly name: string;
  /** Id and name of the model whose files they change. */
  readonly base: string;
  readonly baseName: string;
  readonly step: number;
  /** Of the weights alone. */
  readonly bytes: number;
}

type ById<T> = Readonly<Record<string, T | undefined>>;

export class ModelMemory implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when anything but a backend was remembered or forgotten. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {}

  /** Folders and `.onnx` files that the user added, the newest first. */
  added(): readonly vscode.Uri[] {
    return this.memory.get<readonly string[]>(ADDED, []).map((text) => vscode.Uri.parse(text));
  }

  async add(uri: vscode.Uri): Promise<void> {
    const others = this.added().map(String);
    await this.write(ADDED, [...new Set([uri.toString(), ...others])].slice(0, MOST));
  }

  /** Takes a model off the list. Its files, and what is known of it, are left alone: it may come back. */
  async remove(id: string): Promise<void> {
    await this.write(
      ADDED,
      this.added()
        .map(String)
        .filter((other) => other !== id),
    );
  }

  /** Fine-tuned weights, the newest first; kept here as well as beside the weights so that they are known at once. */
  tuned(): readonly TunedChoice[] {
    return this.memory.get<readonly TunedChoice[]>(TUNED, []);
  }

  async setTuned(tuned: readonly TunedChoice[]): Promise<void> {
    if (JSON.stringify(tuned) !== JSON.stringify(this.tuned())) {
      await this.write(TUNED, tuned);
    }
  }

  /** Files from elsewhere that belong to a model. */
  extraFiles(id: string): Partial<Readonly<Record<ExtraFile, string>>> {
    return this.memory.get<ById<Partial<Record<ExtraFile, string>>>>(EXTRA_FILES, {})[id] ?? {};
  }

  async setExtraFile(id: string, file: ExtraFile, uri: vscode.Uri): Promise<void> {
    const all = this.memory.get<ById<object>>(EXTRA_FILES, {});
    await this.write(EXTRA_FILES, { ...all, [id]: { ...this.extraFiles(id), [file]: uri.toString() } });
  }

  facts(id: string): ModelFacts | undefined {
    return this.memory.get<ById<ModelFacts>>(FACTS, {})[id];
  }

  async rememberFacts({
    id,
    family,
    layers,
    heads,
    width,
    vocabulary,
    parameters,
    ...rest
  }: ModelSummary): Promise<void> {
    const facts: ModelFacts = {
      family,
      layers,
      heads,
      width,
      vocabulary,
      parameters,
      attentions: rest.attentions.length,
      notFound: rest.notFound.map(({ what, why }) => `${what}: ${why}`),
    };
    if (JSON.stringify(facts) !== JSON.stringify(this.facts(id))) {
      await this.write(FACTS, { ...this.memory.get<ById<ModelFacts>>(FACTS, {}), [id]: facts });
    }
  }

  /** The backend that `auto` chose for a model before. */
  backend(id: string): BackendInfo['backend'] | undefined {
    return this.memory.get<ById<BackendInfo['backend']>>(BACKENDS, {})[id];
  }

  async rememberBackend(id: string, backend: BackendInfo['backend']): Promise<void> {
    if (this.backend(id) !== backend) {
      await this.memory.update(BACKENDS, { ...this.memory.get<object>(BACKENDS, {}), [id]: backend });
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async write(key: string, value: unknown): Promise<void> {
    await this.memory.update(key, value);
    this.changed.fire();
  }
}
