// The status bar item: which model, which layer and head, which device and why; a click offers what can be done about it.
import * as vscode from 'vscode';
import { askWhich } from './ask';
import type { AttentionSummary, ModelSummary } from '../shared/modelSummary';
import type { BackendSetting, ViewState } from '../shared/protocol';
import type { Exploration } from './exploration';
import type { Inspector } from './inspector';
import type { Models } from './models';
import { readSettings, writeSetting } from './settings';
import { attentionOf } from './viewState';

/** Opened by a click on the item. */
export const STATUS_COMMAND = 'transformerExplorer.showStatusActions';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'transformerExplorer.status',
    vscode.StatusBarAlignment.Left,
    50,
  );
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(
    private readonly inspector: Inspector,
    private readonly models: Models,
    private readonly exploration: Exploration,
  ) {
    this.item.name = vscode.l10n.t('Transformer Explorer');
    this.item.command = STATUS_COMMAND;
    this.subscriptions = [
      this.item,
      inspector.onDidChange(() => this.update()),
      exploration.onDidChange(() => this.update()),
    ];
    this.update();
    this.item.show();
  }

  /** The text shown, for those who cannot read the screen. */
  get text(): string {
    return this.item.text;
  }

  update(): void {
    const { isLoading, problem } = this.inspector;
    const { id, name } = this.models.current();
    // Until something asks for the model in use, the one of before stays loaded.
    const loaded = this.inspector.loaded?.summary.id === id ? this.inspector.loaded : undefined;
    if (loaded) {
      const { summary, backend } = loaded;
      const where = lookedAt(summary, this.exploration.view);
      this.item.text = `$(type-hierarchy) ${[`${name} ${shape(summary)}`, where, backend.label]
        .filter((part) => part !== '')
        .join(' · ')}`;
      this.item.tooltip = [
        vscode.l10n.t('Transformer Explorer: {0}', name),
        backend.label,
        backend.reason,
        ...(backend.fallback ? [backend.fallback] : []),
        ...summary.notes,
      ].join('\n');
    } else if (isLoading) {
      this.item.text = `$(loading~spin) ${name}`;
      this.item.tooltip = vscode.l10n.t('Transformer Explorer: loading the model');
    } else if (problem) {
      this.item.text = `$(warning) ${name}`;
      this.item.tooltip = problem.message;
    } else {
      this.item.text = `$(type-hierarchy) ${name}`;
      this.item.tooltip = vscode.l10n.t(
        'Transformer Explorer: the model is loaded with the first exploration.',
      );
    }
    this.item.backgroundColor =
      problem && !loaded ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: this.item.text.replace(/^\$\([^)]*\) /u, '') };
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }
}

/** Offers model, backend, hover, restart and log. */
export async function showStatusActions(inspector: Inspector, models: Models): Promise<void> {
  const { hover, backend } = readSettings();
  const command = (label: string, id: string, description?: string) => ({
    label,
    description,
    run: () => Promise.resolve(vscode.commands.executeCommand(id)),
  });
  const items = [
    command(vscode.l10n.t('Choose Model…'), 'transformerExplorer.chooseModel', models.current().name),
    {
      label: vscode.l10n.t('Choose Backend…'),
      description: inspector.backend?.label ?? backend,
      run: () => chooseBackend(inspector),
    },
    command(
      hover.enabled ? vscode.l10n.t('Turn Attention Hover Off') : vscode.l10n.t('Turn Attention Hover On'),
      'transformerExplorer.toggleHover',
    ),
    command(vscode.l10n.t('Restart Engine'), 'transformerExplorer.restartEngine'),
    command(vscode.l10n.t('Show Log'), 'transformerExplorer.showLog'),
  ];
  const picked = await askWhich(items, { title: vscode.l10n.t('Transformer Explorer') });
  await picked?.run();
}

async function chooseBackend(inspector: Inspector): Promise<void> {
  const choices: readonly { readonly backend: BackendSetting; readonly detail: string }[] = [
    {
      backend: 'auto',
      detail: vscode.l10n.t('WebGPU where it works and is faster for this model, else WASM'),
    },
    { backend: 'webgpu', detail: vscode.l10n.t('The graphics card; WASM only if it fails') },
    { backend: 'wasm', detail: vscode.l10n.t('The processor') },
  ];
  const current = readSettings().backend;
  const picked = await askWhich(
    choices.map(({ backend, detail }) => ({
      label: backend,
      description: backend === current ? vscode.l10n.t('current') : undefined,
      detail,
      backend,
    })),
    { title: vscode.l10n.t('Choose Backend'), placeHolder: inspector.backend?.reason },
  );
  if (picked) {
    await writeSetting('backend', picked.backend);
  }
}

/** Layers × heads, e.g. `3×8`. */
function shape({ layers, heads }: ModelSummary): string {
  return `${Math.max(layers.encoder, layers.decoder)}×${heads}`;
}

function lookedAt(model: ModelSummary, view: ViewState): string {
  const attention: AttentionSummary | undefined = attentionOf(model, view.attention);
  if (!attention) {
    return '';
  }
  return view.mean
    ? vscode.l10n.t('Layer {0}, mean of heads', attention.layer + 1)
    : vscode.l10n.t('Layer {0}, head {1}', attention.layer + 1, Math.min(view.head, attention.heads - 1) + 1);
}
