// Reads and writes recipes: lists of interventions as JSON. Strict about shape; whether one fits a model is interventionFit.ts.
import { messageOf, UserError } from './errors';
import type {
  AttentionChoice,
  HeadChoice,
  Intervention,
  InterventionKind,
  MaskChoice,
  Patch,
  PositionChange,
  Recipe,
} from './intervention';
import { RECIPE_VERSION } from './intervention';
import { PlainShape, wrong } from './plainShape';

/** @throws UserError `badRequest` that names the place in the file. */
export function parseRecipe(json: string): Recipe {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw new UserError('badRequest', `This recipe is no JSON: ${messageOf(error)}.`, {}, { cause: error });
  }
  const shape = PlainShape.of(data, 'recipe');
  const version = shape.whole('version', 1);
  if (version !== RECIPE_VERSION) {
    const message = `This recipe has version ${version}, but this program reads version ${RECIPE_VERSION}. Update the extension.`;
    throw new UserError('badRequest', message, { version });
  }
  const recipe: Recipe = {
    version: RECIPE_VERSION,
    name: shape.text('name'),
    ...(shape.has('model') ? { model: shape.text('model') } : {}),
    interventions: shape.list('interventions', parseIntervention),
  };
  shape.end();
  return recipe;
}

/** JSON for people, ending in a line break. */
export function writeRecipe(recipe: Recipe): string {
  return `${JSON.stringify(recipe, undefined, 2)}\n`;
}

const KINDS = {
  headGate: true,
  temperature: true,
  scoreScale: true,
  normaliser: true,
  mask: true,
  patch: true,
  positions: true,
  subLayer: true,
} satisfies Record<InterventionKind, true>;

/** One intervention out of plain data. @throws UserError `badRequest` */
export function parseIntervention(value: unknown, path = 'intervention'): Intervention {
  const shape = PlainShape.of(value, path);
  const kind = shape.oneOf('kind', Object.keys(KINDS) as InterventionKind[]);
  const intervention = read(kind, shape, shape.truth('enabled'));
  shape.end();
  return intervention;
}

function read(kind: InterventionKind, shape: PlainShape, enabled: boolean): Intervention {
  switch (kind) {
    case 'headGate':
      return { kind, enabled, ...onHeads(shape), factor: shape.number('factor') };
    case 'temperature': {
      const temperature = shape.number('temperature');
      if (temperature <= 0) {
        throw shape.wrong('temperature', 'must be above 0');
      }
      return { kind, enabled, ...onHeads(shape), temperature };
    }
    case 'scoreScale': {
      const scale =
        typeof shape.get('scale') === 'number'
          ? shape.number('scale')
          : shape.oneOf('scale', ['none', 'sqrt', 'twiceSqrt', 'full'] as const);
      return { kind, enabled, ...onHeads(shape), scale };
    }
    case 'normaliser':
      return { kind, enabled, ...onHeads(shape), by: shape.oneOf('by', ['relu', 'softmax'] as const) };
    case 'mask':
      return {
        kind,
        enabled,
        ...onHeads(shape),
        texts: indexes(shape, 'texts'),
        mask: mask(shape.shape('mask')),
      };
    case 'patch':
      return { kind, enabled, ...patch(shape) };
    case 'positions':
      return { kind, enabled, side: side(shape), change: change(shape.shape('change')) };
    case 'subLayer':
      return { kind, enabled, subLayers: shape.list('subLayers', name), factor: shape.number('factor') };
    default:
      return kind satisfies never;
  }
}

const side = (shape: PlainShape) => shape.oneOf('side', ['encoder', 'decoder'] as const);

function onHeads(shape: PlainShape): { readonly attentions: AttentionChoice; readonly heads: HeadChoice } {
  const attentions =
    typeof shape.get('attentions') === 'string'
      ? shape.oneOf('attentions', ['all', 'encoderSelf', 'decoderSelf', 'cross'] as const)
      : shape.list('attentions', name);
  return { attentions, heads: indexes(shape, 'heads') };
}

function indexes(shape: PlainShape, field: string): 'all' | readonly number[] {
  return shape.get(field) === 'all' ? 'all' : shape.list(field, index);
}

