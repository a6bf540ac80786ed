// What the parts of the export have in common: where numbers come from, and one thing that can be saved.
import type { ExportOffer } from '../../src/shared/exporting';
import type { AttentionSummary, ModelSummary } from '../../src/shared/modelSummary';
import type { Slices, ViewState } from '../../src/shared/protocol';
import type { TraceSummary } from '../../src/shared/trace';
import type { ExplorerModel } from '../explorer/store';
import type { Theme } from '../theme';
import type { Measure } from './svgParts';

export interface ExportInput {
  readonly host: Slices;
  readonly model: ExplorerModel;
  readonly summary: ModelSummary;
  readonly trace: TraceSummary;
  readonly view: ViewState;
  readonly attention: AttentionSummary;
  readonly theme: Theme;
  readonly measure: Measure;
}

/** A picture, a matrix or both. */
export interface Exportable {
  readonly offer: ExportOffer;
  /** The document; PNG is drawn from it. */
  readonly svg?: () => Promise<string>;
  readonly csv?: () => Promise<string>;
}

/** Adds the formats that there are to an offer. */
export function exportable(
  offer: Omit<ExportOffer, 'formats'>,
  make: Pick<Exportable, 'svg' | 'csv'>,
): Exportable {
  const formats = [...(make.svg ? (['svg', 'png'] as const) : []), ...(make.csv ? (['csv'] as const) : [])];
  return { offer: { ...offer, formats }, ...make };
}
