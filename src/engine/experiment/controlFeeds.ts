// From the settings of a stack to the tensors that its control inputs are fed with, for one run of given sizes.
import type { Anatomy } from '../../anatomy/anatomy';
import type { ContextControls, PerHeadLayout, StackControls } from '../../probe/experiment';
import { chooses } from '../../shared/interventionFit';
import { maskCells } from '../../shared/maskChoice';
import type { Matrix, NamedTensors, Tensor } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { StackInputs } from '../feeds';
import { rotationRows, tableRows } from './positionRows';
import type { PatchRows, SiteSettings, StackSettings } from './stackSettings';

/** What of a stack the feeds depend on. */
export interface ControlledStack {
  readonly controls: StackControls;
  readonly anatomy: Anatomy;
  readonly positionTable: Matrix | undefined;
}

/** One tensor for every control; `settings` left out: all neutral. */
export function controlFeeds(
  stack: ControlledStack,
  settings: StackSettings | undefined,
  inputs: StackInputs,
): NamedTensors {
  const feeds: Record<string, Tensor> = {};
  for (const [name, { type, rank, value }] of stack.controls.neutral) {
    const dims = Array.from({ length: rank }, () => 1);
    feeds[name] = type === 'bool' ? bools(dims, [value]) : floats(dims, [value]);
  }
  if (!settings) {
    return feeds;
  }
  for (const site of settings.sites) {
    Object.assign(feeds, siteFeeds(site, inputs));
  }
  for (const [name, factor] of settings.subLayers) {
    const input = stack.controls.subLayers.get(name);
    if (input !== undefined) {
      feeds[input] = floats([], [factor]);
    }
  }
  for (const { layer, select, values } of stack.controls.layers) {
    const patch = settings.layers.get(layer);
    if (patch) {
      const rows = patchedRows([patch], inputs);
      feeds[select] = bools([rows.batch, rows.tokens, 1], rows.select);
      feeds[values] = floats([rows.batch, rows.tokens, rows.width], rows.values);
    }
  }
  return { ...feeds, ...positionFeeds(stack, settings, inputs) };
}

const floats = (dims: readonly number[], values: ArrayLike<number>): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
const bools = (dims: readonly number[], values: ArrayLike<number>): Tensor => ({
  type: 'bool',
  dims,
  data: Uint8Array.from(values),
});

/** Sizes of one run of one attention. */
function sizesOf({ ids, real, encoder, past }: StackInputs, isCross: boolean) {
  const start = past?.length ?? 0;
  const queries = ids[0]?.length ?? 0;
  const realKeys = isCross
    ? (encoder?.real ?? [])
    : real.map((row) => [...Array.from({ length: start }, () => true), ...row]);
  return { batch: ids.length, start, queries, keys: realKeys[0]?.length ?? 0, realKeys };
}

function siteFeeds(site: SiteSettings, inputs: StackInputs): NamedTensors {
  const { controls, heads, masks, patches } = site;
  const { batch } = sizesOf(inputs, site.isCross);
  const feeds: Record<string, Tensor> = {};
  const perHead = (layout: PerHeadLayout, values: ArrayLike<number>) => spread(site, layout, batch, values);
  feeds[controls.factor] = floats(...perHead(controls.layouts.scaled, site.factor));
  feeds[controls.relu] = bools(...perHead(controls.layouts.weights, site.relu));
  const isHeated = site.inverseTemperature.some((factor) => factor !== 1);
  if (controls.inverseTemperature !== undefined) {
    feeds[controls.inverseTemperature] = floats(...perHead(controls.layouts.masked, site.inverseTemperature));
  }
  if (masks.length > 0) {
    Object.assign(feeds, maskFeeds(site, inputs));
  }
  feeds[controls.strict] = bools([1], [Number(masks.length > 0 || isHeated)]);
  if (controls.context) {
    feeds[controls.context.gate] = floats(...gateOf(site, controls.context, batch));
    if (patches.length > 0) {
      Object.assign(feeds, headPatchFeeds(controls.context, heads, site, inputs));
    }
  }
  return feeds;
}

/** One value per head in the shape that broadcasts over queries and keys. */
function spread(
  { heads, keyValueHeads }: SiteSettings,
  layout: PerHeadLayout,
  batch: number,
  values: ArrayLike<number>,
): [dims: readonly number[], values: ArrayLike<number>] {
  switch (layout) {
    case 'heads':
      return [[1, heads, 1, 1], values];
    case 'merged':
      return [[batch * heads, 1, 1], Array.from({ length: batch * heads }, (_, i) => values[i % heads])];
    case 'grouped':
      return [[1, keyValueHeads, heads / keyValueHeads, 1, 1], values];
    default:
      return layout satisfies never;
  }
}

function gateOf(
  site: SiteSettings,
  { layout }: ContextControls,
  batch: number,
): [dims: readonly number[], values: ArrayLike<number>] {
  return layout === 'flat' ? [[1, 1, site.heads, 1], site.gate] : spread(site, layout, batch, site.gate);
}

