// The extension as VS Code sees it: present, able to activate, and with every command of its manifest registered.
import * as vscode from 'vscode';
import { equal, extensionUnderTest, ok } from '../support/assertions';
import { activated } from './explorer';

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

suite('activation', () => {
  test('activates', async () => {
    const extension = extensionUnderTest();
    await extension.activate();
    equal(extension.isActive, true);
  });

  test('takes at most 50 ms and starts no engine', async () => {
    // This suite runs first (by its name), before anything has been explored.
    const api = await activated();
    ok(api.activationMs <= 50, `activate() took ${api.activationMs} ms`);
    equal(api.engineRunning(), false, 'engine');
    equal(api.modelLoaded(), false, 'model');
  });

  test('registers every command of the manifest', async () => {
    const extension = extensionUnderTest();
    await extension.activate();
    const { contributes }: Manifest = extension.packageJSON;
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = (contributes?.commands ?? []).map((c) => c.command).filter((id) => !registered.has(id));
    equal(missing.join(', '), '');
  });
});
