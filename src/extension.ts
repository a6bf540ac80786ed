// activate(): builds the parts, connects them, registers them; nothing is loaded or computed here.
import * as vscode from 'vscode';
import { startWorker } from '#startWorker';
import { AttentionHover } from './host/attentionHover';
import type { ExtensionApi } from './host/extensionApi';
import { extensionApi } from './host/extensionApi';
import { registerCommands } from './host/commands';
import { connectPanel } from './host/connectPanel';
import { CursorFollower } from './host/cursorFollower';
import { EngineProcess } from './host/engineProcess';
import { Exploration } from './host/exploration';
import { logError } from './host/errorReport';
import { explorerHost } from './host/explorerHost';
import { ExplorerPanel } from './host/explorerPanel';
import { Heat } from './host/heat';
import { Highlights } from './host/highlights';
import { Inspector } from './host/inspector';
import { OtherRuns } from './host/otherRuns';
import { ModelMemory } from './host/modelMemory';
import { Models } from './host/models';
import { ModelCards } from './host/modelsView/modelCard';
import { ModelsView } from './host/modelsView/modelsView';
import { panelActions } from './host/panelActions';
import { SavedState } from './host/savedState';
import { engineOptions, onDidChangeSettings } from './host/settings';
import { StatusBar } from './host/statusBar';
import { SourceMarks } from './host/translation/sourceMarks';
import { TranslationCenter } from './host/translation/translationCenter';
import { translationHost } from './host/translation/translationHost';
import { TranslationView } from './host/translation/translationView';
import { FineTuning } from './host/training/fineTuning';
import { storageIn } from './host/training/storage';
import { trainingHost } from './host/training/trainingHost';
import { TrainingView } from './host/training/trainingView';
import { TunedModels } from './host/training/tunedModels';
import { TunedStore } from './host/training/tunedStore';
import { DisposableStore } from './shared/disposable';

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const began = performance.now();
  const { extensionUri } = context;
  // Disposed of in reverse: the log, which others write to, last.
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const own = <T extends vscode.Disposable>(item: T): T => store.add(item);

  const log = own(vscode.window.createOutputChannel(vscode.l10n.t('Transformer Explorer'), { log: true }));
  const engine = own(new EngineProcess('inspection', extensionUri, startWorker, engineOptions, log));
  const jobs = own(new EngineProcess('jobs', extensionUri, startWorker, engineOptions, log));
  const storage = storageIn(vscode.Uri.joinPath(context.globalStorageUri, 'tuned'));
  const tunedStore = new TunedStore(storage);
  const models = new Models(extensionUri, own(new ModelMemory(context.globalState)), (id) =>
    tunedStore.weights(id),
  );
  const inspector = own(new Inspector(engine, models, log));
  const exploration = own(new Exploration(inspector, models, log));

  const act = panelActions({ exploration, inspector, models, log });
  const highlights = own(new Highlights(exploration));
  const others = new OtherRuns(inspector, models, exploration, log);
  const panel = own(
    new ExplorerPanel(extensionUri, explorerHost({ exploration, models, highlights, others, log, act }), log),
  );
  const center = own(new TranslationCenter(inspector, models, context.workspaceState, log));
  const marks = own(new SourceMarks(center));
  const translator = translationHost({ center, exploration, panel, marks, log, act });
  const translation = {
    center,
    view: own(new TranslationView(extensionUri, translator, center, marks, log)),
  };
  const tuned = own(new TunedModels(tunedStore, models, jobs, context.globalState));
  const training = own(
    new FineTuning({
      inspector,
      models,
      jobs,
      store: tunedStore,
      tuned,
      memory: context.workspaceState,
      log,
    }),
  );
  const trainer = trainingHost({ training, tuned, exploration, panel, models, log, act });
  const trainingView = own(new TrainingView(extensionUri, trainer, training, log));
  const inUse = () => center.session.isRunning || translation.view.visible;
  own(connectPanel({ panel, exploration, inspector, highlights, others, inUse }));
  const saved = own(new SavedState(context.workspaceState, panel, exploration, log));
  const follower = own(new CursorFollower(exploration, panel));
  const hover = own(new AttentionHover(inspector, models, exploration, log));
  const status = own(new StatusBar(inspector, models, exploration));
  const heat = own(new Heat(exploration, log));
  const view = own(new ModelsView(models, inspector));
  const cards = own(new ModelCards(models));
  own(
    registerCommands({
      exploration,
      panel,
      follower,
      inspector,
      jobs,
      models,
      view,
      cards,
      highlights,
      heat,
      translation,
      training,
      trainingView,
      trainingHost: trainer,
      tuned,
      extension: extensionUri,
      log,
      act,
    }),
  );
  own(
    inspector.onDidChange(() => {
      void vscode.commands.executeCommand(
        'setContext',
        'transformerExplorer.modelLoaded',
        inspector.loaded !== undefined,
      );
    }),
  );
  own(
    onDidChangeSettings((change) => {
      if (change.engine) {
        jobs.stop();
        inspector.stop();
      }
      if (change.hover) {
        hover.update();
      }
      if (panel.isOpen && (change.engine || change.model)) {
        void exploration.rerun();
      } else if (panel.isOpen && change.targetLanguage) {
        void exploration.setTargetLanguage();
      }
      if (change.engine || change.model || change.targetLanguage || change.translation) {
        void center.settingsChanged(translation.view.visible);
      }
      if (change.model || change.training) {
        void training.settingsChanged(trainingView.visible);
      }
      if (change.heat) {
        heat.update();
      }
      if (change.model) {
        view.refresh();
      }
      status.update();
    }),
  );

  training.restore().catch((error: unknown) => logError(log, 'Finding fine-tuned weights', error));

  const activationMs = performance.now() - began;
  log.info(`Activated in ${activationMs.toFixed(1)} ms.`);
  return extensionApi({
    activationMs,
    engine,
    exploration,
    inspector,
    panel,
    status,
    saved,
    view,
    heat,
    others,
    act,
    translation: { ...translation, host: translator },
    training: { training, view: trainingView, host: trainer, jobs, storage },
  });
}
