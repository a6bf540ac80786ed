// Our side of the measurement, in a process of its own: loads the shipped translator and fine-tunes it as the engine does, step by step.
import process from 'node:process';
import type { InferenceSession } from 'onnxruntime-web';
import { loadModel } from '../../src/engine/loadModel';
import { Training } from '../../src/engine/training/training';
import { nodePlatform } from '../../src/runtime/nodePlatform';
import { openRuntime } from '../../src/runtime/openRuntime';
import type { Ort, Platform } from '../../src/runtime/platform';
import { shippedFiles } from '../engineWorker';
import type { Ask, Memory, Opened, Opening, Timing } from './asks';
import { answerAll } from './player';
import type { Product } from './products';
import { productsGraph } from './products';

type Create = Ort['InferenceSession']['create'];

/** Every memory that WebAssembly has got: the runtime's heap, which only grows. */
const heaps: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    heaps.push(this);
  }
};

/** Time inside the runtime's `run`, and the highest number of bytes in JavaScript's buffers when it has answered. */
const clock = { ms: 0, buffers: 0 };
let ort: Ort | undefined;
/** Options for the next session, and that session. */
let next: InferenceSession.SessionOptions = {};
let made: InferenceSession | undefined;
let training: Training | undefined;
let products: InferenceSession | undefined;

const look = (): void => {
  clock.buffers = Math.max(clock.buffers, process.memoryUsage().arrayBuffers);
};

function watchedPlatform(): Platform {
  const platform = nodePlatform(undefined, false);
  return {
    ...platform,
    load: async (withGpu, threads) => {
      const loaded = await platform.load(withGpu, threads);
      ort = loaded.ort;
      const create = async (...[model, options]: Parameters<Create>): Promise<InferenceSession> => {
        const session = await loaded.ort.InferenceSession.create(model, { ...options, ...next });
        [made, next] = [Object.keys(next).length > 0 ? session : made, {}];
        const run = session.run.bind(session) as (...given: unknown[]) => Promise<never>;
        session.run = async (...given: unknown[]) => {
          const start = performance.now();
          const answer = await run(...given);
          clock.ms += performance.now() - start;
          look();
          return answer;
        };
        look();
        return session;
      };
      const { Tensor, env } = loaded.ort;
      return { ...loaded, ort: { Tensor, env, InferenceSession: { create } } as Ort };
    },
  };
}

async function open({ text, threads, options, profiled }: Opening): Promise<Opened> {
  const runtime = await openRuntime(watchedPlatform(), { backend: 'wasm', threads });
  const request = { id: 'model', name: 'model', files: shippedFiles() };
  const model = await loadModel(runtime, request, {});
  next = profiled ? { enableProfiling: true } : {};
  const data = { text, language: 'de' };
  training = await Training.begin(runtime, model, { id: 'training', model: 'model', data, options }, {});
  const { train } = training.read;
  const longest = (rows: readonly (readonly number[])[]): number =>
    Math.max(...rows.map(({ length }) => length));
  const [inputs, labels] = [train.map(({ input }) => input), train.map((example) => example.labels)];
  return {
    examples: train.map(({ input, decoder, labels: wanted }) => ({ input, decoder, labels: wanted })),
    source: train.length * longest(inputs),
    target: train.length * longest(labels),
    tokens: [...inputs, ...labels].reduce((sum, { length }) => sum + length, 0),
    weightBytes: model.summary.weightBytes,
    trainable: training.start.trainable,
    built: training.start.built,
  };
}

async function timed(action: () => Promise<number | undefined>): Promise<Timing> {
  clock.ms = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  const loss = (await action()) ?? 0;
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  look();
  return { ms, run: clock.ms, cpu: (user + system) / 1000, loss };
}

async function openProducts(given: readonly Product[]): Promise<object> {
  // Nodes that compute the same must not become one.
  const quiet = { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 } as const;
  products = await ort?.InferenceSession.create(productsGraph(given), quiet);
  return {};
}

async function answer(ask: Ask): Promise<object> {
  switch (ask.do) {
    case 'open':
      return open(ask);
    case 'products':
      return openProducts(ask.products);
    case 'step':
      return timed(async () => {
        const until = (training?.trainer.step ?? 0) + 1;
        await training?.train(until, {});
        return training?.trainer.points.at(-1)?.loss;
      });
    case 'forward':
      return timed(async () => training?.trainer.evaluate(training.read.train));
    case 'gemm':
      return timed(async () => {
        await products?.run({});
        return 0;
      });
    case 'memory':
      return {
        heap: heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
        buffers: clock.buffers,
      } satisfies Memory;
    case 'profile':
      made?.endProfiling();
      return {};
    default:
      return ask satisfies never;
  }
}

export async function trainee(): Promise<void> {
  await answerAll((question) => answer(question as Ask));
  process.exit(0);
}
