// Words and sentences of the masks bench: presets, editing, what an emptied row means, the explanation.

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const maskBenchStrings = {
  bench: 'Edit the mask',
  preset: 'Preset',
  presets: {
    own: 'As loaded',
    none: 'None',
    causal: 'Causal',
    padding: 'Padding only',
    prefix: 'Prefix-LM',
    window: 'Window',
    rows: 'Rows of a recipe',
  },
  presetHints: {
    own: 'the model’s own mask',
    none: 'every query sees every key, padding too',
    causal: 'no query sees a later key',
    padding: 'every query sees every key of the text',
    prefix: 'the first keys are seen by every query, later ones only by those after them, as in GLM',
    window: 'every query sees its neighbours only',
    rows: 'rows of cells from a recipe',
  },
  prefixLength: 'Prefix length',
  windowSize: 'Places to each side',
  windowCausal: 'earlier keys only',
  reach: 'Acts on',
  reaches: {
    head: (head: number) => `Head ${head}`,
    layer: (layer: number) => `Layer ${layer}`,
    all: 'All layers',
  },
  undo: 'Undo',
  redo: 'Redo',
  reset: 'Reset',
  inEffect: 'in effect',
  editedCells: (count: number) => `${plural(count, 'cell', 'cells')} edited by you`,
  total: (removed: number, cells: number, edited: string) =>
    `${removed} of ${plural(cells, 'cell', 'cells')} masked${edited && `, ${edited}`}`,
  edited: 'edited',
  asLoaded: 'as loaded',
  hint: 'Click a cell to hide or show it, drag to paint. A label on the left is a row (Shift-click), one on top a column (Alt-click).',
  keys: 'Keys: arrows move, Space flips the cell, R its row, C its column, Ctrl+Z undoes, Ctrl+Shift+Z redoes.',
  editableLabel: (rows: number, columns: number) =>
    `Mask as it enters the softmax, ${rows} queries by ${columns} keys, editable. Arrow keys move, Space hides or shows the cell, R the row, C the column, Control Z undoes, T shows a table.`,
  cellEdited: (cell: string) => `${cell}, edited`,
  announceCell: (query: string, key: string, keep: boolean) =>
    `${query} → ${key} ${keep ? 'is seen' : 'is hidden'}.`,
  announcePreset: (name: string) => `Mask: ${name}.`,
  announceUndone: 'Undone.',
  announceRedone: 'Redone.',
  announceReset: 'The model’s own mask.',
  empty:
    'Nothing is changed. Click cells of “Enters softmax” or take a preset: the text is run again and compared.',
  otherMasks: (count: number) =>
    `${plural(count, 'other mask', 'other masks')} of the list of interventions ${count === 1 ? 'acts' : 'act'} here, too.`,
  cannot: (attention: string) =>
    `The mask of ${attention} cannot be replaced: its graph does not show where it enters.`,
  emptied: (rows: string, count: number) =>
    `${rows} ${count === 1 ? 'sees' : 'see'} no key at all. A softmax over nothing is 0 ÷ 0; here all its weights and its context are 0, so the head adds nothing for it and only the residual stream goes on.`,
  emptiedAdd: (value: string) =>
    ` The model’s own way, adding ${value} to every key of a row, would change nothing: the softmax only sees differences.`,
  emptiedWhere: ' The model’s own −∞ in every cell of a row would give NaN.',
  moreRows: (count: number) => ` and ${count} more`,
  explain: 'What is this?',
  explanation: [
    'A mask M is added to the scaled scores before the softmax: softmax(Q·Kᵀ ÷ √dₖ + M)·V. A cell of 0 leaves a key as it is, −∞ removes it, and what is left of its row sums to 1 again. The padding mask hides what only fills up a batch; the causal mask keeps a query from seeing later keys, so that a decoder can be trained on all positions at once (Vaswani et al. 2017, sections 3.1 and 3.2.3).',
    'On this bench the mask can be changed, cell by cell or by a preset, for one head, a layer or all of them. The text is then run again: weights, output and translation are those of that run, beside those of the model as it was loaded. The edit is an intervention like any other: it stands in the list of the Experiments view, can be switched off there, and is saved with a recipe.',
    'Prefix-LM is the mask of GLM (Du et al. 2022): the first tokens see each other both ways, the rest is causal. A window, as in Longformer (Beltagy et al. 2020), keeps only neighbours; after several layers, what is farther away still comes through them. A model was trained with its own mask: what another one does to it shows what it relies on, not what a model trained that way would do.',
  ],
} as const;
