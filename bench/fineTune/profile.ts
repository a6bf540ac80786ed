// Where the time of a training step goes, from what the runtime tells of each node.
interface NodeEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly op_name: string; readonly output_size: string };
}

export interface StepProfile {
  /** Milliseconds inside nodes, of all steps that were told, by `forward` or `backward` and operator. */
  readonly nodes: readonly {
    readonly pass: 'forward' | 'backward';
    readonly operator: string;
    readonly ms: number;
  }[];
  /** Runs that are in `nodes`. */
  readonly runs: number;
  /** Bytes of the results of all nodes of the forward pass of one run. */
  readonly forwardBytes: number;
}

/** Ends the name of an event that tells how long a node has computed. */
const KERNEL = '_kernel_time';
/** Begins the names of what `buildGradient` writes. */
const BACKWARD = 'gradient/';

/** @param lines What the runtime prints when profiling ends. The first run warms up and is left out. */
export function readProfile(lines: readonly string[]): StepProfile {
  const events = lines
    .filter((line) => line.startsWith('{"cat"'))
    .map((line) => JSON.parse(line.replace(/,$/, '')) as NodeEvent);
  const runs = events.filter(({ name }) => name === 'model_run').slice(1);
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith(KERNEL));
  const sums = new Map<string, number>();
  let forwardBytes = 0;
  for (const run of runs) {
    for (const { name, ts, dur, args } of kernels) {
      if (ts >= run.ts && ts < run.ts + run.dur) {
        const pass = name.startsWith(BACKWARD) ? 'backward' : 'forward';
        const key = `${pass} ${args.op_name}`;
        sums.set(key, (sums.get(key) ?? 0) + dur / 1000);
        forwardBytes += pass === 'forward' ? Number(args.output_size) / runs.length : 0;
      }
    }
  }
  const nodes = [...sums].map(([key, ms]) => {
    const [pass, operator] = key.split(' ');
    return { pass: pass === 'backward' ? pass : 'forward', operator, ms } as const;
  });
  return { nodes: nodes.sort((a, b) => b.ms - a.ms), runs: runs.length, forwardBytes };
}
