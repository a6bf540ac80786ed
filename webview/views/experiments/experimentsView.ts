// The Experiments view: questions on the left, what an experiment found in the middle, interventions in effect on the right.
import type { ModelControls } from '../../../src/shared/intervention';
import { element } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import type { Intervened } from '../../explorer/intervened';
import { attentionOf, axisOf, sequencesOf } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { withHead, withKind } from '../../explorer/viewState';
import { explanationStrings } from '../../strings/explanationStrings';
import type { TraceSummary } from '../../../src/shared/trace';
import { explanation } from '../explanation';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { AddIntervention } from './addIntervention';
import { experiments } from './catalogue';
import type { ComparedHead } from './comparedHeads';
import { ComparedHeads } from './comparedHeads';
import type { Bench, Experiment, Outcome } from './experiment';
import { ExperimentRunner } from './experimentRunner';
import { headName } from './headExperiments';
import { InterventionList } from './interventionList';
import { QuestionList } from './questionList';
import { ResultPage } from './resultPage';
import { sidesOf } from '../../../src/shared/attentionSides';

export class ExperimentsView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly questions: QuestionList;
  private readonly page: ResultPage;
  private readonly heads: ComparedHeads;
  private readonly list: InterventionList;
  private readonly form: AddIntervention;
  private readonly runner = new ExperimentRunner(() => this.redraw());
  private chosen: Experiment = experiments[0];
  private readonly values = new Map<string, Readonly<Record<string, string>>>();
  private bench: Bench | undefined;
  private model = '';

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
    private readonly intervened: Intervened,
  ) {
    this.questions = new QuestionList((experiment) => this.choose(experiment));
    this.heads = new ComparedHeads(() => this.redraw());
    this.page = new ResultPage(
      {
        run: () => this.run(),
        stop: () => this.runner.stop(),
        set: (name, value) => this.set(name, value),
        keep: (outcome) => this.keep(outcome),
        go: (attention, head) => this.go(attention, head),
      },
      this.heads.element,
    );
    this.list = new InterventionList({
      set: (interventions) => this.intervened.set(interventions),
      save: () => this.save(),
      open: () => this.open(),
    });
    this.form = new AddIntervention((made) => this.intervened.set([...this.intervened.list, made]));
    this.centre = element(
      'div',
      { class: 'view experiments-view' },
      this.questions.element,
      this.page.element,
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'interventions-inspector' },
      this.list.element,
      this.form.element,
      explanation(explanationStrings.title, explanationStrings.experiments),
    );
  }

  update(input: ViewInput): ViewStatus {
    const { summary, view, theme, attention } = input;
    // Experiments start from the model as it was loaded, whatever is in effect elsewhere.
    const trace = this.intervened.trace ?? input.trace;
    if (this.model !== summary.id) {
      this.model = summary.id;
      this.runner.clear();
      this.values.clear();
    }
    const controls = this.slices.controls.want({ model: summary.id });
    this.list.update(this.intervened.list, this.intervened.problem);
    if (controls.status === 'ready') {
      const bench = this.benchOf(input, trace, controls.value);
      this.bench = bench;
      const of = (experiment: Experiment): Bench => ({ ...bench, values: this.valuesOf(experiment, bench) });
      this.questions.update(
        this.chosen,
        (experiment) => this.runner.status(experiment, of(experiment)),
        (experiment) => experiment.obstacle?.(of(experiment)),
      );
      const status = this.runner.status(this.chosen, of(this.chosen));
      this.page.update(this.chosen, of(this.chosen), status, this.chosen.obstacle?.(of(this.chosen)));
      this.form.update(bench, { attention: attention.name, head: view.head });
      const after = status?.status === 'done' ? status.outcome.after : undefined;
      if (after) {
        const name = headName(attention.name, view.head);
        const width = this.page.element.clientWidth;
        this.heads.update(
          [this.head(input, trace, 'before'), this.head(input, after, 'after')],
          name,
          theme,
          width,
        );
      }
    }
    this.highlight.show([]);
    return {
      loading: controls.status === 'loading',
      failed: controls.status === 'failed' ? controls.message : undefined,
    };
  }

  private benchOf({ summary, view, model }: ViewInput, trace: TraceSummary, controls: ModelControls): Bench {
    const side = trace.encoder.length > 0 ? 'encoder' : 'decoder';
    const attention = attentionOf(summary, view.attention);
    const onSide = attention && sidesOf(attention.kind).query === side;
    const items = axisOf(sequencesOf(trace, side)[view.batch], view.unit);
    const pinned = onSide && view.pinned ? items.at(view.pinned.query)?.first : undefined;
    const { followed } = model;
    const here = followed?.side === side && followed.batch === view.batch ? followed.first : undefined;
    return {
      lab: this.store.host,
      summary,
      controls,
      trace,
      batch: view.batch,
      token: pinned ?? here,
      values: {},
    };
  }

  private head(
    { attention, view }: ViewInput,
    trace: TraceSummary,
    when: 'before' | 'after',
  ): ComparedHead | undefined {
    const slot = when === 'before' ? this.slices.matrix : this.slices.afterMatrix;
    const request = {
      trace: trace.id,
      attention: attention.name,
      head: view.head,
      batch: view.batch,
      stage: 'weights',
      unit: 'pieces',
    } as const;
    const wanted = slot.want(request);
    const sides = sidesOf(attention.kind);
    return wanted.status === 'ready'
      ? {
          key: JSON.stringify(request),
          matrix: wanted.value,
          queries: axisOf(sequencesOf(trace, sides.query)[view.batch], 'pieces'),
          keys: axisOf(sequencesOf(trace, sides.key)[view.batch], 'pieces'),
        }
      : undefined;
  }

  private valuesOf(experiment: Experiment, bench: Bench): Readonly<Record<string, string>> {
    const own = this.values.get(experiment.id) ?? {};
    return Object.fromEntries(
      (experiment.parameters ?? []).map(({ name, initial }) => [name, own[name] ?? initial(bench)]),
    );
  }

  private set(name: string, value: string): void {
    this.values.set(this.chosen.id, { ...this.values.get(this.chosen.id), [name]: value });
    this.redraw();
  }

  /** One click asks the question, unless it has been answered or cannot be. */
  private choose(experiment: Experiment): void {
    this.chosen = experiment;
    const { bench } = this;
    if (bench) {
      const own = { ...bench, values: this.valuesOf(experiment, bench) };
      if (!this.runner.status(experiment, own) && experiment.obstacle?.(own) === undefined) {
        this.run();
      }
    }
    this.redraw();
  }

  private run(): void {
    const { bench, chosen } = this;
    if (bench) {
      void this.runner.run(chosen, { ...bench, values: this.valuesOf(chosen, bench) });
    }
  }

  private keep({ interventions }: Outcome): void {
    this.intervened.set([...this.intervened.list, ...interventions]);
  }

  private go(attention: string, head: number): void {
    const { view, state } = this.store.model;
    const target = state?.model && attentionOf(state.model, attention);
    if (view && state?.model && target) {
      const there = withHead(withKind(view, state.model, target.kind), state.model, target.layer, head);
      this.store.setView(there);
    }
  }

  private save(): void {
    this.store.tell((host) => host.saveRecipe({ interventions: this.intervened.list }));
  }

  private open(): void {
    this.store.tell(async (host) => {
      const recipe = await host.openRecipe();
      if (recipe) {
        this.intervened.set(recipe.interventions);
      }
    });
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}
