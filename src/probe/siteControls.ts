// Adds the controls of one attention that is spelled out: score factor, mask, normaliser, gate and patch of its heads.
import type { AttentionSite, HeadLayout, SiteTensor } from '../anatomy/anatomy';
import { LOWEST } from '../anatomy/fusedInputs';
import type { GraphFacts } from '../anatomy/graphFacts';
import { plainScores } from '../anatomy/plainScores';
import { int, ints } from '../onnx/graphBuilder';
import type { ContextControls, PerHeadLayout, SiteControls } from './experiment';
import type { GraphSurgeon } from './graphSurgeon';

const RANKS: Readonly<Partial<Record<HeadLayout, number>>> = { heads: 4, merged: 3, grouped: 5, flat: 3 };
/** Scores this far below what they were are masked; see `removesKey`. */
const REMOVED = 50;
/** Keeps a row without positive scores from a division by 0. */
const TINY = 1e-30;

/** The site as it is after the edit, with its controls; undefined when scores or weights cannot be reached. */
export function addSiteControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  site: AttentionSite,
): { readonly site: AttentionSite; readonly controls: SiteControls } | undefined {
  const { scaled, masked, weights, name } = site;
  const layouts = scaled && masked && layoutsOf(facts, scaled, masked, weights);
  if (!layouts || site.heads === 0) {
    return undefined;
  }
  const edit = new SiteEdit(facts, surgeon, site, RANKS[layouts.weights] ?? 4);
  const factor = edit.scaleScores(scaled);
  const { inverseTemperature, replace, keep, removed } = edit.replaceMask(masked);
  const { strict, relu } = edit.normalise(weights, removed);
  const context = site.context && addContextControls(facts, surgeon, name, site.heads, site.context);
  return {
    site: { ...site, ...edit.shown },
    controls: { attention: name, layouts, factor, inverseTemperature, replace, keep, strict, relu, context },
  };
}

function layoutsOf(
  facts: GraphFacts,
  ...tensors: readonly [scaled: SiteTensor, masked: SiteTensor, weights: SiteTensor]
): SiteControls['layouts'] | undefined {
  const [scaled, masked, weights] = tensors.map((tensor) => perHead(facts, tensor));
  return scaled && masked && weights && { scaled, masked, weights };
}

function perHead(facts: GraphFacts, { tensor, layout }: SiteTensor): PerHeadLayout | undefined {
  const rank = RANKS[layout];
  const known = facts.rank(tensor) ?? rank;
  return known === rank && (layout === 'heads' || layout === 'merged' || layout === 'grouped')
    ? layout
    : undefined;
}

/** The edits between the dot product and the weights of one attention. */
class SiteEdit {
  /** Where the stages are to be seen now. */
  shown: Partial<AttentionSite> = {};

  constructor(
    private readonly facts: GraphFacts,
    private readonly surgeon: GraphSurgeon,
    private readonly site: AttentionSite,
    private readonly rank: number,
  ) {}

  /** Multiplies the scaled scores. */
  scaleScores(scaled: SiteTensor): string {
    const { writer } = this.surgeon;
    const rank = RANKS[scaled.layout] ?? 4;
    const factor = this.float('factor', rank);
    const { own, result } = this.surgeon.interpose(scaled.tensor, (from, to) =>
      writer.node('Mul', [from, factor.tensor], {}, to),
    );
    const { masked } = this.site;
    const divided = plainScores(this.site);
    this.shown = {
      ...this.shown,
      scaled: { ...scaled, tensor: result },
      masked: masked && { ...masked, tensor: masked.tensor === scaled.tensor ? result : masked.tensor },
      // The product itself stays what it was.
      scores: divided && { ...divided, tensor: divided.tensor === scaled.tensor ? own : divided.tensor },
    };
    return factor.input;
  }

  /** Chooses per cell between the model's own mask and another one; `removed` marks what is masked in the end. */
  replaceMask(masked: SiteTensor): {
    readonly inverseTemperature: string | undefined;
    readonly replace: string;
    readonly keep: string;
    readonly removed: string;
  } {
    const { writer } = this.surgeon;
    const rank = RANKS[masked.layout] ?? 4;
    const replace = this.surgeon.control(`${this.site.name}/replace`, { type: 'bool', rank, value: 0 });
    const keep = this.surgeon.control(`${this.site.name}/keep`, { type: 'bool', rank, value: 1 });
    const heat = this.site.bias ? this.float('inverseTemperature', rank) : undefined;
    let removed = '';
    const { own, result } = this.surgeon.interpose(masked.tensor, (from, to) => {
      const plain = this.unmasked(from, masked);
      const other = writer.node('Where', [keep.tensor, plain, writer.number(LOWEST)]);
      const chosen = writer.node('Where', [replace.tensor, other, from], {}, heat ? undefined : to);
      if (heat) {
        writer.node('Mul', [chosen, heat.tensor], {}, to);
      }
      removed = writer.node('Less', [chosen, writer.node('Sub', [plain, writer.number(REMOVED)])]);
    });
    const { scaled } = this.shown;
    this.shown = {
      ...this.shown,
      masked: { ...masked, tensor: result },
      ...(scaled?.tensor === result ? { scaled: { ...scaled, tensor: own } } : {}),
    };
    return { inverseTemperature: heat?.input, replace: replace.input, keep: keep.input, removed };
  }

