// How each kind of positional information is recognised, and what is said about it.
import { describe, expect, it } from 'vitest';
import type { PositionSite } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { int, ints } from '../../../src/onnx/graphBuilder';
import { ElementType } from '../../../src/onnx/model';
import { HEADS, SIZE, Sketch, WIDTH } from './sketch';

const ROWS = 32;

function positionsOf(sketch: Sketch, embedded: string, opset = 18): PositionSite {
  return findAnatomy(sketch.build([sketch.attention(embedded)], { opset, irVersion: opset < 20 ? 8 : 10 }))
    .positions;
}

/** A sinusoid table of width {@link WIDTH}. */
function sinusoid(rows: number, layout: 'interleaved' | 'halves', lastWave = false): Float32Array {
  const half = WIDTH / 2;
  return Float32Array.from({ length: rows * WIDTH }, (_, i) => {
    const [row, dimension] = [Math.floor(i / WIDTH), i % WIDTH];
    const pair = layout === 'interleaved' ? dimension >> 1 : dimension % half;
    const cosine = layout === 'interleaved' ? dimension % 2 === 1 : dimension >= half;
    const angle = row * 10000 ** (lastWave ? -pair / (half - 1) : (-2 * pair) / WIDTH);
    return cosine ? Math.cos(angle) : Math.sin(angle);
  });
}

/** 0 … tokens − 1. */
const range = (sketch: Sketch, ids: string): string =>
  sketch.op('Range', [sketch.whole(0), sketch.size(ids, 1), sketch.whole(1)]);

describe('tables', () => {
  it.each(['interleaved', 'halves'] as const)('follow the sinusoid formula: %s', (layout) => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const table = sketch.floats([ROWS, WIDTH], sinusoid(ROWS, layout), 'pe');
    const rows = sketch.op('Gather', [table, range(sketch, ids)]);
    const positions = positionsOf(
      sketch,
      sketch.op('Add', [sketch.op('Mul', [sketch.embedded(ids), sketch.number(4)]), rows]),
    );
    expect(positions).toMatchObject({
      kind: 'sinusoidal',
      layout,
      tensor: 'pe',
      constant: true,
      positions: ROWS,
      dimensions: WIDTH,
      offset: 0,
    });
    expect(positions.formulaError).toBeLessThan(1e-6);
    expect(positions.evidence).toContain('"pe"');
  });

  it('of sinusoids have waves spaced in another way', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const table = sketch.floats([ROWS, WIDTH], sinusoid(ROWS, 'halves', true));
    const positions = positionsOf(
      sketch,
      sketch.op('Add', [sketch.embedded(ids), sketch.op('Gather', [table, range(sketch, ids)])]),
    );
    expect(positions).toMatchObject({ kind: 'sinusoidal', layout: 'halves' });
    expect(positions.evidence).toContain('2π·10000');
  });

  it('are cut to length instead of looked up', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const table = sketch.floats([1, ROWS, WIDTH], sinusoid(ROWS, 'interleaved'), 'pe');
    const length = sketch.op('Unsqueeze', [sketch.size(ids, 1), sketch.ints([0])]);
    const rows = sketch.op('Slice', [table, sketch.ints([0]), length, sketch.ints([1])]);
    expect(positionsOf(sketch, sketch.op('Add', [sketch.embedded(ids), rows]))).toMatchObject({
      kind: 'sinusoidal',
      positions: ROWS,
      tensor: 'pe',
    });
  });

  it('are folded into a constant of one length', () => {
    const sketch = new Sketch();
    const ids = sketch.ids('input_ids', 9);
    const rows = sketch.floats([1, 9, WIDTH], sinusoid(9, 'interleaved'), 'folded');
    expect(positionsOf(sketch, sketch.op('Add', [sketch.embedded(ids), rows]))).toMatchObject({
      kind: 'sinusoidal',
      positions: 9,
      tensor: 'folded',
    });
  });

  it('are learned, and begin after two rows that are no positions', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const table = sketch.weight([ROWS + 2, WIDTH], 'learned');
    const rows = sketch.op('Gather', [table, sketch.op('Add', [range(sketch, ids), sketch.whole(2)])]);
    expect(positionsOf(sketch, sketch.op('Add', [sketch.embedded(ids), rows]))).toMatchObject({
      kind: 'learned',
      offset: 2,
      positions: ROWS,
      layout: undefined,
    });
  });

  it('are looked up by counting the tokens that are no padding', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const real = sketch.op('Cast', [sketch.op('Not', [sketch.op('Equal', [ids, sketch.whole(1)])])], {
      to: int(ElementType.int32),
    });
    const counted = sketch.op('Mul', [sketch.op('CumSum', [real, sketch.whole(1)]), real]);
    const places = sketch.op('Add', [
      sketch.op('Cast', [counted], { to: int(ElementType.int64) }),
      sketch.whole(1),
    ]);
    const rows = sketch.op('Gather', [sketch.weight([ROWS, WIDTH], 'learned'), places]);
    const anatomy = findAnatomy(
      sketch.build([sketch.attention(sketch.op('Add', [sketch.embedded(ids), rows]))]),
    );
    expect(anatomy.positions).toMatchObject({ kind: 'learned', offset: 2, tensor: 'learned' });
    expect(anatomy.embedding?.tensor).toBe('embedding');
  });

  it('are looked up by an input, beside token types', () => {
    const sketch = new Sketch();
    const [ids, places, types] = [sketch.ids(), sketch.ids('position_ids'), sketch.ids('token_type_ids')];
    const rows = sketch.op('Gather', [sketch.weight([ROWS, WIDTH], 'learned'), places]);
    const kinds = sketch.op('Gather', [sketch.weight([2, WIDTH], 'types'), types]);
    const sum = sketch.op('Add', [sketch.op('Add', [sketch.embedded(ids), kinds]), rows]);
    const anatomy = findAnatomy(sketch.build([sketch.attention(sum)]));
    expect(anatomy.positions).toMatchObject({ kind: 'learned', tensor: 'learned' });
    expect(anatomy.inputs).toEqual({
      input_ids: { role: 'tokens' },
      position_ids: { role: 'positions' },
      token_type_ids: { role: 'tokenTypes' },
    });
  });

  it('are computed in the graph', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const places = sketch.op('Unsqueeze', [
      sketch.op('Cast', [range(sketch, ids)], { to: int(ElementType.float32) }),
      sketch.ints([1]),
    ]);
    const half = WIDTH / 2;
    const waves = sketch.floats(
      [half],
      Float32Array.from({ length: half }, (_, i) => 10000 ** (-i / half)),
    );
    const angles = sketch.op('Mul', [places, waves]);
    const table = sketch.op('Concat', [sketch.op('Sin', [angles]), sketch.op('Cos', [angles])], {
      axis: int(-1),
    });
    const positions = positionsOf(sketch, sketch.op('Add', [sketch.embedded(ids), table]));
    expect(positions).toMatchObject({ kind: 'sinusoidal', layout: 'halves', constant: false, tensor: table });
    expect(positions.formulaError).toBeLessThan(1e-5);
  });
});

