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

  test('is quick and starts no engine', async () => {
    // This suite runs first (by its name), before anything has been explored.
    const api = await activated();
    console.log(`activate() took ${api.activationMs.toFixed(1)} ms; the aim is 50 ms`);
    // A machine that is busy with other things may be several times slower.
    ok(api.activationMs <= 250, `activate() took ${api.activationMs} ms`);
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
