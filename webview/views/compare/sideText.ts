// What A and B are, in a few words: the text, and what is special about the run.
import type { OtherRun, OtherSide } from '../../../src/shared/contrast';
import type { TraceSummary } from '../../../src/shared/trace';
import { languageName } from '../../languageName';
import { compareStrings as strings } from '../../strings/compareStrings';

const longest = 60;

/** The text that a run reads. */
function textOf({ encoder, decoder }: TraceSummary, batch: number): string {
  return (encoder.length > 0 ? encoder : decoder).at(batch)?.text ?? '';
}

/** The shown run. */
export function describeShown(trace: TraceSummary, batch: number, model: string): string {
  return describe(trace, batch, [strings.settings.model(model)]);
}

/** The run beside it. */
export function describeOther({ trace, batch, summary }: OtherRun, side: OtherSide): string {
  const beams = side.by === 'beams' ? [strings.settings.beams(side.beams)] : [];
  return describe(trace, batch, [strings.settings.model(summary.name), ...beams]);
}

/** Whether nothing can differ: the same model read, and said, the same under the same settings. */
export function isSameRun(a: OtherRun, b: OtherRun): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ trace, batch, summary }: OtherRun): string {
  const { encoder, decoder, language, interventions = [] } = trace;
  const texts = [encoder, decoder].map((side) => side.at(batch)?.text);
  return JSON.stringify([summary.id, texts, language, interventions]);
}

function describe(trace: TraceSummary, batch: number, settings: readonly string[]): string {
  const { interventions = [], language } = trace;
  const text = textOf(trace, batch).replaceAll(/\s+/gu, ' ');
  const all = [
    ...settings,
    ...(language === undefined ? [] : [strings.settings.language(languageName(language))]),
    ...(interventions.length > 0 ? [strings.settings.interventions(interventions.length)] : []),
  ];
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return strings.shown(shown, ` · ${all.join(' · ')}`);
}
