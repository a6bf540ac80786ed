// How a training is set up: what the user chose in the view, else in the settings, else the defaults; and the rate at each step.
import { stepsFor, TRAINING_DEFAULTS, TRAINING_RATES, withOptions } from '../../shared/trainingDefaults';
import type { TrainingOptions } from '../../shared/training';
import type { PlannedRate } from '../../shared/trainingPage';
import type { Schedule } from '../../training/schedule';
import { learningRate } from '../../training/schedule';

/** The options for that many examples. Where nobody says otherwise, the rate suits the method, and the steps the data. */
export function optionsFor(
  settings: Partial<TrainingOptions>,
  chosen: Partial<TrainingOptions>,
  examples: number,
): TrainingOptions {
  const said = { ...settings, ...chosen };
  const method = said.method ?? TRAINING_DEFAULTS.method;
  const options = withOptions(TRAINING_DEFAULTS, { ...said, rate: said.rate ?? TRAINING_RATES[method] });
  return said.steps === undefined ? withOptions(options, { steps: stepsFor(examples, options) }) : options;
}

/** Steps at which the rate is told at most. */
const MOST = 200;

/** The learning rate at enough steps to draw it. `width` is the model's d_model. */
export function plannedRates(options: TrainingOptions, width: number): readonly PlannedRate[] {
  const schedule = scheduleOf(options, width);
  const { steps, warmup } = options;
  const count = Math.min(steps, MOST);
  const at = (i: number) => (count === 1 ? 1 : Math.round(1 + (i * (steps - 1)) / (count - 1)));
  // The end of the warm-up is a corner: it is always drawn.
  const corner = warmup >= 1 && warmup <= steps ? [warmup] : [];
  const all = [...new Set([...Array.from({ length: count }, (_, i) => at(i)), ...corner])];
  return all.sort((a, b) => a - b).map((step) => ({ step, rate: learningRate(schedule, step) }));
}

function scheduleOf({ schedule, rate, warmup, steps }: TrainingOptions, width: number): Schedule {
  return schedule === 'paper'
    ? { kind: schedule, width: Math.max(1, width), warmup, factor: rate }
    : { kind: schedule, rate, warmup, steps };
}
