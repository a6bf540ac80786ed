// The Fine-tuning view in the side bar: ties its page to the training, and tells of what was learned while it is not looked at.
import * as vscode from 'vscode';
import type { PanelAction } from '../../shared/protocol';
import type { TrainingHost, TrainingPage } from '../../shared/trainingPage';
import { showError } from '../errorReport';
import { SideView } from '../sideView';
import type { FineTuning } from './fineTuning';
import type { TunedManifest } from './tunedManifest';

export const TRAINING_VIEW = 'transformerExplorer.training';

/** Milliseconds in which points of the curve are collected before the page draws them. */
const PAUSE = 100;

export class TrainingView implements vscode.Disposable {
  private readonly side: SideView<TrainingPage, TrainingHost>;
  private readonly subscriptions: vscode.Disposable;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The last step that the page knows. */
  private known = 0;
  private status = '';

  constructor(
    extension: vscode.Uri,
    private readonly host: TrainingHost,
    private readonly training: FineTuning,
    log: vscode.LogOutputChannel,
  ) {
    const ready: TrainingHost['ready'] = async (request, call) => {
      const state = await host.ready(request, call);
      this.known = state.step;
      return state;
    };
    this.side = new SideView<TrainingPage, TrainingHost>({
      id: TRAINING_VIEW,
      kind: 'training',
      title: vscode.l10n.t('Fine-tuning'),
      extension,
      host: { ...host, ready },
      log,
    });
    this.subscriptions = vscode.Disposable.from(
      this.side,
      training.onDidChange((what) => (what === 'state' ? this.show() : this.later())),
      this.side.onDidChangeVisibility((visible) => void training.settingsChanged(visible)),
      training.onDidLearn((manifest) => this.tellLearned(manifest)),
    );
  }

  get visible(): boolean {
    return this.side.visible;
  }

  /** Whether the page has asked for its state. */
  get isReady(): boolean {
    return this.side.isReady;
  }

  reveal(): Promise<void> {
    return this.side.reveal();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const state = this.training.state();
    const { status, undoable } = state;
    this.known = state.step;
    this.side.tell((page) => page.show(state));
    setContext('training', status === 'starting' || status === 'running' || status === 'paused');
    setContext('fineTuningUndoable', undoable);
    if (status === 'failed' && this.status !== status) {
      this.tellFailed();
    }
    this.status = status;
  }

  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const { points, step, tokensPerSecond, left, saved } = this.training.state();
      const known = Math.min(this.known, step);
      this.known = step;
      const added = points.filter((point) => point.step > known);
      this.side.tell((page) => page.update({ points: added, step, tokensPerSecond, left, saved }));
    }, PAUSE);
  }

  /** The view may be hidden, and even where it is seen, what is looked at may be a document. */
  private tellFailed(): void {
    const act = (action: PanelAction) => void this.host.act({ action });
    showError(this.training.error, act, {
      title: vscode.l10n.t('Show Training'),
      run: () => void this.reveal(),
    });
  }

  private tellLearned({ name }: TunedManifest): void {
    const undo = vscode.l10n.t('Undo');
    const message = vscode.l10n.t('{0} is the model in use now.', name);
    void vscode.window.showInformationMessage(message, undo).then((pressed) => {
      if (pressed === undo) {
        void this.host.undo();
      }
    });
  }
}

/** For the conditions of package.json. */
function setContext(name: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', `transformerExplorer.${name}`, value);
}
