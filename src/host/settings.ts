// The extension's settings as typed values; nothing else reads the configuration.
import * as vscode from 'vscode';
import type { BackendSetting, EngineOptions } from '../shared/protocol';
import type { TrainingOptions } from '../shared/training';
import type { Decoding } from '../shared/translation';
import { DEFAULT_DECODING } from '../shared/translation';
import type { TranslationSettings } from './translation/translationSettings';

const SECTION = 'transformerExplorer';
const MEGABYTE = 1024 * 1024;

/** A typed view of the settings at one moment. */
export interface Settings {
  readonly backend: BackendSetting;
  /** 0 chooses by the number of cores. */
  readonly threads: number;
  readonly traceMegabytes: number;
  /** Path or address of a model folder or `.onnx` file; empty for the shipped model. */
  readonly model: string;
  /** Megabytes of files above which a model is loaded only when the user agrees. */
  readonly maximumModelMegabytes: number;
  readonly hover: { readonly enabled: boolean; readonly words: number };
  /** Words with a smaller weight stay uncoloured. */
  readonly heat: { readonly threshold: number };
  /** BCP 47; undefined leaves it to the model. */
  readonly targetLanguage: string | undefined;
  readonly translation: TranslationSettings;
  /** What the user has set of a training's options; the rest follows from the method and the data. */
  readonly training: Partial<TrainingOptions>;
}

const BACKENDS: readonly BackendSetting[] = ['auto', 'webgpu', 'wasm'];

/** The settings now. Values outside the documented ranges become the nearest allowed one. */
export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return {
    backend: BACKENDS.find((backend) => backend === configuration.get('backend')) ?? 'auto',
    threads: within(configuration.get('threads'), 0, 64, 0),
    traceMegabytes: within(configuration.get('traceMemory'), 16, 4096, 256),
    model: String(configuration.get('model') ?? '').trim(),
    maximumModelMegabytes: within(configuration.get('maximumModelSize'), 1, 4096, 600),
    hover: {
      enabled: configuration.get('hover.enabled') === true,
      words: within(configuration.get('hover.words'), 1, 12, 5),
    },
    heat: { threshold: between(configuration.get('heat.threshold'), 0, 1, 0.01) },
    targetLanguage: languageSetting(configuration),
    translation: {
      decoding: readDecoding(configuration),
      language: languageSetting(configuration),
      follow: configuration.get('translation.followSelection') === true,
      confidence: between(configuration.get('translation.confidence'), 0, 1, 0.8),
    },
    training: readTraining(configuration),
  };
}

function languageSetting(configuration: vscode.WorkspaceConfiguration): string | undefined {
  return String(configuration.get('targetLanguage') ?? '').trim() || undefined;
}

const METHODS: readonly Decoding['method'][] = ['greedy', 'beam', 'sample'];

/** A size of the beam below the number of hypotheses is meant: fewer are listed then. */
function readDecoding(configuration: vscode.WorkspaceConfiguration): Decoding {
  const get = (key: keyof Decoding) => configuration.get(`translation.${key}`);
  const standard = DEFAULT_DECODING;
  const method = METHODS.find((each) => each === get('method')) ?? standard.method;
  const beams = within(get('beams'), 1, 16, standard.beams);
  const hypotheses = within(get('hypotheses'), 1, 16, standard.hypotheses);
  return {
    method,
    beams,
    hypotheses: method === 'greedy' ? 1 : method === 'beam' ? Math.min(hypotheses, beams) : hypotheses,
    lengthPenalty: between(get('lengthPenalty'), -2, 4, standard.lengthPenalty),
    temperature: between(get('temperature'), 0.05, 5, standard.temperature),
    topK: within(get('topK'), 0, 1_000, standard.topK),
    topP: between(get('topP'), 0.01, 1, standard.topP),
    seed: within(get('seed'), 0, 0x7fffffff, standard.seed),
    noRepeat: within(get('noRepeat'), 0, 8, standard.noRepeat),
    repetitionPenalty: between(get('repetitionPenalty'), 1, 3, standard.repetitionPenalty),
    maxLength: within(get('maxLength'), 0, 512, standard.maxLength),
  };
}

/** 0 stands for what suits the method and the data. */
function readTraining(configuration: vscode.WorkspaceConfiguration): Partial<TrainingOptions> {
  const get = (key: string) => configuration.get(`training.${key}`);
  const method = get('method');
  const numbers = (['steps', 'rate', 'batch', 'strength', 'saveEvery'] as const).flatMap((key) => {
    const value = get(key);
    return typeof value === 'number' && value > 0 ? [[key, value] as const] : [];
  });
  return {
    ...(method === 'full' || method === 'lora' ? { method } : {}),
    ...Object.fromEntries(numbers),
  };
}

/** What an engine needs to know before it starts. */
export function engineOptions(): EngineOptions {
  const { backend, threads, traceMegabytes } = readSettings();
  return { backend, threads, traceBytes: traceMegabytes * MEGABYTE };
}

/**
 * Changes a setting where it has been set, else for the user. What is so already is not written, and what is the default anyway is
 * taken out again, so that the file of settings says only what somebody wanted otherwise.
 */
export async function writeSetting(
  key:
    | 'backend'
    | 'model'
    | 'hover.enabled'
    | 'targetLanguage'
    | 'translation.followSelection'
    | `translation.${keyof Decoding}`,
  value: string | boolean | number,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  if (configuration.get(key) === value) {
    return;
  }
  const found = configuration.inspect(key);
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const layers = [
    [WorkspaceFolder, found?.workspaceFolderValue],
    [Workspace, found?.workspaceValue],
    [Global, found?.globalValue],
  ] as const;
  const set = layers.filter(([, there]) => there !== undefined);
  const isDefault = set.length <= 1 && found?.defaultValue === value;
  await configuration.update(key, isDefault ? undefined : value, set[0]?.[0] ?? Global);
}

/** Which parts of the product a change of settings concerns. */
export interface SettingsChange {
  readonly engine: boolean;
  readonly model: boolean;
  readonly hover: boolean;
  readonly heat: boolean;
  readonly targetLanguage: boolean;
  readonly translation: boolean;
  readonly training: boolean;
}

/** Calls `listener` when one of our settings has changed. */
export function onDidChangeSettings(listener: (change: SettingsChange) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const affects = (key: string) => event.affectsConfiguration(`${SECTION}.${key}`);
    if (event.affectsConfiguration(SECTION)) {
      listener({
        engine: ['backend', 'threads', 'traceMemory'].some(affects),
        model: affects('model'),
        hover: affects('hover'),
        heat: affects('heat'),
        targetLanguage: affects('targetLanguage'),
        translation: affects('translation'),
        training: affects('training'),
      });
    }
  });
}

/** A whole number in the range. */
function within(value: unknown, low: number, high: number, otherwise: number): number {
  return Math.round(between(value, low, high, otherwise));
}

function between(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.max(low, Math.min(high, value))
    : otherwise;
}
