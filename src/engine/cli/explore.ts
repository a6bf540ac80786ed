// The verb `explore`: all attention of a run as JSON, and every captured tensor as a safetensors file.
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../../shared/errors';
import type { Intervention } from '../../shared/intervention';
import { parseRecipe } from '../../shared/interventionRecipe';
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

/**
 * Writes one JSON object, a head at a time: the weights of a long text may be longer than the longest string.
 * Resolves when all of it was handed to `write`.
 */
export async function exploreCommand(
  command: ExploreCommand,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const { model, texts, to, decoderTexts, out } = command;
  const interventions = command.interventions === undefined ? [] : readInterventions(command.interventions);
  if (out !== undefined) {
    checkFolder(out);
  }
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
  const trace = await engine.explore({ model: MODEL, texts, decoder, interventions });
  if (out !== undefined) {
    const tensors = await captureAll(engine.trace(trace.id));
    save(out, writeSafetensors(tensors, { model: summary.name, texts: JSON.stringify(texts) }));
  }
  const about = {
    model: summary.name,
    family: summary.family,
    backend,
    language: trace.language,
    encoder: trace.encoder,
    decoder: trace.decoder,
    interventions: trace.interventions,
    timing: trace.timing,
  };
  await write(`${JSON.stringify(about).slice(0, -1)},"attentions":[`);
  for (const [index, attention] of summary.attentions.entries()) {
    await write(index === 0 ? '' : ',');
    await writeAttention(engine, trace.id, attention, texts.length, write);
  }
  await write(']}\n');
}

/** Read before the model is loaded, so that a mistake in the file is said at once. */
function readInterventions(file: string): readonly Intervention[] {
  let json: string;
  try {
    json = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('badRequest', `The recipe ${file} cannot be read: ${messageOf(error)}.`);
  }
  return parseRecipe(json).interventions;
}

/** A folder that cannot be written to is said before the model is run. */
function checkFolder(file: string): void {
  try {
    accessSync(path.dirname(path.resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UserError('badRequest', `The file ${file} cannot be written: ${messageOf(error)}.`);
  }
}

function save(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw new UserError('badRequest', `The file ${file} cannot be written: ${messageOf(error)}.`);
  }
}

/** One attention with its weights `[text][head][query][key]`. */
async function writeAttention(
  engine: ExplorerEngine,
  trace: string,
  { name, kind, layer, heads }: AttentionSummary,
  count: number,
  write: (text: string) => Promise<void>,
): Promise<void> {
  await write(`${JSON.stringify({ name, kind, layer, heads }).slice(0, -1)},"weights":[`);
  for (let batch = 0; batch < count; batch++) {
    await write(batch === 0 ? '[' : ',[');
    for (let head = 0; head < heads; head++) {
      const stage = { stage: 'weights', unit: 'pieces' } as const;
      const matrix = await engine.matrix({ trace, attention: name, head, batch, ...stage });
      await write(`${head === 0 ? '' : ','}${JSON.stringify(rowsOf(matrix))}`);
    }
    await write(']');
  }
  await write(']}');
}

/** Nine digits are all that a float32 has. */
function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    Array.from(rowOf(matrix, row), (weight) => Number(weight.toPrecision(9))),
  );
}
