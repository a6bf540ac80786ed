// What exported pictures and files say.

/** `layer` as people count, `head` as the model does. */
const both = (layer: number, head: number | 'mean') =>
  head === 'mean' ? `layer ${layer}, mean of heads` : `layer ${layer}, head ${head + 1}`;

export const exportStrings = {
  button: 'Export pictures, matrices, the run or the whole panel',
  headPicture: 'Head: lines and matrix',
  headsPicture: 'All heads',
  weights: 'Attention weights',
  stages: {
    scores: 'Scores q·k',
    scaled: 'Scaled scores',
    masked: 'Scores as they enter the softmax',
  },
  vectors: {
    query: 'Queries Q',
    key: 'Keys K',
    value: 'Values V',
    context: 'Weights · V',
  },
  masksPicture: 'Masks: padding, causal and their sum',
  masks: {
    padding: 'Padding mask',
    causal: 'Causal mask',
    total: 'Mask as it enters the softmax',
  },
  positionsPicture: 'Positions: the table',
  wavesPicture: 'Positions: waves',
  similarityPicture: 'Positions: how alike they are',
  view: (name: string) => `The view ${name}`,
  asShown: 'as it is shown',
  table: 'Table',
  headOutput: 'Share of the head in the output',
  norms: 'Lengths of the residual stream',
  state: (name: string) => `State ${name}`,
  lens: 'Logit lens: the likeliest token of every state',
  probability: 'probability',
  stateCorner: 'state \\ token',
  notExposed: (what: string) => `${what}: the graph of this model does not expose it.`,
  ofSide: (side: 'encoder' | 'decoder') => side,
  ofHead: both,
  ofLayer: (layer: number) => `layer ${layer}`,
  noMask: (mask: string, why: string) => `${mask}: there is none. ${why}`,
  headTitle: (kind: string, layer: number, head: number | 'mean', unit: string, model: string) =>
    `${kind}, ${both(layer, head)}; ${unit} (${model})`,
  headsTitle: (kind: string, unit: string, model: string) => `${kind}, all heads; ${unit} (${model})`,
  masksTitle: (kind: string, layer: number, model: string) => `Masks of ${kind}, layer ${layer} (${model})`,
  positionsTitle: (what: string, side: string, model: string) => `${what}, ${side} (${model})`,
  cells: (rows: number, columns: number) => `${rows} × ${columns}`,
  corner: 'query \\ key',
  tokenCorner: 'token \\ dimension',
  positionCorner: 'position \\ dimension',
  positionsCorner: 'position \\ position',
  weightScale: 'weight, √ scale',
  block: (block: number) => `; a cell is the largest of ${block} × ${block}`,
  masked: 'masked',
  added: 'added to the score',
  threshold: (weight: number) => `lines from weight ${weight}`,
  notOffered: (id: string) => `There is no ${id} to be saved in what is shown.`,
  tooLarge: (width: number, height: number) =>
    `The picture has ${width} × ${height} pixels, more than can be drawn. Save it as SVG.`,
} as const;
