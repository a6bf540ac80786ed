// What a chosen mask does with each cell: keeps it, removes it, or leaves it to the model. Also for drawing a preset.
import type { MaskChoice } from './intervention';

/** The cells of one text's attention. Queries and keys are counted from the start of the text. */
export interface MaskSizes {
  /** Queries `[start, start + queries)`; start is above 0 while decoding step by step. */
  readonly start: number;
  readonly queries: number;
  readonly keys: number;
  /** Which keys are no padding. */
  readonly realKeys: readonly boolean[];
}

/** 1 keeps, 0 removes, null leaves to the model; `[query][key]`. */
export function maskCells(mask: MaskChoice, sizes: MaskSizes): (0 | 1 | null)[][] {
  const cellOf = chooser(mask);
  const showsPadding = mask.preset === 'none' || ('padding' in mask && mask.padding === 'visible');
  const isPreset = mask.preset !== 'cells' && mask.preset !== 'rows';
  return Array.from({ length: sizes.queries }, (_, row) =>
    Array.from({ length: sizes.keys }, (_, key) =>
      isPreset && !showsPadding && sizes.realKeys[key] === false ? 0 : cellOf(sizes.start + row, key),
    ),
  );
}

function chooser(mask: MaskChoice): (query: number, key: number) => 0 | 1 | null {
  switch (mask.preset) {
    case 'none':
    case 'padding':
      return () => 1;
    case 'causal':
      return (query, key) => (key <= query ? 1 : 0);
    case 'prefix':
      return (query, key) => (key < mask.length || key <= query ? 1 : 0);
    case 'window':
      return (query, key) =>
        Math.abs(query - key) <= mask.size && !(mask.causal === true && key > query) ? 1 : 0;
    case 'cells': {
      const cells = new Map(
        mask.cells.map(({ query, key, keep }) => [`${query} ${key}`, keep ? 1 : 0] as const),
      );
      return (query, key) => cells.get(`${query} ${key}`) ?? null;
    }
    case 'rows':
      return (query, key) => mask.rows[query]?.[key] ?? null;
    default:
      return mask satisfies never;
  }
}

/** Whether a mask lets a query see keys after it: then what earlier tokens say changes with every further token. */
export function keepsLaterKeys(mask: MaskChoice): boolean {
  switch (mask.preset) {
    case 'none':
    case 'padding':
    case 'prefix':
      return true;
    case 'causal':
      return false;
    case 'window':
      return mask.causal !== true;
    case 'cells':
      return mask.cells.some(({ query, key, keep }) => keep && key > query);
    case 'rows':
      return mask.rows.some((row, query) => row.some((value, key) => value === 1 && key > query));
    default:
      return mask satisfies never;
  }
}
