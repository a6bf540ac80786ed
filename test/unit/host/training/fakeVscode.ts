// As much of VS Code as the host's side of fine-tuning needs: settings, events, questions with answers given before.
export const settings = new Map<string, unknown>();
/** What the user picks in the next questions; undefined gives up. */
export const answers: unknown[] = [];
/** Presses Cancel in the progress that is shown. */
export const progress: { cancel: () => void } = { cancel: () => undefined };
/** What commands do. */
export const commands = new Map<string, () => Promise<void>>();
/** What was told or asked. */
export const told: string[] = [];

class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(value: T): void {
    [...this.listeners].forEach((listener) => listener(value));
  }
  dispose(): void {
    this.listeners.clear();
  }
}

class Uri {
  constructor(readonly path: string) {}
  static parse = (text: string) => new Uri(text.replace(/^file:\/\//u, ''));
  static file = (path: string) => new Uri(path);
  static joinPath = (base: Uri, ...parts: string[]) => new Uri([base.path, ...parts].join('/'));
  toString = () => `file://${this.path}`;
}

class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}

/** Events of the window and its documents; fired by tests. */
export const selected = new EventEmitter<{ readonly textEditor: unknown }>();
export const edited = new EventEmitter<unknown>();
export const configured = new EventEmitter<{ affectsConfiguration(section: string): boolean }>();

const ask = async (message: string) => {
  told.push(message);
  return answers.shift();
};

/** The module 'vscode'. */
export const fakeVscode = {
  EventEmitter,
  Uri,
  Disposable: {
    from: (...items: { dispose(): void }[]) => ({ dispose: () => items.forEach((item) => item.dispose()) }),
  },
  ProgressLocation: { Notification: 15 },
  ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
  l10n: {
    t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/gu, (_, i) => String(values[i])),
  },
  commands: { executeCommand: async (id: string) => commands.get(id)?.() },
  env: { language: 'en' },
  workspace: {
    textDocuments: [] as unknown[],
    onDidChangeTextDocument: edited.event,
    onDidChangeConfiguration: configured.event,
    fs: { isWritableFileSystem: () => true, stat: async () => ({}) },
    getConfiguration: () => ({
      get: (key: string) => settings.get(key),
      inspect: () => ({}),
      update: async (key: string, value: unknown) => void settings.set(key, value),
    }),
  },
  Position,
  Range,
  Selection: Range,
  EndOfLine: { LF: 1, CRLF: 2 },
  FilePermission: { Readonly: 1 },
  window: {
    activeTextEditor: undefined,
    visibleTextEditors: [] as unknown[],
    onDidChangeTextEditorSelection: selected.event,
    showInformationMessage: (message: string) => ask(message),
    withProgress: async (_options: unknown, work: (...of: unknown[]) => Promise<unknown>) =>
      work(
        { report: () => undefined },
        {
          onCancellationRequested: (pressed: () => void) => {
            progress.cancel = pressed;
            return { dispose: () => undefined };
          },
        },
      ),
    showInputBox: ({ title }: { title: string }) => ask(title),
    showWarningMessage: (message: string) => ask(message),
    showQuickPick: async (items: readonly { label: string }[], { title }: { title: string }) => {
      const wanted = await ask(`${title}: ${items.map(({ label }) => label).join(', ')}`);
      return items.find(({ label }) => label === wanted);
    },
  },
};
