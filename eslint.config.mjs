// Lint rules: strict TypeScript, and the map of who may import whom (see ARCHITECTURE.md).
import tseslint from 'typescript-eslint';

/** Forbids imports with a message that says where the code belongs. */
const forbid = (...groups) => ({
  'no-restricted-imports': ['error', { patterns: groups.map(([group, message]) => ({ group, message })) }],
});

const vscode = [['vscode'], "Only src/host may import 'vscode': pass what you need in as a parameter."];
const ort = [
  ['onnxruntime-web', 'onnxruntime-web/*', 'webgpu'],
  'Only src/runtime may import the runtime: take a `Run` function as a parameter.',
];
const node = [
  ['node:*'],
  'This folder also runs in a browser worker: pass platform features in from src/engine or src/runtime.',
];
const outside = (...names) => [
  names.flatMap((n) => [`**/${n}/*`, `../${n}/*`]),
  'This folder may not depend on that one: see "Who may import whom" in ARCHITECTURE.md.',
];

const layer = (folder, ...rules) => ({ files: [`src/${folder}/**/*.ts`], rules: forbid(...rules) });

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', '**/node_modules/', 'models/', '.cache/'] },
  {
    files: ['**/*.ts', '**/*.mjs'],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-empty': 'error',
      'prefer-const': 'error',
      'no-var': 'error',
      'no-throw-literal': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts', 'webview/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  { files: ['**/*.mjs', 'test/**', 'bench/**', 'src/engine/cli/**'], rules: { 'no-console': 'off' } },
  layer('shared', vscode, ort, node, [['../*'], 'src/shared imports nothing outside itself.']),
  layer(
    'onnx',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'gradient', 'anatomy', 'probe', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'tokenizer',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'anatomy', 'probe', 'generation', 'onnx', 'runtime', 'models'),
  ),
  layer(
    'anatomy',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'gradient', 'probe', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'probe',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'gradient', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'gradient',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'explain', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'generation',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'onnx', 'anatomy', 'probe', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'explain',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'onnx', 'anatomy', 'probe', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  layer(
    'passage',
    vscode,
    ort,
    node,
    outside(
      'host',
      'engine',
      'onnx',
      'anatomy',
      'probe',
      'explain',
      'generation',
      'tokenizer',
      'runtime',
      'models',
    ),
  ),
  layer(
    'models',
    vscode,
    ort,
    node,
    outside('host', 'engine', 'onnx', 'anatomy', 'probe', 'generation', 'tokenizer', 'runtime'),
  ),
  layer('training', vscode, ort, node, outside('host', 'engine', 'probe', 'generation', 'runtime', 'models')),
  layer(
    'runtime',
    vscode,
    outside('host', 'engine', 'anatomy', 'probe', 'generation', 'tokenizer', 'models'),
  ),
  layer('engine', vscode, ort, outside('host')),
  layer(
    'host',
    ort,
    outside('engine', 'onnx', 'anatomy', 'probe', 'generation', 'tokenizer', 'runtime', 'models'),
  ),
  {
    files: ['src/host/**/*.ts'],
    ignores: ['src/host/ask.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['showQuickPick', 'createQuickPick', 'showInputBox'].map((property) => ({
          property,
          message: 'Ask through src/host/ask.ts: a question that closes by itself is lost.',
        })),
      ],
    },
  },
  {
    files: ['webview/**/*.ts'],
    rules: forbid(
      [['vscode', 'node:*', 'onnxruntime-web'], 'Webviews talk to the host through src/shared/protocol.ts.'],
      [
        [
          '**/src/host/*',
          '**/src/engine/*',
          '**/src/onnx/*',
          '**/src/gradient/*',
          '**/src/runtime/*',
          '**/src/probe/*',
          '**/src/anatomy/*',
        ],
        'A webview may import only src/shared and itself.',
      ],
    ),
  },
);
