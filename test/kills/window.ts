// A window as a program of its own: the host's side of a training with the engine in its worker. It kills itself where it is told to.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { TrainingSession } from '../../src/host/training/trainingSession';
import { TrainingLock } from '../../src/host/training/trainingLock';
import { TunedStore } from '../../src/host/training/tunedStore';
import type { Engine, Trainings } from '../../src/shared/protocol';
import { connect, transfer } from '../../src/shared/rpc';
import { nodeChannel } from '../../src/shared/workerChannel';
import { filesOf } from '../unit/engine/testEngine';
import { wordTokenizer } from '../unit/engine/wordTokenizer';
import { diskStorage } from './diskStorage';

/** When a window dies: at the `count`th moment of a kind, or so many milliseconds after it. */
export interface Death {
  readonly at: 'step' | 'checkpoint';
  readonly count: number;
  readonly delay: number;
}

/** What the test tells the program, as its only argument. */
export interface WindowOrder {
  /** Where trainings are stored. */
  readonly root: string;
  /** The program of the engine's worker. */
  readonly engine: string;
  /** The model's folder, in the repository. */
  readonly folder: string;
  readonly vocabulary: number;
  readonly death: Death | undefined;
  /** The file that the test reads afterwards: a pipe would die with the program. */
  readonly report: string;
}

/** Nobody waits long for the window before, which is dead. */
const LOCK = { beat: 50, stale: 200, look: 20 };

const order = JSON.parse(process.argv[2]) as WindowOrder;
const { death } = order;
let left = death?.count ?? Infinity;

const say = (line: string): void => appendFileSync(order.report, `${line}\n`);

/** Something is about to happen: `step N`, or a change of the disk. */
function moment(what: string): void {
  const isCounted = death?.at === 'checkpoint' ? what.includes('/checkpoint') : what.startsWith('step');
  left -= isCounted ? 1 : 0;
  if (death && isCounted && left === 0) {
    say(`killed at ${what}`);
    if (death.delay > 0) {
      setTimeout(die, death.delay);
    } else {
      die();
    }
  }
}

const die = (): boolean => process.kill(process.pid, 'SIGKILL');

async function main(): Promise<void> {
  const storage = diskStorage(order.root, moment);
  const store = new TunedStore(storage, Date.now, new TrainingLock(storage, LOCK));
  const [manifest] = await store.list();
  const engine = connect<Engine & Trainings>(nodeChannel(new Worker(order.engine)));
  let told = 0;
  const session: TrainingSession = new TrainingSession(manifest, {
    store,
    open: async () => {
      await engine.start({ backend: 'wasm', threads: 1, traceBytes: 1e6 });
      const files = { ...filesOf(order.folder), ...wordTokenizer(order.vocabulary) };
      const buffers = [...new Set(Object.values(files).map(({ buffer }) => buffer))];
      const request = { id: 'model', name: path.basename(order.folder), files };
      await engine.loadModel(transfer(request, buffers));
      return { engine, model: request.id };
    },
    close: async () => undefined,
    changed: () => {
      const { step } = session.look;
      if (step > told) {
        told = step;
        say(`step ${step}`);
        moment(`step ${step}`);
      }
    },
    log: (what, error) => say(`error: ${what}: ${String(error)}`),
  });
  await session.run();
  say(`ended ${session.look.status} at ${session.look.step}`);
  process.exit(0);
}

main().catch((error: unknown) => {
  say(`error: ${String(error)}`);
  process.exit(1);
});
