// Words and sentences about what a change does: weights, output and translation before and after.

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const effectStrings = {
  title: 'What the change does',
  of: (head: string, active: number) =>
    `${head}, the model as loaded against ${plural(active, 'active intervention', 'active interventions')}`,
  running: 'Running… the numbers below are of the change before.',
  runningFirst: 'Running…',
  headline: (parts: readonly string[]) => `${parts.join(', ')} ↓`,
  headlineKl: (kl: string) => `KL ${kl} nats`,
  headlineTokens: (changed: number, of: number) => `${changed} of ${of} tokens translated otherwise`,
  headlineSame: 'same translation',
  headlineHint: 'Go to what the change does',
  failed: (message: string) => `Not in effect: ${message}`,
  retry: 'Retry',
  panes: 'Weights shown',
  choices: { all: 'All three', before: 'Before', after: 'After', difference: 'After − before' },
  before: 'Before',
  after: 'After',
  difference: 'After − before',
  paneLabel: (pane: string, head: string) =>
    `${pane}, ${head}: attention weights. Arrow keys move, Enter chooses the row, T shows a table.`,
  weight: 'weight, √ scale',
  change: 'change of the weight',
  cell: (query: string, key: string, value: string) => `${query} → ${key}: ${value}`,
  values: (before: string, after: string, change: string) => `${before} before, ${after} after, ${change}`,
  masked: 'masked',
  hint: 'Point at a cell to read it; a click chooses its row.',
  row: (query: string) => `Row ${query}`,
  rowVariation: (value: string) => `total variation ${value}`,
  key: 'key',
  columns: ['before', 'after', 'change'],
  rows: (changed: number, all: number, most: string, value: string) =>
    `${changed} of ${plural(all, 'row', 'rows')} of this picture changed, most of all “${most}”: total variation ${value}.`,
  noRows: 'No weight of this picture changed; the list of heads that change most says where weights do.',
  output: 'Output, KL by position',
  outputCaption: 'nats',
  mean: (kl: string, largest: string) => `KL(before ‖ after): ${kl} nats on average, ${largest} at most.`,
  position: (token: string) => `Position ${token}`,
  token: 'token',
  klRow: (token: string, kl: string, before: string, after: string) =>
    `${token}: KL ${kl} nats, likeliest ${before} before, ${after} after`,
  said: (before: string, after: string) => (before === after ? before : `${before} → ${after}`),
  noOutput: 'This model has no output distribution: it ends in hidden states.',
  below: (value: string) => `< ${value}`,
  unknown: '–',
  translation: 'Translation',
  sameTranslation: 'The translation stays the same.',
  changedTokens: (changed: number, of: number, added: number) =>
    `${changed} of ${of} tokens changed, ${added} new.`,
  comparedOver: 'Weights and output are compared over the tokens of the translation before.',
  heads: 'Heads that change most',
  headsCaption: 'largest |Δ|',
  noHeads: 'No head changed.',
  goTo: (head: string) => `Show ${head}`,
  tables: { before: 'Weights before', after: 'Weights after', difference: 'Weights, after minus before' },
} as const;
