// What changing the model costs: from a click to its effect on the shipped model, through the worker. Last line: all figures as JSON.
import process from 'node:process';
import type { Intervention } from '../src/shared/intervention';
import { shippedFiles, startEngine } from './engineWorker';
import { inTurn, report, time } from './measure';

const model = 'model';
/** As in the measurements of exploring. */
const sentence =
  'The old man walked slowly along the river because the weather was nice and he had a lot of time to think about his life.';
const short = "The animal didn't cross the street because it was too tired.";

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

const everywhere = { enabled: true, attentions: 'all', heads: 'all' } as const;
const clicks: Readonly<Record<string, Intervention>> = {
  head: { kind: 'headGate', enabled: true, attentions: ['encoder.1.self'], heads: [2], factor: 0 },
  scale: { kind: 'scoreScale', ...everywhere, scale: 'none' },
  mask: {
    kind: 'mask',
    ...everywhere,
    attentions: 'encoderSelf',
    texts: 'all',
    mask: { preset: 'window', size: 2 },
  },
  positions: { kind: 'positions', enabled: true, side: 'encoder', change: { to: 'remove' } },
};

/**
 * An effect is on the screen when the run under the intervention, its comparison with the run before and one head's matrix
 * have arrived. Beside it, what exploring the same text takes at the same moment: machines are busy with other things, too.
 */
async function effects(threads: number): Promise<void> {
  console.log(`\nShipped model, WASM, threads: ${threads}, from the click to the effect:`);
  const { engine, stop } = await startEngine(shippedFiles(), threads);
  for (const [size, text] of [
    ['short', short],
    ['long', sentence],
  ] as const) {
    const before = await engine.explore({ model, texts: [text] });
    const tokens = before.encoder[0].tokens.length;
    const click = async (intervention: Intervention) => {
      const after = await engine.intervene({ trace: before.id, interventions: [intervention] });
      const place = { attention: 'encoder.1.self', head: 2, batch: 0, unit: 'pieces' } as const;
      await engine.matrix({ trace: after.id, ...place, stage: 'weights' });
      await engine.compare({ trace: before.id, after: after.id, batch: 0 });
      await engine.releaseTrace({ trace: after.id });
    };
    const explore = async () => {
      const { id } = await engine.explore({ model, texts: [text] });
      await engine.releaseTrace({ trace: id });
    };
    if (size === 'short') {
      // As a view does when it opens; reading a question takes longer than what is prepared meanwhile.
      await engine.controls({ model });
      await new Promise((resolve) => setTimeout(resolve, 5000));
      figure(
        'first',
        'the very first click, 5 s after the view was opened',
        await time(() => click(clicks['scale'])),
        'ms',
        250,
      );
    }
    const actions = Object.entries(clicks).map(
      ([name, intervention]) => [name, () => click(intervention)] as const,
    );
    const medians = await inTurn(9, { explore, ...Object.fromEntries(actions) });
    figure(`explore${tokens}`, `exploring ${tokens} tokens without intervention`, medians['explore'], 'ms');
    for (const name of Object.keys(clicks)) {
      figure(`${name}${tokens}`, `${name}, ${tokens} tokens`, medians[name], 'ms', 250);
      figure(
        `${name}${tokens}Ratio`,
        `${name}, ${tokens} tokens ÷ exploring`,
        medians[name] / medians['explore'],
        '×',
      );
    }
    const items = 12;
    const sweep = { over: 'heads' } as const;
    const request = { trace: before.id, batch: 0, sweep, translate: true, count: items };
    const elapsed = await time(() => engine.sweep(request));
    figure(
      `sweep${tokens}`,
      `sweep, ${tokens} tokens, each head with its translation`,
      elapsed / items,
      'ms',
    );
  }
  await stop();
}

// On a machine that is busy with other things, threads wait for each other: `THREADS=1` measures the work itself.
await effects(Number(process.env['THREADS'] ?? 2));
console.log(JSON.stringify(figures));
process.exit(0);
