// From a list of interventions to what each attention, sub-layer and position of one stack gets; says nothing of tensors.
import type { Anatomy, AttentionSite } from '../../anatomy/anatomy';
import type { SiteControls, StackControls } from '../../probe/experiment';
import { UserError } from '../../shared/errors';
import type {
  AttentionChoice,
  Intervention,
  MaskOverride,
  Patch,
  PositionChange,
  TextChoice,
} from '../../shared/intervention';
import { chooses } from '../../shared/interventionFit';
import type { Matrix } from '../../shared/tensor';
import { changePositions, type ChangedPositions } from './positionRows';

/** Rows of another run that replace rows of this one. */
export interface PatchRows {
  readonly rows: Matrix;
  readonly tokens: Patch['tokens'];
  readonly texts: TextChoice;
}

/** What the heads of one attention get. */
export interface SiteSettings {
  readonly controls: SiteControls;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly isCross: boolean;
  readonly factor: Float32Array;
  readonly inverseTemperature: Float32Array;
  readonly relu: Uint8Array;
  readonly gate: Float32Array;
  readonly masks: readonly MaskOverride[];
  readonly patches: readonly (PatchRows & { readonly head: number })[];
}

export interface StackSettings {
  readonly sites: readonly SiteSettings[];
  /** Factor by name of the sub-layer. */
  readonly subLayers: ReadonlyMap<string, number>;
  readonly layers: ReadonlyMap<number, PatchRows>;
  readonly positions: ChangedPositions | undefined;
}

/**
 * Settings of one stack under the interventions that are switched on. `patchRows` gives the activations to patch in.
 *
 * @throws UserError `badRequest` where the graph has no place for one of them
 */
export function stackSettings(
  interventions: readonly Intervention[],
  { side, sites, positions, subLayers, layers }: StackControls,
  anatomy: Anatomy,
  patchRows: (patch: Patch) => PatchRows,
): StackSettings {
  const on = interventions.filter(({ enabled }) => enabled);
  const settings = new Map<string, SiteSettings>();
  for (const site of anatomy.attentions) {
    const controls = sites.find(({ attention }) => attention === site.name);
    const own = on.filter((intervention) => concerns(intervention, site));
    if (own.length > 0) {
      settings.set(site.name, siteSettings(own, site, controls, patchRows));
    }
  }
  const gates = new Map<string, number>();
  const patched = new Map<number, PatchRows>();
  const changes: PositionChange[] = [];
  for (const intervention of on) {
    if (intervention.kind === 'subLayer') {
      for (const name of intervention.subLayers.filter((name) => name.startsWith(`${side}.`))) {
        need(subLayers.get(name), `The sub-layer ${name}`);
        gates.set(name, (gates.get(name) ?? 1) * intervention.factor);
      }
    } else if (intervention.kind === 'positions' && intervention.side === side) {
      need(positions, `The positions of the ${side}`);
      changes.push(intervention.change);
    } else if (
      intervention.kind === 'patch' &&
      intervention.target.of === 'layer' &&
      intervention.target.side === side
    ) {
      const { layer } = intervention.target;
      need(
        layers.find((item) => item.layer === layer),
        `The state after layer ${layer} of the ${side}`,
      );
      patched.set(layer, patchRows(intervention));
    }
  }
  return {
    sites: [...settings.values()],
    subLayers: gates,
    layers: patched,
    positions: changes.length > 0 ? changePositions(changes) : undefined,
  };
}

/** Whether an intervention on attentions means this one. */
function concerns(intervention: Intervention, { name, kind }: AttentionSite): boolean {
  const isChosen = (choice: AttentionChoice): boolean =>
    choice === 'all' || choice === kind || (typeof choice !== 'string' && choice.includes(name));
  switch (intervention.kind) {
    case 'headGate':
    case 'temperature':
    case 'scoreScale':
    case 'normaliser':
    case 'mask':
      return isChosen(intervention.attentions);
    case 'patch':
      return intervention.target.of === 'head' && intervention.target.attention === name;
    case 'positions':
    case 'subLayer':
      return false;
    default:
      return intervention satisfies never;
  }
}

function siteSettings(
  interventions: readonly Intervention[],
  site: AttentionSite,
  found: SiteControls | undefined,
  patchRows: (patch: Patch) => PatchRows,
): SiteSettings {
  const { name, heads } = site;
  const controls = need(found, `The attention ${name}`);
  const ones = () => new Float32Array(heads).fill(1);
  const [scale, heat, gate] = [ones(), ones(), ones()];
  const relu = new Uint8Array(heads);
  const masks: MaskOverride[] = [];
  const patches: SiteSettings['patches'][number][] = [];
  const each = (choice: 'all' | readonly number[], act: (head: number) => void): void => {
    for (let head = 0; head < heads; head++) {
      if (chooses(choice, head)) {
        act(head);
      }
    }
  };
  for (const intervention of interventions) {
    switch (intervention.kind) {
      case 'headGate':
        need(controls.context, `The result of the heads of ${name}`);
        each(intervention.heads, (head) => (gate[head] *= intervention.factor));
        break;
      case 'temperature':
        each(intervention.heads, (head) => (heat[head] /= intervention.temperature));
        break;
      case 'scoreScale': {
        const factor = scaleFactor(site, intervention.scale);
        each(intervention.heads, (head) => (scale[head] = factor));
        break;
      }
      case 'normaliser':
        each(intervention.heads, (head) => (relu[head] = intervention.by === 'relu' ? 1 : 0));
        break;
      case 'mask':
        masks.push(intervention);
        break;
      case 'patch':
        need(controls.context, `The result of the heads of ${name}`);
        if (intervention.target.of === 'head') {
          patches.push({ head: intervention.target.head, ...patchRows(intervention) });
        }
        break;
      case 'positions':
      case 'subLayer':
        break;
      default:
        intervention satisfies never;
    }
  }
  // A bias on the scores is heated with them; otherwise one factor does both.
  const together = controls.inverseTemperature === undefined;
  return {
    controls,
    heads,
    keyValueHeads: site.keyValueHeads,
    isCross: site.kind === 'cross',
    factor: scale.map((factor, head) => (together ? factor * heat[head] : factor)),
    inverseTemperature: together ? ones() : heat,
    relu,
    gate,
    masks,
    patches,
  };
}

/** What multiplies the scaled scores so that q·k is multiplied by the wanted scale in all. */
function scaleFactor(site: AttentionSite, wanted: 'none' | 'sqrt' | 'twiceSqrt' | 'full' | number): number {
  const { scale, headSize, name } = site;
  if (!scale || scale.value === 0 || (headSize <= 0 && typeof wanted === 'string' && wanted !== 'none')) {
    throw new UserError('badRequest', `The scale of ${name} is not one known number, so it cannot be set.`, {
      attention: name,
    });
  }
  const root = Math.sqrt(headSize);
  const value =
    typeof wanted === 'number'
      ? wanted
      : { none: 1, sqrt: 1 / root, twiceSqrt: 1 / (2 * root), full: 1 / headSize }[wanted];
  return value / scale.value;
}

function need<T>(place: T | undefined, what: string): T {
  if (place === undefined) {
    throw new UserError(
      'badRequest',
      `${what} cannot be changed: the graph of this model does not show where.`,
    );
  }
  return place;
}