describe('rotations', () => {
  const half = SIZE / 2;
  const frequency = (i: number): number => 100 ** (-i / half);
  const cache = (wave: (x: number) => number): Float32Array =>
    Float32Array.from({ length: ROWS * half }, (_, i) => wave(Math.floor(i / half) * frequency(i % half)));

  /** Attention whose queries and keys are turned by `turn`. */
  const attention = (sketch: Sketch, x: string, turn: (heads: string) => string): string => {
    const [query, key] = [turn(sketch.heads(sketch.linear(x))), turn(sketch.heads(sketch.linear(x)))];
    const scores = sketch.op('Mul', [
      sketch.op('MatMul', [query, sketch.transposed(key)]),
      sketch.number(0.5),
    ]);
    return sketch.op('MatMul', [sketch.softmax(scores), sketch.heads(sketch.linear(x))]);
  };

  const part = (sketch: Sketch, x: string, from: number, to: number, step = 1): string =>
    sketch.op('Slice', [x, sketch.ints([from]), sketch.ints([to]), sketch.ints([3]), sketch.ints([step])]);

  it('pair halves, with angles computed from positions', () => {
    const sketch = new Sketch();
    const [ids, places] = [sketch.ids(), sketch.ids('position_ids')];
    const column = sketch.op('Unsqueeze', [
      sketch.op('Cast', [places], { to: int(ElementType.float32) }),
      sketch.ints([2]),
    ]);
    const row = sketch.floats(
      [1, 1, half],
      Float32Array.from({ length: half }, (_, i) => frequency(i)),
    );
    const angles = sketch.op('MatMul', [column, row]);
    const both = sketch.op('Unsqueeze', [
      sketch.op('Concat', [angles, angles], { axis: int(-1) }),
      sketch.ints([1]),
    ]);
    const [cosine, sine] = [sketch.op('Cos', [both]), sketch.op('Sin', [both])];
    const turn = (x: string): string => {
      const swapped = sketch.op(
        'Concat',
        [sketch.op('Neg', [part(sketch, x, half, SIZE)]), part(sketch, x, 0, half)],
        { axis: int(-1) },
      );
      return sketch.op('Add', [sketch.op('Mul', [x, cosine]), sketch.op('Mul', [swapped, sine])]);
    };
    const { positions, attentions } = findAnatomy(
      sketch.build([attention(sketch, sketch.embedded(ids), turn)]),
    );
    expect(positions).toMatchObject({ kind: 'rotary', layout: 'halves', dimensions: SIZE });
    expect(positions.frequencies?.[0]).toBeCloseTo(1, 5);
    expect(positions.frequencies?.[1]).toBeCloseTo(frequency(1), 5);
    expect(attentions[0]).toMatchObject({ kind: 'encoderSelf', heads: HEADS });
  });

  it('pair neighbours, with cached cosines and sines', () => {
    const sketch = new Sketch();
    const ids = sketch.ids();
    const rows = (wave: (x: number) => number, name: string): string => {
      const length = sketch.op('Unsqueeze', [sketch.size(ids, 1), sketch.ints([0])]);
      const own = sketch.op('Slice', [
        sketch.floats([ROWS, half], cache(wave), name),
        sketch.ints([0]),
        length,
        sketch.ints([0]),
      ]);
      return own;
    };
    const [cosine, sine] = [rows(Math.cos, 'cosines'), rows(Math.sin, 'sines')];
    const turn = (x: string): string => {
      const [even, odd] = [part(sketch, x, 0, SIZE, 2), part(sketch, x, 1, SIZE, 2)];
      const times = (a: string, b: string): string => sketch.op('Mul', [a, b]);
      const turned = [
        sketch.op('Sub', [times(even, cosine), times(odd, sine)]),
        sketch.op('Add', [times(odd, cosine), times(even, sine)]),
      ].map((item) => sketch.op('Unsqueeze', [item, sketch.ints([4])]));
      return sketch.op('Reshape', [
        sketch.op('Concat', turned, { axis: int(4) }),
        sketch.ints([0, 0, 0, SIZE]),
      ]);
    };
    const { positions } = findAnatomy(sketch.build([attention(sketch, sketch.embedded(ids), turn)]));
    expect(positions).toMatchObject({ kind: 'rotary', layout: 'interleaved', dimensions: SIZE });
    expect(positions.frequencies?.[1]).toBeCloseTo(frequency(1), 5);
  });

  it('are an operator', () => {
    const sketch = new Sketch();
    const [ids, places] = [sketch.ids(), sketch.ids('position_ids')];
    const [cosine, sine] = [
      sketch.floats([ROWS, half], cache(Math.cos), 'cosines'),
      sketch.floats([ROWS, half], cache(Math.sin), 'sines'),
    ];
    const turn = (x: string): string =>
      sketch.op('RotaryEmbedding', [x, cosine, sine, places], { interleaved: int(1) });
    const model = sketch.build([attention(sketch, sketch.embedded(ids), turn)], { opset: 23, irVersion: 10 });
    const { positions } = findAnatomy(model);
    expect(positions).toMatchObject({
      kind: 'rotary',
      layout: 'interleaved',
      tensor: 'cosines',
      constant: true,
      positions: ROWS,
    });
    expect(positions.frequencies).toHaveLength(half);
  });
});

