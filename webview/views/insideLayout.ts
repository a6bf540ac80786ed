// Where the pictures of the Inside view stand, and how large their cells are; one query is one straight band. Draws nothing.

/** The pictures, in the order of the computation. */
export const stageNames = [
  'query',
  'key',
  'value',
  'scores',
  'scaled',
  'masked',
  'weights',
  'context',
  'output',
] as const;

export type StageName = (typeof stageNames)[number];

export interface InsideLayoutInput {
  readonly width: number;
  readonly queries: number;
  readonly keys: number;
  /** Elements of a query or key, of a value, of the output (d_k, d_v, d_model). */
  readonly headSize: number;
  readonly valueSize: number;
  readonly model: number;
}

/** One picture: its cells begin at (x, y); the title stands above it. */
export interface PicturePlace {
  readonly x: number;
  readonly y: number;
  /** What is visible of it. */
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** How many columns of the tensor one drawn column stands for. */
  readonly block: number;
  /** Room for the title. */
  readonly room: number;
}

export interface InsideLayout {
  /** `wide`: everything beside each other; `stacked`: projections, scores and results below each other. */
  readonly mode: 'wide' | 'stacked';
  readonly places: Readonly<Record<StageName, PicturePlace>>;
  /** SVG paths of the arrows. */
  readonly wires: readonly string[];
  /** Height of all pictures with their statistics. */
  readonly height: number;
  /** Where the comparison with and without the scale stands, and the residual stream; undefined when they flow below. */
  readonly compared: { readonly x: number; readonly y: number; readonly width: number } | undefined;
  readonly residual: { readonly x: number; readonly y: number; readonly width: number } | undefined;
  /** Rows of queries and keys, and columns of keys, that are visible at once. */
  readonly visible: { readonly queries: number; readonly keys: number; readonly keyColumns: number };
}

const margin = 14;
const gap = 28;
/** Title above a picture. */
export const titleHeight = 20;
/** Numbers and curve below a picture. */
export const statsHeight = 94;
const side = { least: 84, most: 168 } as const;
const largestCell = 20;
const smallestCell = 2;
const wideFrom = 800;
const leastOutput = 150;
/** Of the output, as many elements as this get a pixel each if there is room. */
const fullOutput = 256;
/** Of the table with and without the scale, and of the lines about the residual stream. */
export const comparedHeight = 112;
export const residualHeight = 186;

export function insideLayout(input: InsideLayoutInput): InsideLayout {
  return input.width >= wideFrom ? wide(input) : stacked(input);
}

/** What fits into a picture of `width × height`: whole pixels; where the smallest cell is too large, a part is shown. */
function cellFor(queries: number, keys: number, width: number, height: number): number {
  const fits = Math.floor(Math.min(width / Math.max(1, keys), height / Math.max(1, queries)));
  return Math.min(largestCell, Math.max(smallestCell, fits));
}

/** The picture of a vector: cells at least a pixel wide, several elements in one where there are too many. */
function vector(elements: number, room: number): { block: number; cellWidth: number; width: number } {
  const block = Math.max(1, Math.ceil(elements / room));
  const columns = Math.ceil(elements / block);
  // Cells of more than 2 pixels are all equally wide.
  const fits = room / Math.max(1, columns);
  const cellWidth = Math.min(largestCell, fits > 2 ? Math.floor(fits) : fits);
  return { block, cellWidth, width: Math.round(columns * cellWidth) };
}

