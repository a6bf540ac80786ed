// The host's end of the pipe to a webview's page.
import type * as vscode from 'vscode';
import type { Channel } from '../shared/channel';
import type { Disposable } from '../shared/disposable';
import { encodeNumbers } from '../shared/plainNumbers';

export function webviewChannel(webview: vscode.Webview): Channel {
  return {
    // Buffers are copied, never moved: VS Code's message carries them to another process.
    post: (message) => void webview.postMessage(encodeNumbers(message)),
    onMessage: (listener): Disposable => webview.onDidReceiveMessage(listener),
  };
}
