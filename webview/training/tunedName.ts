// What tells tuned weights from the model they were made of, short enough for a narrow side bar.
import type { TunedModel } from '../../src/shared/trainingPage';
import { trainingStrings as strings } from '../strings/trainingStrings';

/**
 * The name without that of the base in front: `+ terms` of `base + terms`, as trainings are called that nobody renamed. A name
 * that the user gave stays as it is; where only a number tells two apart, it says that they are tuned.
 */
export function tunedName({ name, baseName }: Pick<TunedModel, 'name' | 'baseName'>): string {
  const rest = name.startsWith(baseName) ? name.slice(baseName.length) : undefined;
  if (baseName === '' || rest === undefined) {
    return name;
  }
  if (/^ \+ \S/u.test(rest)) {
    return rest.trimStart();
  }
  return /^( \d+)?$/u.test(rest) ? strings.tunedUnnamed(rest.trimStart()) : name;
}