  /** Scores with their position bias, but without a mask, in the shape of `like`. */
  private unmasked(like: string, { layout }: SiteTensor): string {
    const { writer } = this.surgeon;
    const { scaled } = this.shown;
    const { bias, masked } = this.site;
    // Without a mask, the interposed tensor is the scaled scores themselves.
    const source = !scaled || scaled.tensor === masked?.tensor ? like : scaled.tensor;
    const sum = bias ? writer.node('Add', [source, bias.tensor]) : source;
    return scaled && scaled.layout !== layout
      ? writer.node('Reshape', [sum, writer.node('Shape', [like])])
      : sum;
  }

  /** Chooses per head between softmax and normalised ReLU, and clears what is removed where that is asked for. */
  normalise(weights: SiteTensor, removed: string): { readonly strict: string; readonly relu: string } {
    const { writer } = this.surgeon;
    const { name } = this.site;
    const relu = this.surgeon.control(`${name}/relu`, { type: 'bool', rank: this.rank, value: 0 });
    const strict = this.surgeon.control(`${name}/strict`, { type: 'bool', rank: 1, value: 0 });
    const { masked } = this.shown;
    const { result } = this.surgeon.interpose(weights.tensor, (from, to) => {
      const same = masked?.layout === weights.layout;
      const like = (tensor: string): string =>
        same ? tensor : writer.node('Reshape', [tensor, writer.node('Shape', [from])]);
      const positive = writer.node('Relu', [like(masked?.tensor ?? from)]);
      const total = writer.node('Max', [this.sum(positive), writer.number(TINY)]);
      const other = writer.node('Div', [positive, total]);
      const chosen = writer.node('Where', [relu.tensor, other, from]);
      const clear = writer.node('And', [like(removed), strict.tensor]);
      writer.node('Where', [clear, writer.number(0), chosen], {}, to);
    });
    this.shown = { ...this.shown, weights: { ...weights, tensor: result } };
    return { strict: strict.input, relu: relu.input };
  }

  /** Over the last axis, which stays; axes are an input since operator set 13. */
  private sum(tensor: string): string {
    const { writer } = this.surgeon;
    return this.facts.opset >= 13
      ? writer.node('ReduceSum', [tensor, writer.ints([-1])], { keepdims: int(1) })
      : writer.node('ReduceSum', [tensor], { axes: ints([-1]), keepdims: int(1) });
  }

  private float(name: string, rank: number) {
    return this.surgeon.control(`${this.site.name}/${name}`, { type: 'float32', rank, value: 1 });
  }
}

/** Gate and patch of weights·V; undefined for layouts without an axis of heads. */
function addContextControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  name: string,
  heads: number,
  { tensor, layout }: SiteTensor,
): ContextControls | undefined {
  const rank = RANKS[layout];
  if (rank === undefined || (facts.rank(tensor) ?? rank) !== rank) {
    return undefined;
  }
  if (layout !== 'heads' && layout !== 'merged' && layout !== 'grouped' && layout !== 'flat') {
    return undefined;
  }
  const { writer } = surgeon;
  // Heads that lie side by side are taken apart and joined again.
  const axes = layout === 'flat' ? 4 : rank;
  const gate = surgeon.control(`${name}/gate`, { type: 'float32', rank: axes, value: 1 });
  const select = surgeon.control(`${name}/select`, { type: 'bool', rank: axes, value: 0 });
  const values = surgeon.control(`${name}/values`, { type: 'float32', rank: axes, value: 0 });
  surgeon.interpose(tensor, (own, result) => {
    const split = layout === 'flat' ? writer.reshape(own, [0, 0, heads, -1]) : own;
    const patched = writer.node('Where', [select.tensor, values.tensor, split]);
    const gated = writer.node('Mul', [patched, gate.tensor], {}, layout === 'flat' ? undefined : result);
    if (layout === 'flat') {
      writer.node('Reshape', [gated, writer.ints([0, 0, -1])], {}, result);
    }
  });
  return { layout, gate: gate.input, select: select.input, values: values.input };
}
