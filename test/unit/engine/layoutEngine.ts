// Loads the small graphs of test/golden/layouts, which have no tokenizer of their own, with one that reads `w12` as 12.
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { Tensor } from '../../../src/shared/tensor';
import { filesOf, MODEL } from './testEngine';
import { wordTokenizer } from './wordTokenizer';

const VOCABULARY = 64;

/** Rows of ids without their padding. */
export function rowsOf({ dims, data }: Tensor): number[][] {
  const [rows, columns] = dims;
  const ids = Array.from(data, Number);
  return Array.from({ length: rows }, (_, row) =>
    ids.slice(row * columns, (row + 1) * columns).filter((id) => id !== 0),
  );
}

/** @param without A file to leave out: of several decoders the engine takes the one without branches. */
export async function loadLayout(
  engine: ExplorerEngine,
  layout: string,
  { config = {}, without = '' }: { readonly config?: object; readonly without?: string } = {},
): Promise<void> {
  const folder = filesOf(`test/golden/layouts/${layout}`);
  const files = Object.fromEntries(Object.entries(folder).filter(([name]) => name !== without));
  const own = JSON.parse(new TextDecoder().decode(files['config.json'])) as object;
  const changed = new TextEncoder().encode(JSON.stringify({ ...own, ...config }));
  const all = { ...files, ...wordTokenizer(VOCABULARY), 'config.json': changed };
  await engine.loadModel({ id: MODEL, name: layout, files: all });
}
