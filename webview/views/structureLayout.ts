// A model's structure as the boxes, wires and ladders of a figure like Figure 1 of the paper, from the bottom up. Draws nothing.
import type {
  AttentionBlock,
  EmbeddingBlock,
  FeedForwardBlock,
  HeadBlock,
  ModelStructure,
  NormBlock,
  StackStructure,
} from '../../src/shared/modelStructure';
import type { Side } from '../../src/shared/modelSummary';
import { structureStrings as strings } from '../strings/structureStrings';

/** What a box stands for. */
export type FigurePart =
  | { readonly kind: 'embedding' | 'positions'; readonly block: EmbeddingBlock }
  | {
      readonly kind: 'norm';
      readonly block: NormBlock;
      readonly place: 'post' | 'pre' | 'embedding' | 'final';
      readonly layer: number | undefined;
    }
  | { readonly kind: 'attention'; readonly block: AttentionBlock; readonly cross: boolean }
  | { readonly kind: 'feedForward'; readonly block: FeedForwardBlock }
  | { readonly kind: 'add'; readonly block: AttentionBlock | FeedForwardBlock }
  | { readonly kind: 'transform' | 'linear' | 'softmax'; readonly block: HeadBlock };

export interface FigureBox {
  /** `decoder.2.self`, `decoder.2.self.norm`, `encoder.embedding` … */
  readonly id: string;
  readonly part: FigurePart;
  readonly stack: StackStructure;
  readonly label: string;
  readonly shape: 'box' | 'circle';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface FigureText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** The frame around the layers of a stack, and the column of layer numbers beside it. */
export interface FigureLadder {
  readonly side: Side;
  readonly layers: number;
  readonly layer: number;
  readonly frame: Area;
  readonly ladder: Area;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Figure {
  readonly width: number;
  readonly height: number;
  /** Stack by stack, from the bottom up. */
  readonly boxes: readonly FigureBox[];
  readonly wires: readonly string[];
  readonly texts: readonly FigureText[];
  readonly ladders: readonly FigureLadder[];
}

export const figureWidth = 190;
const boxHeight = 22;
const circle = 18;

/** Where a stack stands. `wire` is the side on which its residual connections run. */
interface Column {
  readonly x: number;
  readonly width: number;
  readonly wire: 'left' | 'right';
  readonly ladderX: number;
}

/** A box before it has its final place: `up` is the height of its bottom above the figure's. */
interface Draft extends Omit<FigureBox, 'x' | 'y' | 'width' | 'stack'> {
  readonly up: number;
}

/** `from` and `to` are heights above the bottom. */
interface Residual {
  readonly from: number;
  readonly to: number;
  readonly into: 'box' | 'circle';
}

interface DraftColumn {
  readonly boxes: readonly Draft[];
  readonly residuals: readonly Residual[];
  readonly frame: { readonly from: number; readonly to: number };
  /** Of the output text. */
  readonly top: number;
  readonly bottomText: string;
  readonly topText: string;
  /** Beside boxes: where positions enter, when not at the bottom. */
  readonly notes: readonly { readonly up: number; readonly text: string }[];
}

/** Lays the figure out. `layers` says which layer of each side is shown inside its frame. */
export function structureLayout(structure: ModelStructure, layers: Readonly<Record<Side, number>>): Figure {
  const both = structure.stacks.length > 1;
  const drafts = structure.stacks.map((stack) => ({
    stack,
    layer: Math.min(layers[stack.side], Math.max(0, stack.layers - 1)),
    column: columnOf(stack.side, both),
  }));
  const built = drafts.map(({ stack, layer }) => draftColumn(stack, layer, structure, both));
  const height = Math.max(0, ...built.map(({ top }) => top)) + 6;
  const boxes: FigureBox[] = [];
  const wires: string[] = [];
  const texts: FigureText[] = [];
  const ladders: FigureLadder[] = [];
  drafts.forEach(({ stack, layer, column }, index) => {
    const draft = built[index];
    const centre = column.x + column.width / 2;
    for (const each of draft.boxes) {
      const isCircle = each.shape === 'circle';
      boxes.push({
        ...each,
        stack,
        x: isCircle ? centre - circle / 2 : column.x,
        width: isCircle ? circle : column.width,
        y: height - each.up - each.height,
      });
    }
    wires.push(...verticals(draft, centre, height));
    wires.push(...draft.residuals.map((each) => residualWire(each, column, height)));
    texts.push({ x: centre, y: height - 4, text: draft.bottomText, anchor: 'middle' });
    texts.push({ x: centre, y: height - draft.top + 6, text: draft.topText, anchor: 'middle' });
    const pos = draft.boxes.find(({ part }) => part.kind === 'positions');
    if (pos) {
      const right = column.wire === 'right';
      texts.push({
        x: right ? centre + circle / 2 + 5 : centre - circle / 2 - 5,
        y: height - pos.up - circle / 2 + 4,
        text: strings.pos,
        anchor: right ? 'start' : 'end',
      });
    }
    texts.push(
      ...draft.notes.map(({ up, text }) => ({ x: 3, y: height - up + 4, text, anchor: 'start' as const })),
    );
    ladders.push(ladderOf(stack, layer, draft, column, height));
    const frameTop = height - draft.frame.to;
    texts.push({
      x: column.wire === 'right' ? column.x - 6 : column.x - 5,
      y: frameTop - 6,
      text: strings.times(stack.layers),
      anchor: 'start',
    });
  });
  const memory = memoryWire(boxes, built, drafts[0]?.column, drafts[1]?.column, height);
  return { width: figureWidth, height, boxes, wires: memory ? [...wires, memory] : wires, texts, ladders };
}

function columnOf(side: Side, both: boolean): Column {
  if (!both) {
    return { x: 42, width: 100, wire: 'right', ladderX: 166 };
  }
  return side === 'encoder'
    ? { x: 21, width: 70, wire: 'left', ladderX: 1 }
    : { x: 100, width: 70, wire: 'right', ladderX: 176 };
}

function draftColumn(
  stack: StackStructure,
  layer: number,
  structure: ModelStructure,
  short: boolean,
): DraftColumn {
  const { side, embedding, head, finalNorm } = stack;
  const boxes: Draft[] = [];
  const residuals: Residual[] = [];
  const notes: { up: number; text: string }[] = [];
  let up = 20;
  const put = (id: string, part: FigurePart, label: string, shape: 'box' | 'circle' = 'box'): Draft => {
    const height = shape === 'circle' ? circle : boxHeight;
    const draft = { id, part, label, shape, up, height };
    boxes.push(draft);
    up += height;
    return draft;
  };
  if (embedding) {
    put(`${side}.embedding`, { kind: 'embedding', block: embedding }, strings.boxes.embedding);
    if (embedding.positions === 'sinusoidal' || embedding.positions === 'learned') {
      up += 10;
      put(`${side}.positions`, { kind: 'positions', block: embedding }, '+', 'circle');
    }
    if (embedding.norm) {
      up += 10;
      const part = { kind: 'norm', block: embedding.norm, place: 'embedding', layer: undefined } as const;
      put(`${side}.embeddingNorm`, part, normLabel(embedding.norm, false));
    }
  }
  up += 14;
  const from = up;
  up += 12;
  for (const block of stack.subLayers.filter((each) => each.layer === layer)) {
    const pre = stack.normPlacement === 'pre' && block.norm !== undefined;
    const fork = up - 6;
    const normPart = (place: 'pre' | 'post') =>
      block.norm && ({ kind: 'norm', block: block.norm, place, layer: block.layer } as const);
    const before = pre ? normPart('pre') : undefined;
    if (before) {
      put(`${block.name}.norm`, before, normLabel(before.block, false));
      up += 3;
    }
    if (block.what === 'attention') {
      const cross = block.name.endsWith('.cross');
      const inside = strings.insidePositions[embedding?.positions ?? 'none'];
      // Two columns leave no room for it.
      if (inside !== '' && !cross && !short) {
        notes.push({ up: up + boxHeight / 2, text: inside });
      }
      put(block.name, { kind: 'attention', block, cross }, attentionLabel(side, cross, short));
    } else {
      put(block.name, { kind: 'feedForward', block }, strings.boxes.feedForward);
    }
    const after = pre ? undefined : normPart('post');
    up += after ? 3 : 6;
    if (after) {
      const add = put(`${block.name}.norm`, after, normLabel(after.block, block.residual !== undefined));
      pushResidual(residuals, block.residual !== undefined, fork, add);
    } else if (block.residual) {
      const add = put(`${block.name}.add`, { kind: 'add', block }, '+', 'circle');
      pushResidual(residuals, true, fork, add);
    }
    up += 15;
  }
  const frame = { from, to: up - 4 };
  up += 8;
  if (finalNorm) {
    const part = { kind: 'norm', block: finalNorm, place: 'final', layer: undefined } as const;
    put(`${side}.finalNorm`, part, normLabel(finalNorm, false));
    up += 8;
  }
  if (head?.transform) {
    put(
      `${side}.transform`,
      { kind: 'transform', block: head },
      strings.boxes.transform(head.transform.activation),
    );
    up += 8;
  }
  if (head) {
    put(`${side}.linear`, { kind: 'linear', block: head }, strings.boxes.linear);
    up += 8;
    put(`${side}.softmax`, { kind: 'softmax', block: head }, strings.boxes.softmax);
    up += 8;
  }
  const feedsDecoder = structure.stacks.length > 1 && side === 'encoder';
  return {
    boxes,
    residuals,
    notes,
    frame,
    top: up + 12,
    bottomText: structure.stacks.length > 1 ? strings.inputs[side] : strings.inputs.tokens,
    topText: feedsDecoder
      ? ''
      : head
        ? side === 'decoder'
          ? strings.outputs.next
          : strings.outputs.each
        : strings.outputs.states,
  };
}

function pushResidual(
  residuals: Residual[],
  there: boolean,
  from: number,
  { up, height, shape }: Draft,
): void {
  if (there) {
    residuals.push({ from, to: up + height / 2, into: shape });
  }
}

/** One line from the input to the output, interrupted by the boxes. */
function verticals({ boxes, top, topText }: DraftColumn, centre: number, height: number): string[] {
  const wires: string[] = [];
  let from = 14;
  for (const { up, height: own } of boxes) {
    wires.push(`M${centre} ${height - from}V${height - up}`);
    from = up + own;
  }
  // What has no text on top goes on to the other stack.
  wires.push(`M${centre} ${height - from}V${height - (topText === '' ? top - 8 : top - 10)}`);
  return wires;
}

function residualWire({ from, to, into }: Residual, { x, width, wire }: Column, height: number): string {
  const centre = x + width / 2;
  const right = wire === 'right';
  const outside = right ? x + width + 4 : x - 4;
  const edge = into === 'circle' ? centre + (right ? circle / 2 : -circle / 2) : right ? x + width : x;
  const head = right ? 'm3-2.5l-3 2.5 3 2.5' : 'm-3-2.5l3 2.5-3 2.5';
  return `M${centre} ${height - from}H${outside}V${height - to}H${edge}${head}`;
}

function ladderOf(
  stack: StackStructure,
  layer: number,
  { frame }: DraftColumn,
  { x, width, ladderX }: Column,
  height: number,
): FigureLadder {
  const y = height - frame.to;
  const size = frame.to - frame.from;
  return {
    side: stack.side,
    layers: stack.layers,
    layer,
    frame: { x: x - 7, y, width: width + 14, height: size },
    ladder: { x: ladderX, y, width: 13, height: size },
  };
}

/** What the encoder says, into the keys and values of the cross-attention. */
function memoryWire(
  boxes: readonly FigureBox[],
  drafts: readonly DraftColumn[],
  from: Column | undefined,
  to: Column | undefined,
  height: number,
): string | undefined {
  const cross = boxes.find(({ part }) => part.kind === 'attention' && part.cross);
  if (!cross || !from || !to) {
    return undefined;
  }
  const top = height - drafts[0].top + 8;
  const middle = (from.x + from.width + to.x) / 2;
  const y = cross.y + cross.height / 2;
  return `M${from.x + from.width / 2} ${top}H${middle}V${y}H${to.x}m-3-2.5l3 2.5-3 2.5`;
}

function normLabel({ kind }: NormBlock, add: boolean): string {
  const { addNorm, addRms, norm, rms } = strings.boxes;
  return kind === 'rms' ? (add ? addRms : rms) : add ? addNorm : norm;
}

function attentionLabel(side: Side, cross: boolean, short: boolean): string {
  const labels = short ? strings.boxes.short : strings.boxes.long;
  return cross ? labels.cross : side === 'decoder' ? labels.masked : labels.self;
}
