// What the panel expects of each of its views.
import type { AttentionSummary, ModelSummary } from '../../src/shared/modelSummary';
import type { ViewState } from '../../src/shared/protocol';
import type { TraceSummary } from '../../src/shared/trace';
import type { ExplorerModel } from '../explorer/store';
import type { Theme } from '../theme';

/** A model with a run to look at: views are only updated when there is one. */
export interface ViewInput {
  readonly model: ExplorerModel;
  readonly summary: ModelSummary;
  readonly attention: AttentionSummary;
  readonly trace: TraceSummary;
  readonly view: ViewState;
  readonly theme: Theme;
}

/** Whether the picture is what is wanted: `loading` keeps the old one, `failed` says why there is none. */
export interface ViewStatus {
  readonly loading: boolean;
  readonly failed: string | undefined;
}

export interface ExplorerViewPart {
  readonly centre: HTMLElement;
  /** Undefined where the view uses the inspector's width for itself. */
  readonly inspector: HTMLElement | undefined;
  update(input: ViewInput): ViewStatus;
}
