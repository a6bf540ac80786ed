// The permutation experiment: without positions the encoder's outputs for shuffled tokens are the same set; with them they are not.
import type { Equivariance } from '../../../src/shared/comparison';
import type { TraceSummary } from '../../../src/shared/trace';
import { element, setText } from '../../dom';
import { axisOf, sequencesOf } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';
import { button } from '../../toolkit';
import { shuffleFinding } from '../experiments/positionExperiments';
import { findingParagraph } from '../experiments/resultTables';
import { formatMeasured } from '../experiments/sentence';
import { NumberTable } from '../numberTable';

export interface PermutationInput {
  readonly trace: TraceSummary;
  readonly batch: number;
  /** Why it cannot be done with this model. */
  readonly obstacle: string | undefined;
}

interface Asked {
  readonly trace: string;
  readonly batch: number;
  readonly seed: number;
}

export class PermutationPane {
  readonly element: HTMLElement;
  private readonly seed = element('input', {
    type: 'number',
    min: 0,
    step: 1,
    value: '7',
    'data-control': 'permutation-seed',
  });
  private readonly run;
  private readonly controls: HTMLElement;
  private readonly status = element('p', {
    class: 'caption',
    role: 'status',
    'data-role': 'permutation-status',
  });
  private readonly table = new NumberTable('permutation', '', strings.columns);
  private readonly order = element('p', { class: 'caption', 'data-role': 'permutation-order' });
  private readonly finding = element('div', { 'data-role': 'permutation-finding' });
  private readonly result: HTMLElement;
  /** What was asked: of one run only. */
  private asked: Asked | undefined;
  /** The answer stays while the model is changed: it is about the model as it was loaded. */
  private known:
    { readonly asked: Asked; readonly answers: readonly [Equivariance, Equivariance] } | undefined;

  constructor(
    private readonly slices: Slices,
    private readonly redraw: () => void,
  ) {
    this.run = button(strings.run, () => this.ask(), 'primary');
    this.run.dataset['control'] = 'permutation-run';
    this.controls = element(
      'div',
      { class: 'bench-part' },
      element('label', { class: 'control' }, element('span', { class: 'caption' }, strings.seed), this.seed),
      this.run,
    );
    this.result = element('div', {}, this.order, this.table.element, this.finding);
    this.element = element(
      'section',
      { class: 'pane permutation', 'data-role': 'permutation-pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.permutation),
        element('span', { class: 'caption' }, strings.permutationCaption),
      ),
      element(
        'div',
        { class: 'pane-body' },
        element('p', { class: 'about' }, strings.permutationAbout),
        this.controls,
        this.status,
        this.result,
      ),
    );
  }

  private input: PermutationInput | undefined;

  /** Returns whether it is under way. */
  update(input: PermutationInput): boolean {
    this.input = input;
    const { trace, batch, obstacle } = input;
    this.controls.hidden = obstacle !== undefined;
    const { asked } = this;
    if (!asked || asked.trace !== trace.id || asked.batch !== batch || obstacle !== undefined) {
      this.say(obstacle ?? '');
      this.result.hidden = true;
      return false;
    }
    const outcome = this.outcome(asked);
    const { known } = this;
    const isReady = known?.asked === asked;
    this.say(isReady ? '' : outcome === undefined ? strings.running : strings.failed(outcome));
    this.result.hidden = !isReady;
    if (isReady) {
      this.show(known.answers, trace, batch);
    }
    return !isReady && outcome === undefined;
  }

  /** Asks for what is not known yet; the answer is why it failed, if it did. */
  private outcome(asked: Asked): string | undefined {
    if (this.known?.asked === asked) {
      return undefined;
    }
    const without = this.slices.equivarianceWithout.want({ ...asked, positions: 'remove' });
    const kept = this.slices.equivarianceWith.want({ ...asked, positions: 'keep' });
    if (without.status === 'ready' && kept.status === 'ready') {
      this.known = { asked, answers: [without.value, kept.value] };
    }
    const failed = [without, kept].find((each) => each.status === 'failed');
    return failed?.status === 'failed' ? failed.message : undefined;
  }

  private show(
    [without, kept]: readonly [Equivariance, Equivariance],
    trace: TraceSummary,
    batch: number,
  ): void {
    const labels = axisOf(sequencesOf(trace, 'encoder')[batch], 'pieces').map(({ label }) => label);
    setText(this.order, strings.order(without.order.map((token) => labels[token] ?? '').join(' ')));
    this.table.update(
      (
        [
          ['removed', without],
          ['kept', kept],
        ] as const
      ).map(([role, { largest, mean, scale }]) => ({
        name: strings[role],
        values: [largest, mean, scale].map(formatMeasured),
        role,
      })),
    );
    this.finding.replaceChildren(findingParagraph(shuffleFinding(without, kept)));
  }

  private say(text: string): void {
    this.status.hidden = text === '';
    setText(this.status, text);
  }

  private ask(): void {
    const seed = this.seed.value.trim() === '' ? NaN : Number(this.seed.value);
    if (this.input && Number.isInteger(seed) && seed >= 0) {
      const { trace, batch } = this.input;
      this.asked = { trace: trace.id, batch, seed };
      this.slices.equivarianceWithout.retry();
      this.slices.equivarianceWith.retry();
      this.redraw();
    }
  }
}