describe('biases of scores', () => {
  /** key − query as floats `[queries, keys]`. */
  const distance = (sketch: Sketch, x: string): string => {
    const axis = (axes: number): string => sketch.op('Unsqueeze', [range(sketch, x), sketch.ints([axes])]);
    return sketch.op('Cast', [sketch.op('Sub', [axis(0), axis(1)])], { to: int(ElementType.float32) });
  };
  const slopes = (sketch: Sketch): string => sketch.floats([HEADS, 1, 1], [0.5, 0.25]);

  it.each(['causal', 'both ways'])('grow with the distance: %s', (form) => {
    const sketch = new Sketch();
    const x = sketch.embedded(sketch.ids());
    const context = sketch.attention(x, x, (scaled) => {
      const signed = distance(sketch, x);
      const away = form === 'causal' ? signed : sketch.op('Neg', [sketch.op('Abs', [signed])]);
      const bias = sketch.op('Mul', [away, slopes(sketch)]);
      return sketch.op('Add', [scaled, sketch.op('Add', [bias, sketch.padding(sketch.mask())])]);
    });
    const { positions, attentions } = findAnatomy(sketch.build([context]));
    expect(positions.kind).toBe('alibi');
    expect(attentions[0].bias?.kind).toBe('alibi');
    expect(attentions[0].mask).toMatchObject({ inputs: ['attention_mask'], parts: [{ kind: 'padding' }] });
  });

  it('are looked up by distance, per head', () => {
    const sketch = new Sketch();
    const x = sketch.embedded(sketch.ids());
    const context = sketch.attention(x, x, (scaled) => {
      const places = sketch.op('Cast', [distance(sketch, x)], { to: int(ElementType.int64) });
      const bucket = sketch.op('Add', [
        sketch.op('Clip', [places, sketch.whole(-3), sketch.whole(3)]),
        sketch.whole(3),
      ]);
      const rows = sketch.op('Gather', [sketch.weight([7, HEADS], 'buckets'), bucket]);
      return sketch.op('Add', [scaled, sketch.op('Transpose', [rows], { perm: ints([2, 0, 1]) })]);
    });
    const { positions, attentions } = findAnatomy(sketch.build([context]));
    expect(positions.kind).toBe('relative');
    expect(attentions[0]).toMatchObject({ bias: { kind: 'relative' }, mask: undefined });
  });
});

it('are said to be missing', () => {
  const sketch = new Sketch();
  expect(positionsOf(sketch, sketch.embedded(sketch.ids()))).toMatchObject({
    kind: 'none',
    tensor: undefined,
  });
});
