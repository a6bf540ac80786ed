// The module 'vscode' of a window that is a plain program.
import { fakeVscode } from '../unit/host/training/fakeVscode';

export const { EventEmitter, Uri, Disposable, l10n } = fakeVscode;
