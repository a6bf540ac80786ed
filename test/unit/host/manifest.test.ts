// package.json against what the extension is: every string is there, every shipped model file listed, no command nameless.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED_MODELS } from '../../../src/host/shippedModels';

const root = path.join(import.meta.dirname, '../../..');
const manifestText = readFileSync(path.join(root, 'package.json'), 'utf8');
const strings = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<
  string,
  string
>;
const manifest = JSON.parse(manifestText) as {
  readonly icon: string;
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly keybindings: readonly { readonly command: string; readonly key: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
  };
};

const hostFiles = [
  path.join(root, 'src/extension.ts'),
  ...(readdirSync(path.join(root, 'src/host'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, 'src/host', file)),
];

describe('package.json', () => {
  test('names only strings that exist, and uses all of them', () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/gu)].map(([, key]) => key);
    expect([...new Set(used)].sort()).toEqual(Object.keys(strings).sort());
  });

  test('menus and keys refer to its own commands, all in one category', () => {
    const { commands, keybindings, menus } = manifest.contributes;
    const ids = new Set(commands.map(({ command }) => command));
    const used = [...keybindings, ...Object.values(menus).flat()].map(({ command }) => command);
    expect(used.filter((command) => !ids.has(command))).toEqual([]);
    expect(new Set(commands.map(({ category }) => category))).toEqual(new Set(['Transformer']));
    expect(new Set(keybindings.map(({ key }) => key)).size).toBe(keybindings.length);
  });

  test('every command is registered', () => {
    const source = hostFiles.map((file) => readFileSync(file, 'utf8')).join('\n');
    const missing = manifest.contributes.commands.filter(({ command }) => !source.includes(`'${command}':`));
    expect(missing).toEqual([]);
  });

  test('has its icon', () => expect(existsSync(path.join(root, manifest.icon))).toBe(true));
});

test('the bundle for translators holds exactly the strings that the host shows', () => {
  // When it fails: npx @vscode/l10n-dev export -o l10n src
  const shown = hostFiles.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/l10n\.t\(\s*(['"])((?:\\.|(?!\1).)*)\1/gu)].map(([, , text]) =>
      text.replace(/\\(.)/gu, '$1'),
    ),
  );
  const bundle = JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.json'), 'utf8')) as object;
  expect([...new Set(shown)].sort()).toEqual(Object.keys(bundle).sort());
});

describe('shipped models', () => {
  test.each(SHIPPED_MODELS)('$name: every file that the engine reads is listed', ({ folder, files }) => {
    const at = path.join(root, 'models', folder);
    const found = (readdirSync(at, { recursive: true }) as string[])
      .filter((file) => statSync(path.join(at, file)).isFile() && /\.(?:json|onnx|spm)$/u.test(file))
      .map((file) => file.split(path.sep).join('/'));
    expect([...files].sort()).toEqual(found.sort());
  });
});
