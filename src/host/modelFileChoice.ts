// Chooses which files of a model folder are worth reading: the graphs that make a model, their external data and the small files.
import { graphPaths } from '../shared/graphFiles';

const SMALL_FILE = /\.(?:json|txt|spm|model|vocab|bpe)$/iu;
/** What external data are called; weights of other libraries often lie in the same folder. */
const EXTERNAL_DATA = /[._]data(?:_\d+)?$|\.(?:bin|weight)$/u;
const OTHER_LIBRARY = /^(?:pytorch_|tf_|flax_|rust_|training_|optimizer|scheduler|consolidated)/u;

/**
 * The paths to read out of all `paths` of a folder (relative, `/` between names). With `only`, the graph of that path is
 * read, together with the other stack where it is an encoder or a decoder with its partner beside it.
 */
export function modelFilesToRead(paths: readonly string[], only?: string): readonly string[] {
  const graphs = only === undefined ? Object.values(graphPaths(paths) ?? {}) : withPartner(paths, only);
  const others = paths.filter((path) => path.toLowerCase().endsWith('.onnx') && !graphs.includes(path));
  return paths.filter(
    (path) =>
      graphs.includes(path) ||
      SMALL_FILE.test(path) ||
      (graphs.some((graph) => isDataBeside(path, graph)) && !others.some((other) => path.startsWith(other))),
  );
}

/** `only` and, of the other graphs in its folder, the one that makes a pair of encoder and decoder with it. */
function withPartner(paths: readonly string[], only: string): readonly string[] {
  const isPartner = (path: string) => {
    const pair = graphPaths([path, only]);
    return pair !== undefined && 'encoder' in pair;
  };
  const partners = paths.filter(
    (path) => path !== only && folderOf(path) === folderOf(only) && isPartner(path),
  );
  const best = graphPaths([only, ...partners]) ?? { model: only };
  return Object.values(best);
}

function isDataBeside(path: string, graph: string): boolean {
  const folder = folderOf(graph);
  return (
    folderOf(path) === folder && EXTERNAL_DATA.test(path) && !OTHER_LIBRARY.test(path.slice(folder.length))
  );
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
