// Asks for gradients and says how far they are: they cost more than attention, so nobody gets them unasked.
import type { GradientBaseline, Gradients, IntegratedGradients } from '../../../src/shared/insight';
import type { Slices as SliceMethods } from '../../../src/shared/protocol';
import { element, setText } from '../../dom';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { button, radioButtons } from '../../toolkit';
import type { GradientParts } from './attributionScene';
import { PartLoader, stacked, type PartsState } from './partLoader';

/** Target positions of one request for gradients at the text itself. */
const chunk = 8;

interface Place {
  readonly trace: string;
  readonly batch: number;
}
type Integrated = readonly [target: number, found: IntegratedGradients | undefined];

export class GradientBar {
  readonly element: HTMLElement;
  private readonly start = button(strings.gradients.start, () => this.startPlain());
  private readonly integrate = button(strings.gradients.integrate, () => this.startIntegrated());
  private readonly stop = button(strings.stop, () => this.stopAll());
  private readonly baselines = radioButtons('gradient-baseline', strings.gradients.baseline, (value) => {
    this.baseline = value === 'pad' ? 'pad' : 'zero';
    this.changed();
  });
  private readonly status = element('p', {
    class: 'caption',
    role: 'status',
    'data-role': 'gradient-status',
  });
  private readonly plain: PartLoader<Place, Gradients>;
  private readonly integrated: PartLoader<Place & { readonly baseline: GradientBaseline }, Integrated>;
  private baseline: GradientBaseline = 'zero';
  private place: Place = { trace: '', batch: 0 };
  private targets = 0;
  /** Targets in the order in which they are integrated: the chosen one first. */
  private order: readonly number[] = [];
  private known: { readonly key: readonly unknown[]; readonly parts: GradientParts } | undefined;

  /** @param chosen The target that is looked at. */
  constructor(
    host: SliceMethods,
    private readonly chosen: () => number,
    private readonly changed: () => void,
  ) {
    this.plain = new PartLoader(
      (place, first, count, call) => host.gradients({ ...place, first, count }, call),
      chunk,
      changed,
    );
    this.integrated = new PartLoader(
      async ({ trace, batch, baseline }, first, _count, call) => {
        const target = this.order[first];
        return [target, await host.integratedGradients({ trace, batch, target, baseline }, call)] as const;
      },
      1,
      changed,
    );
    this.start.dataset['control'] = 'gradients';
    this.integrate.dataset['control'] = 'integrated-gradients';
    this.stop.dataset['control'] = 'stop-gradients';
    this.element = element(
      'div',
      { class: 'gradient-bar', 'data-role': 'gradient-bar' },
      this.start,
      this.integrate,
      element('span', { class: 'caption' }, strings.gradients.baseline),
      this.baselines.element,
      this.stop,
      this.status,
    );
  }

  /** What is known of a run with so many target positions; the same object while nothing has changed. */
  update(place: Place, targets: number): GradientParts {
    this.place = place;
    this.targets = targets;
    const plain = this.plain.want(place);
    const integrated = this.integrated.want({ ...place, baseline: this.baseline });
    this.show(plain, integrated);
    const key = [plain, integrated];
    if (!this.known?.key.every((each, i) => each === key[i])) {
      this.known = { key, parts: partsOf(plain, integrated, targets) };
    }
    return this.known?.parts ?? {};
  }

  private show(plain: PartsState<Gradients>, integrated: PartsState<Integrated>): void {
    const running = [plain, integrated].find((state) => state.status === 'running');
    const failed = [plain, integrated].find((state) => state.status === 'failed');
    const { gradients } = strings;
    const text = running
      ? running.done === 0
        ? gradients.building
        : gradients.running(running.done, running.total)
      : failed?.message;
    setText(this.status, text ?? (plain.status === 'idle' ? gradients.cost(this.targets) : ''));
    this.start.hidden = running !== undefined || plain.status === 'ready';
    this.integrate.hidden = running !== undefined || integrated.status === 'ready';
    this.stop.hidden = running === undefined;
    this.baselines.update(
      [
        { value: 'zero', label: gradients.zero },
        { value: 'pad', label: gradients.pad },
      ],
      this.baseline,
    );
  }

  private startPlain(): void {
    void this.plain.start(this.place, this.targets);
  }

  private startIntegrated(): void {
    const chosen = Math.min(this.chosen(), Math.max(0, this.targets - 1));
    const all = Array.from({ length: this.targets }, (_, target) => target);
    this.order = [chosen, ...all.filter((target) => target !== chosen)];
    void this.integrated.start({ ...this.place, baseline: this.baseline }, this.targets);
  }

  private stopAll(): void {
    for (const loader of [this.plain, this.integrated]) {
      loader.stop();
    }
  }
}

function partsOf(
  plain: PartsState<Gradients>,
  integrated: PartsState<Integrated>,
  targets: number,
): GradientParts {
  const ready = plain.status === 'ready' && plain.parts.length > 0 && targets > 0 ? plain.parts : undefined;
  const rows = 'parts' in integrated ? integrated.parts : [];
  return {
    ...(ready && {
      saliency: stacked(ready.map(({ saliency }) => saliency)),
      product: stacked(ready.map(({ product }) => product)),
    }),
    integrated: new Map(rows.flatMap(([target, found]) => (found ? [[target, found] as const] : []))),
  };
}
