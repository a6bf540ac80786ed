// What of a loaded model can be changed, told from its anatomy alone: nothing is compiled for it.
import type { AttentionSite, PositionSite } from '../../anatomy/anatomy';
import type { AttentionControls, ModelControls, PositionChange } from '../../shared/intervention';
import type { Model } from '../model';
import type { Stack } from '../stack';

export function modelControls({ encoder, decoder }: Model): ModelControls {
  const stacks = [encoder, decoder].filter((stack) => stack !== undefined);
  const attentions = stacks.flatMap(({ anatomy }) => anatomy.attentions.map(controlsOf));
  return {
    attentions,
    subLayers: stacks.flatMap(({ anatomy }) =>
      anatomy.structure.subLayers
        .filter(({ residual }) => residual !== undefined && residual.branch !== '')
        .map(({ name, what, layer }) => ({ name, what, layer })),
    ),
    layers: stacks.flatMap(({ anatomy: { side, structure } }) => {
      const layers = structure.subLayers.filter(({ output }) => output !== '').map(({ layer }) => layer);
      return [...new Set(layers)].map((layer) => ({ side, layer }));
    }),
    positions: stacks.map((stack) => ({ side: stack.anatomy.side, can: positionChanges(stack) })),
    notes: [
      ...attentions
        .filter(({ can }) => can.length < 6)
        .map(
          ({ attention }) => `Not everything of ${attention} can be changed: its graph does not show where.`,
        ),
      ...stacks.flatMap(({ anatomy: { side, positions } }) => noteOf(side, positions)),
    ],
  };
}

const PER_HEAD: readonly string[] = ['heads', 'merged', 'grouped'];

function controlsOf(site: AttentionSite): AttentionControls {
  const { name, kind, layer, heads, headSize, scale, scaled, masked, weights, context } = site;
  const shows =
    [scaled, masked, weights].every((stage) => stage && PER_HEAD.includes(stage.layout)) && heads > 0;
  const mixes = context && [...PER_HEAD, 'flat'].includes(context.layout);
  const isScaled = scale !== undefined && scale.value !== 0 && headSize > 0;
  const can: AttentionControls['can'][number][] = [
    ...(shows && mixes ? (['headGate', 'patch'] as const) : []),
    ...(shows ? (['temperature', 'normaliser', 'mask'] as const) : []),
    ...(shows && isScaled ? (['scoreScale'] as const) : []),
  ];
  return { attention: name, kind, layer, heads, headSize, scale: scale?.value, can };
}

function positionChanges({ anatomy: { positions }, positionTable }: Stack): readonly PositionChange['to'][] {
  switch (positions.kind) {
    case 'sinusoidal':
    case 'learned':
      return positionTable
        ? ['remove', 'shift', 'shuffle', 'scale', 'multiply', 'sinusoidal', 'table']
        : ['remove', 'sinusoidal', 'table'];
    case 'rotary':
      return positions.frequencies && positions.layout ? ['remove', 'shift', 'shuffle', 'scale'] : [];
    case 'relative':
    case 'alibi':
      return ['remove', 'scale'];
    case 'none':
      return [];
    default:
      return positions.kind satisfies never;
  }
}

function noteOf(side: string, { kind }: PositionSite): readonly string[] {
  switch (kind) {
    case 'rotary':
      return [
        `The positions of the ${side} are rotations: a shift of all of them changes nothing, as only distances count.`,
      ];
    case 'relative':
    case 'alibi':
      return [
        `The positions of the ${side} are a bias that depends on distances: they can be scaled or removed.`,
      ];
    case 'sinusoidal':
    case 'learned':
    case 'none':
      return [];
    default:
      return kind satisfies never;
  }
}
