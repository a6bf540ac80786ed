// package.json against what the extension is: every string is there, every shipped model file listed, no command nameless.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED_MODELS } from '../../../src/host/shippedModels';
import { viewOrder } from '../../../webview/explorer/viewOrder';

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
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly id: string;
        readonly description: string;
        readonly media: { readonly markdown: string };
      }[];
    }[];
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

describe('the walkthrough', () => {
  const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  const text = (key: string) => strings[key.replaceAll('%', '')];
  const links = steps.flatMap(({ description }) => [
    ...text(description).matchAll(/\(command:([\w.]+)(?:\?([^)]*))?\)/gu),
  ]);

  test('every step shows something that is there', () => {
    for (const { id, media } of steps) {
      const file = path.join(root, media.markdown);
      expect(existsSync(file), `${id}: ${media.markdown}`).toBe(true);
      for (const [, picture] of readFileSync(file, 'utf8').matchAll(/!\[[^\]]*\]\(([^)]+)\)/gu)) {
        expect(existsSync(path.join(path.dirname(file), picture)), `${id}: ${picture}`).toBe(true);
      }
    }
  });

  test('every link calls a command that there is', () => {
    const ids = new Set(manifest.contributes.commands.map(({ command }) => command));
    expect(links.map(([, command]) => command).filter((command) => !ids.has(command))).toEqual([]);
  });

  test('leads to every view', () => {
    const opened = links.flatMap(([, command, argument]) =>
      command === 'transformerExplorer.openView'
        ? (JSON.parse(decodeURIComponent(argument)) as string[])
        : [],
    );
    expect(opened.sort()).toEqual([...viewOrder].sort());
  });
});
