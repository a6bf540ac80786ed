// Says which lines of training data were left out, by reason, where there is no window to list them in.
import type { TrainingPreview, TrainingSkip } from '../../shared/training';

const REASONS: Readonly<Record<TrainingSkip, string>> = {
  empty: 'empty',
  oneSided: 'with one side only',
  tabs: 'with a wrong number of tabs',
  notJson: 'that are no JSON object',
  fields: 'without the expected fields',
  duplicate: 'whose text was there before',
  tooLong: 'too long for the model',
  unknownScript: 'in a script that the model does not know',
  broken: 'with damaged characters (wrong encoding, or no text file)',
};

/** Lines of each reason that are shown. */
const SHOWN_LINES = 3;
/** Characters of each that are shown. */
const SHOWN = 40;

type Skipped = Pick<TrainingPreview, 'counts' | 'skipped'>;

/** Such as `3: 2 empty (line 4, line 9); 1 with one side only (line 12 "a\\t")`, with the first lines of each reason. Lines count from 1. */
export function skippedLines(preview: Skipped): string {
  const each = eachReason(preview);
  return each === '' ? '0' : `${countOf(preview)}: ${each}`;
}

/** Why there is nothing to learn from: how many lines each reason took, and the first of them. */
export function nothingToLearn(preview: Skipped): string {
  const each = eachReason(preview);
  return each === ''
    ? 'There is nothing to learn from: the data are empty.'
    : `There is nothing to learn from: all ${countOf(preview)} lines were skipped: ${each}.`;
}

function eachReason({ counts, skipped }: Skipped): string {
  const each = reasonsOf(counts).map(([reason, count]) => {
    const first = skipped.filter((line) => line.reason === reason).slice(0, SHOWN_LINES);
    const lines = first.map(
      ({ line, text }) => `line ${line + 1}${text.trim() === '' ? '' : ` ${quoted(text)}`}`,
    );
    const more = count > first.length ? ', …' : '';
    return `${count} ${REASONS[reason]}${lines.length > 0 ? ` (${lines.join(', ')}${more})` : ''}`;
  });
  return each.join('; ');
}

const countOf = ({ counts }: Skipped): number => reasonsOf(counts).reduce((sum, [, count]) => sum + count, 0);

function reasonsOf(counts: TrainingPreview['counts']): readonly (readonly [TrainingSkip, number])[] {
  return (Object.entries(counts) as [TrainingSkip, number][]).filter(([, count]) => count > 0);
}

/** Tabs as `\t`; control characters of binary files must not reach the terminal. */
function quoted(text: string): string {
  const start = [...text].slice(0, SHOWN).join('');
  const shown = JSON.stringify(start).replace(/\p{Cc}/gu, '\uFFFD');
  return start.length < text.length ? `${shown}…` : shown;
}
