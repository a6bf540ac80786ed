// Chooses which files of a model folder are worth reading: one precision of each part, its external data and the small files.

/** Suffixes of a part's name by precision, most faithful first; what is quantised comes last. */
const PRECISIONS = ['', '_fp32', '_fp16', '_q4f16', '_int8', '_uint8', '_quantized', '_q4', '_bnb4'];

/** Parts of the same stack: only the first that is there is read. Those without a branch are easier to look into. */
const SAME_STACK = [['decoder_model', 'decoder_model_merged', 'decoder_with_past_model']];

const SMALL_FILE = /\.(?:json|txt|spm|model|vocab|bpe)$/u;

/**
 * The paths to read out of all `paths` of a folder (relative, `/` between names). With `only`, the part it names is
 * read in that precision, together with the other stack of an encoder-decoder.
 */
export function modelFilesToRead(paths: readonly string[], only?: string): readonly string[] {
  const parts = new Map<string, string[]>();
  for (const path of paths.filter((p) => p.endsWith('.onnx'))) {
    const { part } = splitPart(path);
    parts.set(part, [...(parts.get(part) ?? []), path]);
  }
  const wanted = only === undefined ? [...parts.keys()] : partsWith(only, [...parts.keys()]);
  const chosen = withoutDuplicates(wanted).map((part) => {
    const candidates = parts.get(part) ?? [];
    return only !== undefined && candidates.includes(only) ? only : mostFaithful(candidates);
  });
  const data = paths.filter((path) => chosen.some((onnx) => isDataOf(path, onnx)));
  const small = paths.filter((path) => SMALL_FILE.test(path) && path.split('/').length <= 2);
  return [...new Set([...small, ...chosen, ...data])];
}

/** Folder and stem of an ONNX file without its precision: `onnx/encoder_model_fp16.onnx` → `onnx/encoder_model`. */
function splitPart(path: string): { readonly part: string; readonly precision: number } {
  const stem = path.slice(0, -'.onnx'.length);
  const precision = PRECISIONS.findIndex((suffix) => suffix !== '' && stem.endsWith(suffix));
  return precision < 0
    ? { part: stem, precision: 0 }
    : { part: stem.slice(0, -PRECISIONS[precision].length), precision };
}

function mostFaithful(paths: readonly string[]): string {
  return [...paths].sort((a, b) => splitPart(a).precision - splitPart(b).precision)[0];
}

function withoutDuplicates(parts: readonly string[]): readonly string[] {
  return parts.filter((part) => {
    const stack = SAME_STACK.find((names) => names.includes(nameOf(part)));
    const better = stack?.slice(0, stack.indexOf(nameOf(part))) ?? [];
    return !parts.some((other) => folderOf(other) === folderOf(part) && better.includes(nameOf(other)));
  });
}

/** The part that holds `only`; an encoder brings the decoder beside it, and the other way round. */
function partsWith(only: string, parts: readonly string[]): readonly string[] {
  const { part } = splitPart(only);
  const stack = /encoder|decoder/u.exec(nameOf(part))?.[0];
  const other = stack === 'encoder' ? 'decoder' : 'encoder';
  const partners = parts.filter(
    (p) => stack !== undefined && folderOf(p) === folderOf(part) && nameOf(p).startsWith(other),
  );
  return [part, ...partners];
}

/** External data lies beside its graph under a name that begins with the graph's, such as `model.onnx_data`. */
function isDataOf(path: string, onnx: string): boolean {
  return path !== onnx && /^[_.]data(?:_\d+)?$/u.test(path.startsWith(onnx) ? path.slice(onnx.length) : '');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
