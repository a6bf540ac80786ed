// Runs in a worker of bench/translatePage.ts: transformers.js with the same model files, on WASM.
import type { Method } from '../src/shared/protocol';
import { serve } from '../src/shared/rpc';
import type { WebPort } from '../src/shared/workerChannel';
import { webChannel } from '../src/shared/workerChannel';

/** What the page asks of transformers.js. */
export interface Client {
  readonly load: Method<{ readonly threads: number }, void>;
  /** Greedy decoding of one text; ids without start and end. */
  readonly translate: Method<{ readonly text: string }, readonly number[]>;
}

interface IdTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

type Inputs = Readonly<Record<string, IdTensor>>;
type Tokenizer = (text: string) => Inputs;

interface Model {
  generate(request: Readonly<Record<string, unknown>>): Promise<IdTensor>;
}

/** The calls that are made of the library. */
interface TransformersJs {
  readonly env: {
    localModelPath: string;
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    useBrowserCache: boolean;
    readonly backends: { readonly onnx: { readonly wasm: { numThreads: number; wasmPaths: unknown } } };
  };
  readonly AutoTokenizer: { from_pretrained(folder: string): Promise<Tokenizer> };
  readonly AutoModelForSeq2SeqLM: {
    from_pretrained(folder: string, options: Readonly<Record<string, string>>): Promise<Model>;
  };
}

const FOLDER = 'translate-en-de-fr-zh';
const END = 0;

let tokenizer: Tokenizer | undefined;
let model: Model | undefined;

serve<Client>(webChannel(globalThis as unknown as WebPort), {
  load: async ({ threads }) => {
    // A literal would be looked for by the bundler; the server of the bench answers it.
    const origin = (globalThis as unknown as { readonly location: { readonly origin: string } }).location
      .origin;
    const url = `${origin}/transformers.js`;
    const library = (await import(url)) as TransformersJs;
    const { env } = library;
    Object.assign(env, {
      localModelPath: '/models/',
      allowRemoteModels: false,
      allowLocalModels: true,
      useBrowserCache: false,
    });
    env.backends.onnx.wasm.numThreads = threads;
    env.backends.onnx.wasm.wasmPaths = `${origin}/theirs/`;
    tokenizer = await library.AutoTokenizer.from_pretrained(FOLDER);
    model = await library.AutoModelForSeq2SeqLM.from_pretrained(FOLDER, { device: 'wasm', dtype: 'fp32' });
  },
  translate: async ({ text }) => {
    if (!tokenizer || !model) {
      throw new Error('transformers.js was not loaded.');
    }
    const { data } = await model.generate({ ...tokenizer(text), num_beams: 1, do_sample: false });
    const ids = Array.from(data, Number).slice(1);
    const end = ids.indexOf(END);
    return end < 0 ? ids : ids.slice(0, end);
  },
});