/** Cells to replace, and which of them to keep, of all heads of all texts; of several masks the last one decides. */
function maskFeeds(site: SiteSettings, inputs: StackInputs): NamedTensors {
  const { controls, heads, keyValueHeads, masks, isCross } = site;
  const { batch, start, queries, keys, realKeys } = sizesOf(inputs, isCross);
  const cells = queries * keys;
  const [replace, keep] = [new Uint8Array(batch * heads * cells), new Uint8Array(batch * heads * cells)];
  for (const { mask, texts, heads: chosen } of masks) {
    for (let text = 0; text < batch; text++) {
      if (!chooses(texts, inputs.texts?.[text] ?? text)) {
        continue;
      }
      const flat = maskCells(mask, { start, queries, keys, realKeys: realKeys[text] ?? [] }).flat();
      for (let head = 0; head < heads; head++) {
        const from = (text * heads + head) * cells;
        for (let i = 0; chooses(chosen, head) && i < cells; i++) {
          if (flat[i] !== null) {
            replace[from + i] = 1;
            keep[from + i] = flat[i] ?? 0;
          }
        }
      }
    }
  }
  const dims = {
    heads: [batch, heads, queries, keys],
    merged: [batch * heads, queries, keys],
    grouped: [batch, keyValueHeads, heads / keyValueHeads, queries, keys],
  }[controls.layouts.masked];
  return { [controls.replace]: bools(dims, replace), [controls.keep]: bools(dims, keep) };
}

/** Rows `[batch, token]` to replace by `values` `[batch, token, width]`. */
function patchedRows(patches: readonly PatchRows[], inputs: StackInputs) {
  const { batch, start, queries: tokens } = sizesOf(inputs, false);
  const width = patches[0]?.rows.columns ?? 0;
  const select = new Uint8Array(batch * tokens);
  const values = new Float32Array(batch * tokens * width);
  for (const { rows, tokens: pairs, texts } of patches) {
    const moves = pairs ?? Array.from({ length: rows.rows }, (_, i) => ({ from: i, to: i }));
    for (const { from, to } of moves) {
      const row = to - start;
      for (let text = 0; from < rows.rows && row >= 0 && row < tokens && text < batch; text++) {
        if (chooses(texts, inputs.texts?.[text] ?? text)) {
          select[text * tokens + row] = 1;
          values.set(rowOf(rows, from), (text * tokens + row) * width);
        }
      }
    }
  }
  return { batch, tokens, width, select, values };
}

function headPatchFeeds(
  { layout, select, values }: ContextControls,
  heads: number,
  { patches, keyValueHeads }: SiteSettings,
  inputs: StackInputs,
): NamedTensors {
  const { batch, tokens, width } = patchedRows(patches, inputs);
  const chosen = new Uint8Array(batch * heads * tokens);
  const rows = new Float32Array(chosen.length * width);
  for (let head = 0; head < heads; head++) {
    const own = patchedRows(
      patches.filter((patch) => patch.head === head),
      inputs,
    );
    own.select.forEach((isPatched, i) => {
      const [text, token] = [Math.floor(i / tokens), i % tokens];
      const at = layout === 'flat' ? i * heads + head : (text * heads + head) * tokens + token;
      chosen[at] = isPatched;
      if (isPatched === 1) {
        rows.set(own.values.subarray(i * width, (i + 1) * width), at * width);
      }
    });
  }
  const lead = {
    flat: [batch, tokens, heads],
    heads: [batch, heads, tokens],
    merged: [batch * heads, tokens],
    grouped: [batch, keyValueHeads, heads / keyValueHeads, tokens],
  }[layout];
  return { [select]: bools([...lead, 1], chosen), [values]: floats([...lead, width], rows) };
}

function positionFeeds(
  { controls, anatomy, positionTable }: ControlledStack,
  { positions: changed }: StackSettings,
  inputs: StackInputs,
): NamedTensors {
  const { positions } = controls;
  if (!positions || !changed) {
    return {};
  }
  if (positions.kind === 'bias') {
    return Object.fromEntries(positions.factors.map((name) => [name, floats([], [changed.factor])]));
  }
  const { batch, start, queries } = sizesOf(inputs, false);
  const counts = tokensOfTexts(inputs);
  const isTable = positions.rows !== 'run';
  const first = isTable ? 0 : start;
  const places = Array.from(
    { length: positions.rows === 'run' ? queries : positions.rows },
    (_, i) => first + i,
  );
  const longest = Math.max(...counts);
  const of = (tokens: number) => places.map((place) => changed.positionOf(place, tokens));
  if (positions.kind === 'rotary') {
    const frequencies = anatomy.positions.frequencies ?? [];
    const { cosines, sines, width } = rotationRows(changed, frequencies, positions.columns, of(longest));
    return {
      [positions.select]: bools([1], [1]),
      [positions.cosines]: floats([places.length, width], cosines),
      [positions.sines]: floats([places.length, width], sines),
    };
  }
  const width = anatomy.positions.dimensions;
  const texts = isTable ? [longest] : Array.from({ length: batch }, (_, text) => counts[text] ?? longest);
  const rows = texts.map((tokens) => tableRows(changed, positionTable, width, of(tokens)));
  const given = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  rows.forEach((each, i) => given.set(each, i * each.length));
  return {
    [positions.select]: bools([1], [1]),
    [positions.given]: floats(isTable ? [places.length, width] : [batch, places.length, width], given),
    ...(positions.multiply === undefined
      ? {}
      : { [positions.multiply]: bools([1], [Number(changed.multiply)]) }),
  };
}

/** How many tokens a shuffle moves: those of the text; in a decoder that reads an encoder, as many as the source has. */
function tokensOfTexts({ real, encoder, past }: StackInputs): readonly number[] {
  return (encoder?.real ?? real).map(
    (row) => row.filter(Boolean).length + (encoder ? 0 : (past?.length ?? 0)),
  );
}
