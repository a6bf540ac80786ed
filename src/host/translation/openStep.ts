// Opens the explorer on one step of a translation: the run that made it, at the row of the attention that made its token.
import type { Exploration } from '../exploration';
import type { ExplorerPanel } from '../explorerPanel';
import type { AttentionSummary, ModelSummary } from '../../shared/modelSummary';
import type { HeadChoice } from '../../shared/translation';
import type { TraceSummary } from '../../shared/trace';
import { UserError } from '../../shared/errors';
import { rangeOfSentence } from './sentencePlace';
import type { TranslationCenter } from './translationCenter';

export interface OpenStepParts {
  readonly center: TranslationCenter;
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
}

/** @param step Of the whole sentence. @throws UserError `badRequest` for a step that there is not. */
export async function openStep(
  { center, exploration, panel }: OpenStepParts,
  sentence: number,
  step: number,
): Promise<void> {
  const { session, places } = center;
  const work = session.details(sentence);
  const place = work.placeOf(step);
  const model = session.madeWith;
  if (!place || !places || !model) {
    throw new UserError('badRequest', `Sentence ${sentence} has no step ${step}.`);
  }
  const { ids, target } = work.chosenOf[place.text];
  const { text } = work.texts[place.text];
  const state = session.state();
  const continues = state.mode === 'continue';
  panel.show();
  await exploration.explore({
    uri: places.uri,
    texts: [{ text: continues ? text + target.text : text, start: startOf(center, sentence, text) }],
    decoderText: undefined,
    decoder: { from: 'typed', language: state.language, text: target.text },
    decoderIds: continues ? undefined : { model: model.id, ids },
  });
  const trace = exploration.shown?.trace;
  if (!trace) {
    return; // the panel shows why
  }
  const row = rowOf(trace, ids, continues, place.step);
  const attention = attentionOf(model, state.heads, continues);
  const head = state.heads.head === 'mean' ? 0 : state.heads.head;
  const mean = state.heads.head === 'mean';
  const at = { ...exploration.view, view: 'attention', unit: 'pieces', batch: 0, matrix: true } as const;
  const key = attention
    ? await brightest(exploration, trace, attention.name, mean ? 'mean' : head, row)
    : undefined;
  exploration.setView({
    ...at,
    attention: attention?.name ?? at.attention,
    head,
    mean,
    pinned: key === undefined ? undefined : { query: row, key },
  });
  panel.tell((page) => page.show(exploration.state()));
}

/** Where the text begins in its document, if it stands there letter by letter; else nowhere. */
function startOf(center: TranslationCenter, sentence: number, text: string): number {
  const range = rangeOfSentence(center, sentence, 0, text.length);
  const document = center.places?.document;
  return range && document?.getText(range) === text ? document.offsetAt(range.start) : -1;
}

/** The row that made the token: the one of the token before it. */
function rowOf(trace: TraceSummary, ids: readonly number[], continues: boolean, step: number): number {
  const tokens = trace.decoder[0]?.tokens ?? [];
  const first = continues
    ? Math.max(0, tokens.length - ids.length)
    : tokens.findIndex(
        (_, at) =>
          ids.length > 0 &&
          ids.slice(0, tokens.length - at).every((id, index) => tokens[at + index]?.id === id),
      );
  return Math.max(0, Math.min(tokens.length - 1, Math.max(1, first) + step - 1));
}

function attentionOf(
  model: ModelSummary,
  { layer }: HeadChoice,
  continues: boolean,
): AttentionSummary | undefined {
  const kind = continues ? 'decoderSelf' : 'cross';
  const all = model.attentions.filter((attention) => attention.kind === kind);
  return (layer === 'all' ? undefined : all.find((attention) => attention.layer === layer)) ?? all.at(-1);
}

/** The key with the largest weight in a row. */
async function brightest(
  exploration: Exploration,
  trace: TraceSummary,
  attention: string,
  head: number | 'mean',
  row: number,
): Promise<number> {
  const { columns, data } = await exploration.slice(trace.id, (engine) =>
    engine.matrix({ trace: trace.id, attention, head, batch: 0, stage: 'weights', unit: 'pieces' }),
  );
  const weights = data.subarray(row * columns, (row + 1) * columns);
  return weights.reduce((best, weight, index) => (weight > weights[best] ? index : best), 0);
}
