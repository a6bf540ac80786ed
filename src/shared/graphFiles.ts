// Tells by their names which ONNX files of a folder are encoder, decoder or the whole model. Opens none of them.

/** Paths inside the folder. */
export type GraphPaths = { readonly encoder: string; readonly decoder: string } | { readonly model: string };

/** Names of precisions, most faithful first; transformers.js appends them to the stem. */
const precisions = ['', '_fp32', '_fp16', '_q4f16', '_int8', '_uint8', '_quantized', '_q8', '_q4', '_bnb4'];

/** Decoders that do the same; those without branches are the easiest to look into. */
const decoders = ['decoder_model', 'decoder_model_merged', 'decoder_with_past_model'];

/** The graphs to read out of all paths of a folder; undefined when there is no ONNX file. */
export function graphPaths(paths: readonly string[]): GraphPaths | undefined {
  const graphs = paths.filter((path) => path.toLowerCase().endsWith('.onnx')).sort(byPreference);
  const encoder = graphs.find((path) => isEncoder(stemOf(path)));
  const decoder = graphs.find((path) => isDecoder(stemOf(path)));
  if (encoder !== undefined && decoder !== undefined) {
    return { encoder, decoder };
  }
  const [model] = [...graphs.filter((path) => /^model(_|$)/.test(stemOf(path))), ...graphs];
  return model === undefined ? undefined : { model };
}

/** `onnx/encoder_model_fp16.onnx` → `encoder_model_fp16` */
function stemOf(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.onnx$/i, '')
    .toLowerCase();
}

const isDecoder = (stem: string): boolean => /(^|[_.-])decoder/.test(stem);
const isEncoder = (stem: string): boolean => /(^|[_.-])encoder/.test(stem) && !isDecoder(stem);

function byPreference(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || (a < b ? -1 : 1);
}

function rankOf(path: string): number {
  const stem = stemOf(path);
  const precision = precisions.findLastIndex((suffix) => stem.endsWith(suffix));
  const part = stem.slice(0, stem.length - (precisions[precision]?.length ?? 0));
  const kind = decoders.indexOf(part);
  return (kind < 0 ? 0 : kind) * precisions.length + precision;
}
