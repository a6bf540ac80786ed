// The extension as VS Code sees it: present, able to activate, and with every command of its manifest registered.
import * as vscode from 'vscode';
import { equal, extensionUnderTest } from '../support/assertions';

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

suite('activation', () => {
  test('activates', async () => {
    const extension = extensionUnderTest();
    await extension.activate();
    equal(extension.isActive, true);
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