function wide(input: InsideLayoutInput): InsideLayout {
  const { width, queries, keys, headSize, valueSize, model } = input;
  const free = width - 2 * margin - 6 * gap;
  // The output may lose a little of its width to let the cells of the matrices grow.
  const forOutput = Math.max(leastOutput, 0.8 * Math.min(model, fullOutput));
  const size = Math.floor(Math.min(side.most, Math.max(side.least, (free - forOutput) / 6)));
  const cell = cellFor(Math.max(queries, keys), keys, size, size);
  const visibleOf = (count: number): number => Math.min(count, Math.floor(size / cell));
  const visible = { queries: visibleOf(queries), keys: visibleOf(keys), keyColumns: visibleOf(keys) };
  const [q, v] = [vector(headSize, size), vector(valueSize, size)];
  const matrixWidth = visible.keyColumns * cell;
  const slot = Math.max(matrixWidth, Math.min(size, 90));
  const top = titleHeight;
  const height = visible.queries * cell;
  const keyHeight = visible.keys * cell;
  const shared = { y: top, height, cellHeight: cell };
  const first = Math.max(q.width, v.width, 60);

  let x = margin + first + gap;
  const place = (
    drawn: { block: number; cellWidth: number; width: number },
    at: number,
    room: number,
  ): PicturePlace => ({
    ...shared,
    ...drawn,
    x: at,
    room,
  });
  const square = { block: 1, cellWidth: cell, width: matrixWidth };
  const next = (drawn: typeof square, room: number): PicturePlace => {
    const placed = place(drawn, x, room);
    x += room + gap;
    return placed;
  };
  const query = place(q, margin, first);
  const scores = next(square, slot);
  const scaled = next(square, slot);
  const masked = next(square, slot);
  const weights = next(square, slot);
  const context = next(v, Math.max(v.width, 90));
  const rest = Math.max(leastOutput, width - margin - x);
  const output = place(vector(model, rest), x, rest);
  const keyTop = top + height + gap;
  const valueTop = keyTop + keyHeight + gap;
  const key = { ...query, y: keyTop, height: keyHeight };
  const value = { ...place(v, margin, first), y: valueTop, height: keyHeight };

  const under = top + height + statsHeight + 8;
  const middle = top + height / 2;
  const residualTop = top + height + 60;
  const bottom = Math.max(valueTop + keyHeight, under + comparedHeight + 8, residualTop + residualHeight);
  const arrow = (from: PicturePlace, to: PicturePlace) =>
    `M${from.x + from.width + 4} ${middle}H${to.x - 5}m-3-3l3 3-3 3`;
  const joinQ = scores.x - 12;
  const joinV = context.x - 12;
  return {
    mode: 'wide',
    places: { query, key, value, scores, scaled, masked, weights, context, output },
    wires: [
      arrow(query, scores),
      arrow(scores, scaled),
      arrow(scaled, masked),
      arrow(masked, weights),
      arrow(weights, context),
      arrow(context, output),
      `M${key.x + key.width + 4} ${keyTop + keyHeight / 2}H${joinQ}V${middle + 4}`,
      `M${value.x + value.width + 4} ${valueTop + keyHeight / 2}H${joinQ - 6}V${bottom}H${joinV}V${middle + 4}`,
    ],
    height: bottom + 8,
    compared: { x: scores.x, y: under, width: Math.min(380, context.x - gap - scores.x) },
    residual: { x: output.x, y: residualTop, width: rest },
    visible,
  };
}

function stacked(input: InsideLayoutInput): InsideLayout {
  const { width, queries, keys, headSize, valueSize, model } = input;
  const small = 16;
  const inside = Math.max(200, width - 2 * margin);
  const perRow = inside >= 430 ? 4 : 2;
  const size = Math.max(side.least, Math.min(side.most, Math.floor((inside - (perRow - 1) * gap) / perRow)));
  const cell = cellFor(Math.max(queries, keys), keys, size, size);
  const visibleOf = (count: number): number => Math.min(count, Math.floor(size / cell));
  const visible = { queries: visibleOf(queries), keys: visibleOf(keys), keyColumns: visibleOf(keys) };
  const third = Math.floor((inside - 2 * small) / 3);
  const drawnQ = vector(headSize, Math.min(third, side.most));
  const drawnV = vector(valueSize, Math.min(third, side.most));
  const height = visible.queries * cell;
  const keyHeight = visible.keys * cell;
  const wires: string[] = [];

  let y = titleHeight;
  const at = (
    x: number,
    drawn: { block: number; cellWidth: number; width: number },
    rows: number,
    room: number,
  ): PicturePlace => ({ ...drawn, x, y, height: rows, cellHeight: cell, room });
  const query = at(margin, drawnQ, height, third);
  const key = at(margin + third + small, drawnQ, keyHeight, third);
  const value = at(margin + 2 * (third + small), drawnV, keyHeight, third);

  y += Math.max(height, keyHeight) + 14 + titleHeight;
  const square = { block: 1, cellWidth: cell, width: visible.keyColumns * cell };
  const four = [0, 1, 2, 3].map((index) => {
    if (index > 0 && index % perRow === 0) {
      y += height + statsHeight + titleHeight;
    }
    const column = index % perRow;
    const placed = at(margin + column * (size + gap), square, height, size);
    if (column > 0) {
      wires.push(arrowTo(placed, placed.x - gap - (size - placed.width)));
    }
    return placed;
  });
  const [scores, scaled, masked, weights] = four;

  y += height + statsHeight + titleHeight;
  const room = Math.max(90, Math.min(drawnV.width, inside / 3));
  const drawnContext = vector(valueSize, Math.floor(room));
  const context = at(margin, drawnContext, height, Math.max(drawnContext.width, room));
  const outputX = margin + context.room + gap;
  const rest = Math.max(60, width - margin - outputX);
  const output = at(outputX, vector(model, rest), height, rest);
  wires.push(arrowTo(output, context.x + context.width));
  return {
    mode: 'stacked',
    places: { query, key, value, scores, scaled, masked, weights, context, output },
    wires,
    height: y + height + statsHeight,
    compared: undefined,
    residual: undefined,
    visible,
  };
}

/** An arrow that ends at a picture. */
function arrowTo({ x, y, height }: PicturePlace, from: number): string {
  return `M${from + 4} ${y + height / 2}H${x - 5}m-3-3l3 3-3 3`;
}

/** The first of `visible` rows out of `count`, moved no further than needed to show `index`. */
export function windowFor(first: number, visible: number, count: number, index: number | undefined): number {
  const last = Math.max(0, count - visible);
  const start = Math.min(first, last);
  if (index === undefined) {
    return Math.max(0, start);
  }
  return Math.max(
    0,
    Math.min(last, index < start ? index : index >= start + visible ? index - visible + 1 : start),
  );
}
