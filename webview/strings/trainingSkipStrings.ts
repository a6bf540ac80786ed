// Why lines of training data are left out: in a word for counts, and about one line.
import type { TrainingSkip } from '../../src/shared/training';

/** After a number of lines. */
export const skipReasons: Readonly<Record<TrainingSkip, string>> = {
  empty: 'empty',
  oneSided: 'with one side only',
  tabs: 'with a wrong number of tabs',
  notJson: 'no JSON',
  fields: 'without the expected fields',
  duplicate: 'there before',
  tooLong: 'too long for the model',
  unknownScript: 'in a script that the model does not know',
  broken: 'with damaged characters',
};

/** After “line 17”. */
export const skipSentences: Readonly<Record<TrainingSkip, string>> = {
  empty: 'is empty',
  oneSided: 'has one side only',
  tabs: 'has a wrong number of tabs',
  notJson: 'is no JSON object',
  fields: 'lacks the expected fields',
  duplicate: 'was there before',
  tooLong: 'is too long for the model',
  unknownScript: 'is in a script that the model does not know',
  broken: 'has damaged characters: it was read in a wrong encoding',
};
