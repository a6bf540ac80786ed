// How the matrix of positions by positions is to be read: a normalised similarity, or a bias as the model adds it.
import type { PositionKind } from '../../src/shared/modelSummary';
import type { Matrix } from '../../src/shared/tensor';
import { symmetricRange } from '../draw/heatPixels';
import { positionStrings as strings } from '../strings';
import { normalise } from './positionNumbers';

export interface ReadSimilarity {
  readonly matrix: Matrix;
  readonly title: string;
  readonly caption: string;
  /** Symmetric range of a diverging scale; undefined for the scale from 0 to 1. */
  readonly range: number | undefined;
}

/** Dot products are divided by the norms; the bias of relative positions and ALiBi stays as it is. */
export function readSimilarity(values: Matrix, kind: PositionKind): ReadSimilarity {
  if (kind === 'relative' || kind === 'alibi') {
    return {
      matrix: values,
      title: strings.bias,
      caption: strings.biasCaption,
      range: symmetricRange(values.data),
    };
  }
  const { matrix, equalNorms, signed } = normalise(values);
  return {
    matrix,
    title: strings.similarity,
    caption: equalNorms ? strings.similarityEqual : strings.similarityCosine,
    range: signed ? 1 : undefined,
  };
}