function name(value: unknown, path: string): string {
  if (typeof value !== 'string') {
    throw wrong(path, 'must be a text');
  }
  return value;
}

function index(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw wrong(path, 'must be a whole number of at least 0');
  }
  return value;
}

function mask(shape: PlainShape): MaskChoice {
  const preset = shape.oneOf('preset', [
    'none',
    'causal',
    'padding',
    'prefix',
    'window',
    'cells',
    'rows',
  ] as const);
  const padding = (): { readonly padding?: 'hidden' | 'visible' } =>
    shape.has('padding') ? { padding: shape.oneOf('padding', ['hidden', 'visible'] as const) } : {};
  const chosen = ((): MaskChoice => {
    switch (preset) {
      case 'none':
      case 'padding':
        return { preset };
      case 'causal':
        return { preset, ...padding() };
      case 'prefix':
        return { preset, length: shape.whole('length'), ...padding() };
      case 'window':
        return {
          preset,
          size: shape.whole('size'),
          ...(shape.has('causal') ? { causal: shape.truth('causal') } : {}),
          ...padding(),
        };
      case 'cells':
        return {
          preset,
          cells: shape.list('cells', (value, path) => {
            const cell = PlainShape.of(value, path);
            const read = { query: cell.whole('query'), key: cell.whole('key'), keep: cell.truth('keep') };
            cell.end();
            return read;
          }),
        };
      case 'rows':
        return { preset, rows: shape.list('rows', (row, path) => listOf(row, path, maskValue)) };
      default:
        return preset satisfies never;
    }
  })();
  shape.end();
  return chosen;
}

function maskValue(value: unknown, path: string): 0 | 1 | null {
  if (value !== 0 && value !== 1 && value !== null) {
    throw wrong(path, 'must be 0, 1 or null');
  }
  return value;
}

function listOf<T>(value: unknown, path: string, item: (value: unknown, path: string) => T): readonly T[] {
  if (!Array.isArray(value)) {
    throw wrong(path, 'must be a list');
  }
  return value.map((each: unknown, i) => item(each, `${path}[${i}]`));
}

function patch(shape: PlainShape): Pick<Patch, 'target' | 'source' | 'texts' | 'tokens'> {
  const at = shape.shape('target');
  const of = at.oneOf('of', ['head', 'layer'] as const);
  const target =
    of === 'head'
      ? ({ of, attention: at.text('attention'), head: at.whole('head') } as const)
      : ({ of, side: side(at), layer: at.whole('layer') } as const);
  at.end();
  const from = shape.shape('source');
  const source = {
    text: from.text('text'),
    ...(from.has('decoder') ? { decoder: from.text('decoder') } : {}),
  };
  from.end();
  const pairs = () =>
    shape.list('tokens', (value, path) => {
      const pair = PlainShape.of(value, path);
      const read = { from: pair.whole('from'), to: pair.whole('to') };
      pair.end();
      return read;
    });
  return {
    target,
    source,
    texts: indexes(shape, 'texts'),
    ...(shape.has('tokens') ? { tokens: pairs() } : {}),
  };
}

function change(shape: PlainShape): PositionChange {
  const to = shape.oneOf('to', [
    'remove',
    'shift',
    'shuffle',
    'scale',
    'multiply',
    'sinusoidal',
    'table',
  ] as const);
  const chosen = ((): PositionChange => {
    switch (to) {
      case 'remove':
      case 'multiply':
      case 'sinusoidal':
        return { to };
      case 'shift':
        return { to, by: shape.whole('by', -Infinity) };
      case 'shuffle':
        return {
          to,
          seed: shape.whole('seed'),
          ...(shape.has('among') ? { among: shape.whole('among', 1) } : {}),
        };
      case 'scale':
        return { to, factor: shape.number('factor') };
      case 'table':
        return { to, rows: shape.list('rows', (row, path) => listOf(row, path, finite)) };
      default:
        return to satisfies never;
    }
  })();
  shape.end();
  return chosen;
}

function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw wrong(path, 'must be a number');
  }
  return value;
}
