// The files of a model folder, sorted into graphs, configuration and tokenizer. Does not look into the graphs.
import { UserError } from '../shared/errors';
import type { ModelFiles } from '../shared/protocol';
import { graphPaths } from '../shared/graphFiles';
import type { ModelConfig } from './modelConfig';
import { modelConfig, parseJson } from './modelConfig';

/** An ONNX file with the files beside it that may hold its weights. */
export interface GraphFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** All other binary files by their path relative to the graph's folder, as external data name them. */
  readonly beside: ModelFiles;
}

/** An encoder with its decoder, or one graph whose part only its structure tells. */
export type ModelGraphs =
  { readonly encoder: GraphFile; readonly decoder: GraphFile } | { readonly model: GraphFile };

/** tokenizer.json and tokenizer_config.json, not parsed. */
export interface TokenizerFiles {
  readonly tokenizerJson: Uint8Array;
  readonly configJson: Uint8Array | undefined;
}

export interface ModelFolder {
  readonly graphs: ModelGraphs;
  readonly config: ModelConfig;
  /** Undefined when the folder has none: the model can then be inspected, not run on text. */
  readonly tokenizer: TokenizerFiles | undefined;
}

/**
 * Sorts the files of a folder in the layout of transformers.js (`config.json`, `tokenizer.json`, `onnx/*.onnx`), a flat
 * folder, or a single `.onnx` file.
 *
 * @throws UserError `modelMissing` without an ONNX file; `modelCorrupt` naming a configuration file that is no JSON.
 */
export function readModelFolder(files: ModelFiles): ModelFolder {
  const paths = Object.keys(files);
  const graphs = graphPaths(paths);
  if (!graphs) {
    const message =
      'There is no ONNX file in this folder. Choose a folder with an .onnx file and a tokenizer.json.';
    throw new UserError('modelMissing', message);
  }
  const json = (name: string) => parseJson(name, fileNamed(files, name));
  const tokenizerJson = fileNamed(files, 'tokenizer.json');
  const config = modelConfig({
    config: json('config.json'),
    generation: json('generation_config.json'),
    tokenizer: json('tokenizer_config.json'),
  });
  return {
    graphs:
      'model' in graphs
        ? { model: graphFile(files, graphs.model) }
        : { encoder: graphFile(files, graphs.encoder), decoder: graphFile(files, graphs.decoder) },
    config,
    tokenizer: tokenizerJson && {
      tokenizerJson,
      configJson: fileNamed(files, 'tokenizer_config.json'),
    },
  };
}

/** A file of the folder itself; else, with the graphs chosen alone, of a folder inside. */
function fileNamed(files: ModelFiles, name: string): ModelFiles[string] | undefined {
  return files[name] ?? Object.entries(files).find(([path]) => path.endsWith(`/${name}`))?.[1];
}

/** @throws UserError `modelCorrupt` for an empty file. */
function graphFile(files: ModelFiles, path: string): GraphFile {
  const bytes = files[path];
  if (!bytes || bytes.length === 0) {
    const message = `The model's file ${path} is empty. Download or export the model again.`;
    throw new UserError('modelCorrupt', message, { file: path });
  }
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const beside = Object.entries(files)
    .filter(([other]) => other.startsWith(folder) && !/\.(onnx|json)$/i.test(other))
    .map(([other, content]) => [other.slice(folder.length), content] as const);
  return { path, bytes, beside: Object.fromEntries(beside) };
}
