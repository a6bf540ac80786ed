// The verb `explore`: all attention of a run as JSON, and every captured tensor as a safetensors file.
import { writeFileSync } from 'node:fs';
import { messageOf, UserError } from '../../shared/errors';
import { writeSafetensors } from '../../shared/safetensors';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { DecoderInput } from '../../shared/trace';
import type { AttentionSummary } from '../../shared/modelSummary';
import type { ExplorerEngine } from '../explorerEngine';
import { captureAll } from '../captureAll';
import type { Command } from './arguments';
import { MODEL, openEngine } from './openEngine';

type ExploreCommand = Extract<Command, { readonly verb: 'explore' }>;

/** What is printed, as one JSON object. */
export async function exploreCommand(command: ExploreCommand): Promise<unknown> {
  const { model, texts, to, decoderTexts, out } = command;
  const { engine, backend } = await openEngine(model, command);
  const { summary } = engine.model(MODEL);
  if (summary.family !== 'encoder-decoder' && (to !== undefined || decoderTexts.length > 0)) {
    const message = `The model "${summary.name}" is ${summary.family}: --to and --decoder-text are for encoder-decoders.`;
    throw new UserError('badRequest', message);
  }
  const decoder: DecoderInput =
    decoderTexts.length > 0
      ? { from: 'text', texts: decoderTexts, language: to }
      : { from: 'translation', language: to };
  const trace = await engine.explore({ model: MODEL, texts, decoder });
  if (out !== undefined) {
    const tensors = await captureAll(engine.trace(trace.id));
    write(out, writeSafetensors(tensors, { model: summary.name, texts: JSON.stringify(texts) }));
  }
  const attentions: unknown[] = [];
  for (const attention of summary.attentions) {
    attentions.push(await attentionOf(engine, trace.id, attention, texts.length));
  }
  return {
    model: summary.name,
    family: summary.family,
    backend,
    language: trace.language,
    encoder: trace.encoder,
    decoder: trace.decoder,
    timing: trace.timing,
    attentions,
  };
}

function write(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw new UserError('badRequest', `The file ${file} cannot be written: ${messageOf(error)}.`);
  }
}

/** Weights `[text][head][query][key]`. */
async function attentionOf(
  engine: ExplorerEngine,
  trace: string,
  { name, kind, layer, heads }: AttentionSummary,
  count: number,
): Promise<unknown> {
  const weights: number[][][][] = [];
  for (let batch = 0; batch < count; batch++) {
    const text: number[][][] = [];
    for (let head = 0; head < heads; head++) {
      text.push(
        rowsOf(
          await engine.matrix({ trace, attention: name, head, batch, stage: 'weights', unit: 'pieces' }),
        ),
      );
    }
    weights.push(text);
  }
  return { name, kind, layer, heads, weights };
}

function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => [...rowOf(matrix, row)]);
}
