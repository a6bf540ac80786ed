// The door to transformers.js: the few calls that the tests make, typed, reading local folders only.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../unit/engine/testEngine';

/** A tensor of transformers.js; ids are `bigint`. */
export interface ClientTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** What a tokenizer makes of texts, `[text, length]` each, and what a model is given. */
export type ClientInputs = Readonly<Record<string, ClientTensor>>;

export interface ClientTokenizer {
  (texts: readonly string[], options?: { readonly padding?: boolean }): ClientInputs;
  readonly mask_token: string;
  decode(ids: readonly number[], options?: { readonly skip_special_tokens?: boolean }): string;
}

export interface ClientModel {
  (inputs: ClientInputs): Promise<Readonly<Record<string, ClientTensor>>>;
  /** Inputs and options in one object. */
  generate(
    request: Readonly<Record<string, ClientTensor | number | readonly (readonly number[])[]>>,
  ): Promise<ClientTensor>;
  dispose(): Promise<unknown>;
}

interface Loader<T> {
  from_pretrained(folder: string): Promise<T>;
}

interface TransformersJs {
  readonly env: { localModelPath: string; allowRemoteModels: boolean; logLevel: number };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => ClientTensor;
  readonly LogLevel: { readonly ERROR: number };
  readonly AutoTokenizer: Loader<ClientTokenizer>;
  readonly AutoModelForSeq2SeqLM: Loader<ClientModel>;
  readonly AutoModelForCausalLM: Loader<ClientModel>;
  readonly AutoModelForMaskedLM: Loader<ClientModel>;
}

export type Task = 'AutoModelForSeq2SeqLM' | 'AutoModelForCausalLM' | 'AutoModelForMaskedLM';

const file = path.join(
  root,
  '.cache/client/node_modules/@huggingface/transformers/dist/transformers.node.mjs',
);

async function library(): Promise<TransformersJs> {
  const loaded = (await import(pathToFileURL(file).href)) as TransformersJs;
  // It warns of every Marian tokenizer that its results may differ; whether they do is what is tested.
  loaded.env.logLevel = loaded.LogLevel.ERROR;
  return loaded;
}

/** Loads a folder of the repository, with no option given: everything comes from its files. */
async function load<T>(folder: string, choose: (library: TransformersJs) => Loader<T>): Promise<T> {
  const loaded = await library();
  loaded.env.localModelPath = path.join(root, path.dirname(folder));
  loaded.env.allowRemoteModels = false;
  return choose(loaded).from_pretrained(path.basename(folder));
}

/** The tokenizer of a model folder. */
export function loadTokenizer(folder: string): Promise<ClientTokenizer> {
  return load(folder, ({ AutoTokenizer }) => AutoTokenizer);
}

/** The model of a folder. */
export function loadClient(folder: string, task: Task): Promise<ClientModel> {
  return load(folder, (loaded) => loaded[task]);
}

/** What a tokenizer would make of a text with these ids. */
export async function inputsOf(ids: readonly number[]): Promise<ClientInputs> {
  const { Tensor } = await library();
  const tensor = (values: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  return { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) };
}

/** The rows of a matrix of ids. */
export function rowsOf({ dims, data }: ClientTensor): number[][] {
  const [rows, columns] = dims;
  const all = Array.from(data, Number);
  return Array.from({ length: rows }, (_, row) => all.slice(row * columns, (row + 1) * columns));
}
